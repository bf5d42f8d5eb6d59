#include "run/steps.h"

#include "base/date.h"
#include "base/file.h"
#include "run/collect.h"
#include "run/mapping_change.h"
#include "run/stages.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

bool
step_lock(struct run *run, struct error *err)
{
    run->workshop = workshop_open(run->settings->spool, run->settings->name, err);
    if (!run->workshop)
        return false;
    package_clean(workshop_folder(run->workshop), run->messenger);
    return true;
}

/* A run begins some seconds earlier or later than the one a week ago: a 24th of the time is not
 * waited for. */
static bool
is_long_ago(time_t then, time_t now, unsigned seconds)
{
    return now - then + (time_t)(seconds / 24) >= (time_t)seconds;
}

/* Whether a run that is to send only those who changed has to send everybody. That `--changed` was
 * asked for takes the place of the settings, but makes nothing known to Alma that is not. */
static bool
must_be_full(const struct run *run, bool *ret_full, struct error *err)
{
    unsigned every = run->settings->changes.full_every_seconds;
    time_t last_full;

    if (!state_last_full_run(run->state, &last_full, err) ||
        !state_has_imported(run->state, ret_full, err))
        return false;
    *ret_full &= run->settings->mode != SETTINGS_MODE_IMPORT;
    if (*ret_full) {
        message_say(run->messenger, MESSAGE_INFO,
                    "this run is a full one, as an import changes nobody whom Alma knows already");
    } else if (run->options->who == RUN_AS_SET && every > 0 &&
               is_long_ago(last_full, run->now, every)) {
        *ret_full = true;
        message_say(run->messenger, MESSAGE_INFO, "this run is a full one: 'changes.full_every'");
    }
    return true;
}

static bool
decide_who(struct run *run, struct error *err)
{
    run->full =
        run->options->who == RUN_FULL || run->options->kind == RUN_BASELINE ||
        (run->options->who == RUN_AS_SET && run->settings->changes.mode == SETTINGS_CHANGES_FULL);
    if (!run->full && run->state && !must_be_full(run, &run->full, err))
        return false;
    report_set_changes(run->report, run->full ? "full" : "changed");
    return true;
}

/* Dates such as expiry_date come from the clock; no later run takes a wrong one for a change. */
static bool
check_clock(const struct run *run, struct error *err)
{
    enum { DAY_SECONDS = 24 * 3600 };
    const struct state_query newest = {.fates = 1u << STATE_DELIVERED, .most = 1};
    struct state_package *last;
    size_t count;

    if (!run->state || run->options->who == RUN_FULL)
        return true;
    if (!state_list_packages(run->state, &newest, run->arena, &last, &count, err))
        return false;
    if (count == 0 || last->changed - run->now < DAY_SECONDS)
        return true;
    error_set(err, ERROR_BRAKE,
              "the clock shows %s, and the last delivery was on %s: nothing is delivered",
              date_format(run->arena, date_of_time(run->now)),
              date_format(run->arena, date_of_time(last->changed)));
    return error_hint(err,
                      "Set the clock right. If it is right now, it was not at that delivery: 'run "
                      "--full' sends the dates of records anew.");
}

bool
step_state(struct run *run, struct error *err)
{
    const char *path = run->settings->state;
    bool dry = run->options->kind == RUN_DRY;

    if (!dry || state_is_there(path)) {
        run->state = state_open(path, run->settings->name, dry ? STATE_READ : STATE_WRITE, err);
        if (!run->state)
            return false;
    }
    if (!decide_who(run, err))
        return false;
    run->record = (struct state_run){
        .started = run->now, .mode = run_mode(run->settings, run->options), .full = run->full};
    return (dry || state_begin_run(run->state, &run->record, &run->record.id, err)) &&
           check_clock(run, err);
}

/* Two feeds that have one name and deliver to one place, as those of two machines may, must not
 * take each other's temporary files for their own. */
static bool
mark_target(struct run *run, struct error *err)
{
    struct slice kept;
    uint32_t chance;

    if (run->options->kind == RUN_DRY)
        return true;
    if (!state_get(run->state, "mark", run->arena, &kept, err))
        return false;
    if (!kept.data) {
        if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
            return error_set(err, ERROR_INTERNAL, "cannot draw a number: %s", strerror(errno));
        kept = slice_of(arena_format(run->arena, "%08" PRIx32, chance));
        if (!state_put(run->state, "mark", kept, err))
            return false;
    }
    target_set_mark(run->target, arena_copy(run->arena, kept.data, kept.length));
    return true;
}

static bool
has_delivered(const struct run *run, const char *target, bool *ret_delivered, struct error *err)
{
    const struct state_query query = {.fates = 1u << STATE_DELIVERED, .target = target, .most = 1};
    struct state_package *packages;
    size_t count;
    bool ok = state_list_packages(run->state, &query, run->arena, &packages, &count, err);

    *ret_delivered = ok && count > 0;
    return ok;
}

/* What state knows was delivered elsewhere, perhaps to another Alma: to a sandbox, say. */
static bool
send_all_to_new_target(struct run *run, struct error *err)
{
    bool anywhere, here;

    if (run->full || !run->state)
        return true;
    if (!has_delivered(run, NULL, &anywhere, err) ||
        !has_delivered(run, target_name(run->target), &here, err))
        return false;
    if (!anywhere || here)
        return true;
    run->full = true;
    report_set_changes(run->report, "full");
    message_say(run->messenger, MESSAGE_NOTICE,
                "this run is a full one, as nothing was ever delivered to '%s'",
                target_name(run->target));
    return true;
}

/* Everything that can be wrong on our side is found before anybody is asked. */
bool
step_prepare(struct run *run, struct error *err)
{
    struct mapping_options options = stages_mapping_options(run->settings, run->now);
    struct finding_sink findings = report_sink(run->report);

    options.findings = &findings;
    run->attributes = attributes_new();
    run->mapping = mapping_load(&options, run->attributes, run->messenger, err);
    if (!run->mapping)
        return false;
    run->digests = mapping_digests(run->mapping, run->arena);
    run->identity = identity_add_attributes(run->attributes);
    run->target = stages_open_target(run->arena, run->settings, run->messenger, err);
    if (!run->target || !mark_target(run, err) || !stages_check_secrets(run->settings, err) ||
        !send_all_to_new_target(run, err))
        return false;
    run->source = stages_open_source(run->arena, run->settings, run->messenger);
    run->people = people_new();
    run->spool = spool_open(workshop_folder(run->workshop), err);
    return run->spool != NULL;
}

bool
step_settle(struct run *run, struct error *err)
{
    const struct outbox outbox = run_outbox(run);

    if (!outbox_settle(&outbox, err))
        return false;
    target_disconnect(run->target);
    /* What lies here still was delivered, or is planned anew. */
    workshop_remove_packages(run->workshop, run->messenger);
    return true;
}

bool
step_read(struct run *run, struct error *err)
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
        .messenger = run->messenger,
        .rehearsal = run->options->kind == RUN_DRY,
    };

    return collect_people(&collect, &run->complete, err);
}

enum { MIN_USERS = 1 };

/* A feed without anybody is never what was meant: a wrong base, a right that was taken away. */
static bool
stop_empty_feed(const struct run *run, const struct report_counts *counts, struct error *err)
{
    if (counts->read == 0 && run->settings->directory.ldif)
        return error_set(err, ERROR_BRAKE,
                         "the LDIF '%s' holds no entry at all: nothing is delivered",
                         run->settings->directory.ldif);
    if (counts->read == 0) {
        error_set(err, ERROR_BRAKE, "the directory gave no entry at all: nothing is delivered");
        return error_hint(err, "Look at the searches' base and filter, and at what the account "
                               "may read: many directories hide entries rather than refuse.");
    }
    error_set(err, ERROR_BRAKE,
              "no record is left to send: %" PRIu64 " read, %" PRIu64 " skipped, %" PRIu64
              " rejected, %" PRIu64 " held: nothing is delivered",
              counts->read, counts->skipped, counts->rejected, counts->held);
    return error_hint(err, "The findings in the report say why.");
}

bool
step_judge(struct run *run, struct error *err)
{
    struct report_counts *counts = report_counts(run->report);
    const struct finding_sink findings = report_sink(run->report);
    struct people_verdict verdict;

    if (!people_judge(run->people, run->spool, &findings, &verdict, err))
        return false;
    counts->read -= verdict.twice;
    counts->held += verdict.held;
    if (verdict.twice > 0)
        message_say(run->messenger, MESSAGE_INFO,
                    "found by several searches and counted once: %" PRIu64, verdict.twice);
    return true;
}

/* What a new mapping, or a new version, would change in Alma, before it does. */
static bool
tell_changes(const struct run *run, struct error *err)
{
    const struct comparison *comparison = &run->comparison;
    enum message_level level = run->options->kind == RUN_DRY ? MESSAGE_NOTICE : MESSAGE_INFO;
    const char *fields = "", *mapping = NULL;
    struct slice before;

    if (!run->state)
        return true;
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

bool
step_compare(struct run *run, struct error *err)
{
    struct report_counts *counts = report_counts(run->report);
    const struct compare compare = {
        .settings = run->settings,
        .state = run->state,
        .people = run->people,
        .spool = run->spool,
        .full = run->full,
        /* Nobody leaves by a baseline: it sends no last records. */
        .complete = run->complete && run->options->kind != RUN_BASELINE,
        .now = run->now,
        .messenger = run->messenger,
        .report = run->report,
        .arena = run->arena,
    };
    uint64_t fit;

    if (!compare_people(&compare, &run->comparison, err))
        return false;
    fit = people_count_verdict(run->people, PERSON_FIT);
    counts->held += run->comparison.held;
    counts->unchanged = run->comparison.unchanged;
    counts->fresh = run->comparison.fresh;
    counts->changed = run->comparison.changed;
    counts->resent = run->comparison.resent;
    counts->sent = counts->fresh + counts->changed + counts->resent;
    counts->leavers = compare.complete ? run->comparison.missing : 0;
    counts->expired = run->comparison.leaving;
    report_set_changed_fields(run->report, run->comparison.changed_fields);
    report_add_brake(run->report,
                     &(struct report_brake){"min_users", fit, MIN_USERS, fit < MIN_USERS});
    if (fit < MIN_USERS)
        return stop_empty_feed(run, counts, err);
    if (!report_adds_up(run->report))
        return error_set(err, ERROR_INTERNAL,
                         "the counts of people do not add up: nothing is sent");
    if (!tell_changes(run, err))
        return false;
    run->record_count = people_send(run->people, &run->records, &run->senders);
    return true;
}
