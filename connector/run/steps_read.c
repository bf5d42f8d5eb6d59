#include "run/steps.h"

#include "run/brakes.h"
#include "run/collect.h"
#include "run/collisions.h"
#include "run/mapping_change.h"
#include "run/push_source.h"
#include "run/relink.h"
#include "run/stages.h"

#include <inttypes.h>
#include <string.h>

/* A run that goes on to remember asks the directory, and so does its rehearsal. */
static bool
begin_detection(struct run *run, struct error *err)
{
    const struct detect detect = {
        .settings = run->settings,
        .state = run->state,
        .source = run->source,
        .attributes = run->attributes,
        .mapping = run->mapping,
        .mapping_digests = run->digests,
        .match_id = mapping_match_id(run->mapping),
        .people = run->people,
        .spool = run->spool,
        .report = run->report,
        .messenger = run->messenger,
        .arena = run->arena,
        .now = run->now,
        .run = run->record.id,
        .full = run->full,
    };

    if (!(run->options->kind & (RUN_REAL | RUN_DRY)) || !detection_is_wanted(run->settings))
        return true;
    run->detection = detection_new(&detect);
    return detection_ask(run->detection, err);
}

static bool
read_people(struct run *run, struct error *err)
{
    const struct collect collect = {
        .source = run->source,
        .attributes = run->attributes,
        .identity = &run->identity,
        .mapping = run->mapping,
        .record_type = run->settings->record_type,
        .people = run->people,
        .spool = run->spool,
        .report = run->report,
        .matters = run->matters,
        .messenger = run->messenger,
        .result = &run->read,
        .rehearsal = run->options->kind == RUN_DRY,
        .read = run->detection ? detection_read : NULL,
        .context = run->detection,
        .tally = run->detection ? &run->tally : NULL,
    };

    return collect_people(&collect, &run->complete, err);
}

/* A server whose connection nobody needs any more is not kept waiting. What was found by search is
 * the source's. */
static void
close_source(struct run *run)
{
    struct source_result *read = &run->read;

    if (read->found) {
        uint64_t *found = arena_alloc(run->arena, read->search_count * sizeof *found);

        memcpy(found, read->found, read->search_count * sizeof *found);
        read->found = found;
    }
    source_close(run->source);
    run->source = NULL;
}

static bool
is_released(const struct run *run)
{
    for (size_t i = 0; i < run->options->release_count; i++)
        if (strcmp(run->options->releases[i], "missing") == 0)
            return true;
    return false;
}

/* Who was pushed since the copy was made has not left: whoever puts one back has to say so. */
static bool
refuse_old_store(const struct run *run, const struct push_moment *last, enum push_since since,
                 struct error *err)
{
    const char *path = run->settings->directory.push.entries;

    if (since == PUSH_OLDER)
        error_set(err, ERROR_BRAKE,
                  "the store of pushed people '%s' is older than at the last delivery (change "
                  "%" PRId64 ", and %" PRId64 " then): nothing is delivered",
                  path, run->pushed.newest, last->newest);
    else
        error_set(err, ERROR_BRAKE,
                  "the store of pushed people '%s' was put back from a copy that is older than the "
                  "last delivery: nothing is delivered",
                  path);
    return error_hint(err, "Put back a newer copy, or push everybody again; then 'run --release "
                           "missing' delivers. Whoever is not pushed again would count as a "
                           "leaver.");
}

static bool
look_at_store(struct run *run, struct error *err)
{
    struct push_moment last;
    enum push_since since = PUSH_GOES_ON;

    if (!run->settings->directory.push.set)
        return true;
    if (!push_moment_load(run->state, run->arena, &last, err) ||
        !push_source_moment(run->source, &run->pushed, err) ||
        (last.mark.data && !push_source_compare(run->source, &last, &since, err)))
        return false;
    run->pushed.mark = arena_slice(run->arena, run->pushed.mark);
    if (run->pushed.token.data)
        run->pushed.token = arena_slice(run->arena, run->pushed.token);
    if (since == PUSH_ANOTHER)
        message_say(run->messenger, MESSAGE_WARNING,
                    "the store of pushed people '%s' is another one than at the last delivery",
                    run->settings->directory.push.entries);
    return (since != PUSH_OLDER && since != PUSH_PUT_BACK) || is_released(run) ||
           refuse_old_store(run, &last, since, err);
}

bool
step_read(struct run *run, struct error *err)
{
    bool ok = look_at_store(run, err) && begin_detection(run, err) && read_people(run, err);

    close_source(run);
    return ok && (detection_is_part(run->detection) || state_check_pages(run->state, err));
}

bool
step_judge(struct run *run, struct error *err)
{
    struct report_counts *counts = report_counts(run->report);
    const struct finding_sink findings = matters_sink(run->matters);
    struct collisions found;

    if (!collisions_find(run->people, run->spool, &findings, &found, err))
        return false;
    counts->read -= found.twice;
    counts->held += found.held;
    if (found.twice > 0)
        message_say(run->messenger, MESSAGE_INFO,
                    "found by several searches and counted once: %" PRIu64, found.twice);
    return true;
}

bool
step_relink(struct run *run, struct error *err)
{
    const struct relink relink = {
        .state = run->state,
        .people = run->people,
        .spool = run->spool,
        .messenger = run->messenger,
        .rehearsal = run->options->kind == RUN_RELINK_DRY,
    };

    return relink_people(&relink, err);
}

/* What a new mapping, or a new version, would change in Alma, before it does. */
static bool
tell_changes(const struct run *run, struct error *err)
{
    const struct comparison *comparison = &run->comparison;
    enum message_level level = run->options->kind == RUN_DRY ? MESSAGE_NOTICE : MESSAGE_INFO;
    const char *fields = "", *mapping = NULL;
    struct slice before;

    if (!state_get(run->state, "mapping", run->arena, &before, err))
        return false;
    if (before.data)
        mapping = mapping_difference(before, run->digests, run->arena);
    if (mapping)
        message_say(run->messenger, level, "the mapping is another one than at the last run: %s",
                    mapping);
    for (size_t i = 0; i < user_field_count; i++)
        if (comparison->changed_fields[i] > 0)
            fields = arena_format(run->arena, "%s%s %s %" PRIu64, fields, fields[0] ? "," : ":",
                                  user_fields[i].name, comparison->changed_fields[i]);
    if (mapping || comparison->changed > 0)
        message_say(run->messenger, level,
                    "%" PRIu64 " of %" PRIu64 " people have changed since their last delivery%s",
                    comparison->changed, comparison->known, fields);
    return true;
}

/* Who has a new immutable id is another person, unless nearly everybody has one. */
static bool
stop_rebuilt(const struct run *run, struct error *err)
{
    const struct comparison *comparison = &run->comparison;

    error_set(err, ERROR_BRAKE,
              "the directory seems to have been rebuilt: %" PRIu64 " people came with another "
              "immutable id and the match identifier that they had, only %" PRIu64 " with the id "
              "that state knows: nothing is delivered",
              comparison->with_new_ids, comparison->with_known_ids);
    return error_hint(err, "If they are the same people, 'ldap2alma identity relink' takes over "
                           "their new ids; look at 'ldap2alma identity relink --dry-run' first. If "
                           "identifiers were given to other people, correct that in the "
                           "directory: Alma would mix up their loans.");
}

static void
report_comparison(const struct run *run, bool complete)
{
    const struct comparison *comparison = &run->comparison;
    struct report_counts *counts = report_counts(run->report);

    counts->held += comparison->held;
    counts->unchanged = comparison->unchanged;
    counts->fresh = comparison->fresh;
    counts->changed = comparison->changed;
    counts->resent = comparison->resent;
    counts->sent = counts->fresh + counts->changed + counts->resent;
    counts->leavers = complete ? comparison->missing : 0;
    counts->expired = comparison->leaving;
    report_set_changed_fields(run->report, comparison->changed_fields);
}

bool
step_compare(struct run *run, struct error *err)
{
    struct compare_part part = {0};
    const struct compare compare = {
        .settings = run->settings,
        .state = run->state,
        .people = run->people,
        .spool = run->spool,
        .match_id = mapping_match_id(run->mapping),
        .full = run->full,
        /* Nobody leaves by a baseline: it sends no last records. */
        .complete = run->complete && run->options->kind != RUN_BASELINE &&
                    detection_tells_leavers(run->detection),
        .now = run->now,
        .messenger = run->messenger,
        .report = run->report,
        .findings = matters_sink(run->matters),
        .arena = run->arena,
        .for_roster = run->detection != NULL,
        .part = detection_is_part(run->detection) ? &part : NULL,
    };

    if ((compare.part && !detection_part(run->detection, &part, err)) ||
        !compare_people(&compare, &run->comparison, err))
        return false;
    run->judged = true;
    report_comparison(run, compare.complete);
    run->whole = detection_whole(run->detection, report_counts(run->report));
    if (run->comparison.rebuilt)
        return stop_rebuilt(run, err);
    /* Who is held can be accepted whatever else stops this run. */
    if (!state_set_claims(run->state, run->comparison.claims, run->comparison.claim_count, err))
        return false;
    if (!report_adds_up(run->report))
        return error_set(err, ERROR_INTERNAL,
                         "the counts of people do not add up: nothing is sent");
    if (!tell_changes(run, err))
        return false;
    run->record_count = people_send(run->people, &run->records, &run->senders);
    return true;
}

/* A run that has gone through remembers its mapping; what a run that was cut short delivered is no
 * whole feed to compare with. */
bool
step_brakes(struct run *run, struct error *err)
{
    struct brakes brakes = {
        .settings = run->settings,
        .releases = run->options->releases,
        .release_count = run->options->release_count,
        .today = stages_time_options(run->now).today,
        .comparison = &run->comparison,
        .whole = &run->whole,
        .source = &run->read,
        .report = run->report,
        .messenger = run->messenger,
        .arena = run->arena,
    };
    struct slice mapping = SLICE_NONE;

    if (!state_get(run->state, "mapping", run->arena, &mapping, err) ||
        !state_get(run->state, "searches", run->arena, &brakes.searched, err))
        return false;
    brakes.ran_before = mapping.data && run->comparison.known + run->comparison.expired > 0;
    return brakes_hold(&brakes, err);
}
