#include "run/steps.h"

#include "base/date.h"
#include "run/keep.h"
#include "run/mapping_change.h"
#include "run/stages.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

bool
step_lock(struct run *run, struct error *err)
{
    bool dry = run->options->kind == RUN_DRY;
    const char *spool = run->settings->spool, *feed = run->settings->name;

    run->workshop = dry ? workshop_rehearse(spool, feed, err) : workshop_open(spool, feed, err);
    if (!run->workshop)
        return false;
    if (!dry)
        package_clean(workshop_folder(run->workshop), run->messenger);
    return !run->options->keep || keep_prepare(run->settings, run->options->keep, err);
}

/* A run begins some seconds earlier or later than the one a week ago: a 24th of the time is not
 * waited for. A time to come is one of a clock that was wrong. */
static bool
is_long_ago(time_t then, time_t now, unsigned seconds)
{
    return then > now || now - then + (time_t)(seconds / 24) >= (time_t)seconds;
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
    if (!run->full && !must_be_full(run, &run->full, err))
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

    if (run->options->who == RUN_FULL)
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

/* To check every page takes longer than a run in which nobody has changed: what such a run reads is
 * checked as it is read, and a file that somebody else has written to, or in which a run was cut
 * short, is checked in any case. A run that reads everybody checks it all. */
static bool
may_be_part(const struct run *run)
{
    return run->options->kind == RUN_REAL && run->options->who != RUN_FULL &&
           detection_is_wanted(run->settings);
}

bool
step_state(struct run *run, struct error *err)
{
    const char *path = run->settings->state;
    const char *feed = run->settings->name;
    bool dry = run->options->kind == RUN_DRY || run->options->kind == RUN_RELINK_DRY;

    run->state = dry ? state_open_copy(path, feed, workshop_folder(run->workshop), err)
                     : state_open(path, feed, may_be_part(run) ? STATE_RESUME : STATE_WRITE, err);
    if (!run->state || !decide_who(run, err) || (run->full && !state_check_pages(run->state, err)))
        return false;
    run->record = (struct state_run){
        .started = run->now, .mode = run_mode(run->settings, run->options), .full = run->full};
    return state_begin_run(run->state, &run->record, &run->record.id, err) && check_clock(run, err);
}

static bool
draw(void *ret_bytes, size_t size, struct error *err)
{
    return getrandom(ret_bytes, size, 0) == (ssize_t)size ||
           error_set(err, ERROR_INTERNAL, "cannot draw a number: %s", strerror(errno));
}

/* Two feeds that have one name and deliver to one place, as those of two machines may, must not
 * take each other's temporary files for their own. */
const char *
run_mark(struct state *state, struct arena *arena, struct error *err)
{
    struct slice kept;
    uint32_t chance;

    if (!state_get(state, "mark", arena, &kept, err))
        return NULL;
    if (!kept.data) {
        if (!draw(&chance, sizeof chance, err))
            return NULL;
        kept = slice_of(arena_format(arena, "%08" PRIx32, chance));
        if (!state_put(state, "mark", kept, err))
            return NULL;
    }
    return arena_copy(arena, kept.data, kept.length);
}

static bool
mark_target(struct run *run, struct error *err)
{
    const char *mark = run_mark(run->state, run->arena, err);

    if (mark)
        target_set_mark(run->target, mark);
    return mark != NULL;
}

/* Whoever may give groups and people their names must not be able to work out which of them the
 * program takes for one. */
static bool
seed_source(struct run *run, struct error *err)
{
    int64_t seed;

    if (!state_get_number(run->state, "seed", &seed, err))
        return false;
    if (seed == 0 &&
        (!draw(&seed, sizeof seed, err) || !state_put_number(run->state, "seed", seed, err)))
        return false;
    source_set_seed(run->source, (uint64_t)seed);
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

    if (run->full)
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
    if (!seed_source(run, err))
        return false;
    run->people = people_new();
    run->spool = spool_open(workshop_folder(run->workshop), err);
    if (run->spool)
        run->matters = matters_new(run->spool, run->report);
    return run->spool &&
           confinement_enter(run->options->confinement, workshop_folder(run->workshop),
                             run->options->keep, run->messenger, err);
}

bool
step_settle(struct run *run, struct error *err)
{
    const struct outbox outbox = run_outbox(run);

    if (!outbox_settle(&outbox, err))
        return false;
    target_disconnect(run->target);
    /* What lies here still was delivered, or is planned anew. */
    if (run->options->kind != RUN_DRY)
        workshop_remove_packages(run->workshop, run->messenger);
    return true;
}
