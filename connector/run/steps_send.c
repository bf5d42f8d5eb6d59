#include "run/steps.h"

#include "run/sample.h"
#include "run/stages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
step_check_sample(struct run *run, struct error *err)
{
    return sample_check(run->spool, run->records, run->record_count, run->messenger, err);
}

static void
report_packages(struct run *run)
{
    for (size_t i = 0; i < run->packages.count; i++) {
        const struct package *package = &run->packages.items[i];

        report_add_package(run->report, &(struct report_package){.name = package->name,
                                                                 .records = package->records,
                                                                 .files = package->files,
                                                                 .bytes = package->bytes,
                                                                 .sha256 = package->sha256});
    }
}

static bool
say_nothing_to_send(const struct run *run)
{
    message_say(run->messenger, MESSAGE_NOTICE,
                "nothing to send: all %" PRIu64 " people are as Alma has them",
                report_counts(run->report)->unchanged);
    return true;
}

/* No two packages ever have one name; state remembers the last. */
static const char *
name_packages(struct run *run, struct error *err)
{
    struct slice text = SLICE_NONE;
    long long last = 0;
    time_t named;
    const char *prefix;

    if (run->state && !state_get(run->state, "named", run->arena, &text, err))
        return NULL;
    if (text.data)
        (void)sscanf(arena_copy(run->arena, text.data, text.length), "%lld", &last);
    prefix = workshop_name_packages(run->workshop, settings_mode_name(run->settings->mode),
                                    (time_t)last, run->arena, &named);
    text = slice_of(arena_format(run->arena, "%lld", (long long)named));
    if (run->options->kind == RUN_REAL && !state_put(run->state, "named", text, err))
        return NULL;
    return prefix;
}

bool
step_pack(struct run *run, struct error *err)
{
    struct package_options options;
    const char *prefix;

    if (run->record_count == 0)
        return say_nothing_to_send(run);
    prefix = name_packages(run, err);
    if (!prefix)
        return false;
    options =
        stages_package_options(run->settings, workshop_folder(run->workshop), prefix, run->now);
    if (!package_build(run->spool, run->records, run->record_count, &options, run->arena,
                       run->messenger, &run->packages, err))
        return false;
    run->records = NULL;
    people_drop_records(run->people);
    report_packages(run);
    return true;
}

bool
step_discard(struct run *run, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < run->packages.count; i++)
        (void)unlink(run->packages.items[i].path);
    return true;
}

struct outbox
run_outbox(const struct run *run)
{
    return (struct outbox){run->settings,  run->state, run->target, workshop_folder(run->workshop),
                           run->messenger, run->arena};
}

/* Whether state has the last records of everybody; it may not where nobody wanted them before. */
static bool
records_are_kept(const struct run *run, bool *ret_kept, struct error *err)
{
    struct slice kept;
    bool ok = state_get(run->state, "records", run->arena, &kept, err);

    *ret_kept = ok && slice_equal(kept, slice_of("kept"));
    return ok;
}

static bool
plan(struct run *run, const struct packages *packages, struct error *err)
{
    const struct outbox outbox = run_outbox(run);
    bool wanted = run->settings->leavers.policy == SETTINGS_LEAVERS_EXPIRE, kept;

    if (!records_are_kept(run, &kept, err))
        return false;
    run->plan = (struct outbox_plan){
        .packages = packages,
        .people = run->senders,
        .index = run->people,
        .spool = run->spool,
        .run = run->record.id,
        .keep_records = wanted,
        .keep_unchanged = wanted && !kept,
        .everybody = run->full,
        .spared = run->comparison.spared,
        .spared_count = run->comparison.spared_count,
    };
    return outbox_plan(&outbox, &run->plan, err);
}

bool
step_plan(struct run *run, struct error *err)
{
    return run->packages.count == 0 || plan(run, &run->packages, err);
}

static void
note_deliveries(struct run *run, const struct delivery_file *files)
{
    for (size_t i = 0; i < run->packages.count; i++)
        if (files[i].delivered)
            report_set_delivered(run->report, i);
}

/* Alma takes so many packages a run; what waits there already goes first. */
static bool
hold_back(const struct run *run, unsigned room, struct error *err)
{
    error_set(err, ERROR_UNAVAILABLE,
              "Alma has not taken what was delivered before: %zu of %zu packages are held back, as "
              "no more than %u may wait at '%s'",
              run->packages.count - room, run->packages.count, run->settings->package.max_packages,
              target_name(run->target));
    return error_hint(err, "Look whether Alma's integration profile is active and reads this "
                           "directory; the next run sends what was held back.");
}

static bool
deliver(struct run *run, struct delivery_file *files, struct error *err)
{
    const struct outbox outbox = run_outbox(run);
    unsigned room;
    size_t count = run->packages.count;

    if (!outbox_room(&outbox, &room, err))
        return false;
    if (room < count)
        count = room;
    if (!outbox_deliver(&outbox, &run->plan, files, count, err))
        return error_prefix(err, "delivery to '%s' failed", target_name(run->target));
    return count == run->packages.count || hold_back(run, room, err);
}

bool
step_deliver(struct run *run, struct error *err)
{
    const struct outbox outbox = run_outbox(run);
    struct delivery_file *files = arena_alloc(run->arena, run->packages.count * sizeof *files);
    bool ok;

    report_set_target(run->report, target_name(run->target));
    if (run->packages.count == 0) {
        outbox_tidy(&outbox);
        return true;
    }
    for (size_t i = 0; i < run->packages.count; i++)
        files[i] =
            (struct delivery_file){run->packages.items[i].path, run->packages.items[i].name, false};
    ok = deliver(run, files, err);
    note_deliveries(run, files);
    return ok;
}

/* As if everybody had been delivered in one package, which is no file. */
bool
step_baseline(struct run *run, struct error *err)
{
    struct package pretended = {.records = run->record_count};
    struct packages one = {&pretended, 1};

    if (run->record_count == 0)
        return true;
    pretended.name = arena_format(run->arena, "baseline-%" PRId64, run->record.id);
    return plan(run, &one, err) && state_deliver(run->state, run->plan.ids[0], err) &&
           state_set_taken(run->state, run->plan.ids[0], true, err);
}

/* Last records must be there for everybody before the first one leaves: also for those who were
 * delivered when nobody wanted them. */
static bool
keep_records(struct run *run, struct error *err)
{
    struct arena *arena = arena_new();
    struct buffer kept = BUFFER_INIT;
    bool ok = state_plan_begin(run->state, err);

    for (size_t i = 0; ok && i < people_count(run->people); i++) {
        const struct person *person = &people_items(run->people)[i];
        char *record;

        if (person->verdict != PERSON_FIT || person->sending != SENDING_NOT)
            continue;
        arena_reset(arena);
        kept.length = 0;
        record = arena_bytes(arena, person->length);
        ok = spool_read(run->spool, person->offset + person->label, record, person->length, err);
        if (!ok)
            break;
        package_deflate((struct slice){record, person->length}, &kept);
        ok = state_keep_record(run->state, people_key(run->people, person),
                               (struct slice){kept.data, kept.length}, err);
    }
    buffer_free(&kept);
    arena_free(arena);
    return state_plan_end(run->state, ok, err) && ok;
}

static bool
settle_records(struct run *run, struct error *err)
{
    bool wanted = run->settings->leavers.policy == SETTINGS_LEAVERS_EXPIRE, kept;

    if (!records_are_kept(run, &kept, err))
        return false;
    if (wanted == kept)
        return true;
    return (!wanted || keep_records(run, err)) &&
           state_put(run->state, "records", slice_of(wanted ? "kept" : "not kept"), err);
}

/* Only what a whole run has seen. */
bool
step_remember(struct run *run, struct error *err)
{
    const struct comparison *seen = &run->comparison;

    return (seen->absence_count == 0 ||
            state_set_absences(run->state, seen->absences, seen->absence_count, err)) &&
           (seen->succeeded_count == 0 ||
            state_remove_people(run->state, seen->succeeded, seen->succeeded_count, err)) &&
           settle_records(run, err) && state_put(run->state, "mapping", run->digests, err);
}
