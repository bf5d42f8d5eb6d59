#include "run/steps.h"

#include "run/check_run.h"
#include "run/differences.h"
#include "run/prove.h"
#include "run/sample.h"
#include "run/searches.h"
#include "run/stages.h"

#include <inttypes.h>

bool
step_diff(struct run *run, struct error *err)
{
    const struct differences differences = {
        .state = run->state,
        .people = run->people,
        .spool = run->spool,
        .senders = run->senders,
        .sender_count = run->record_count,
        .report = run->report,
        .messenger = run->messenger,
    };

    return !run->options->diff || differences_tell(&differences, run->options->diff, err);
}

bool
step_check_sample(struct run *run, struct error *err)
{
    size_t most = sample_size(run->record_count, detection_is_part(run->detection));

    return sample_check(run->spool, run->records, run->record_count, most, run->messenger, err);
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
                run->whole.unchanged);
    return true;
}

/* No two packages ever have one name; state remembers the last. */
static const char *
name_packages(struct run *run, struct error *err)
{
    int64_t last;
    time_t named;
    const char *prefix;

    if (!state_get_number(run->state, "named", &last, err))
        return NULL;
    prefix = workshop_name_packages(run->workshop, settings_mode_name(run->settings->mode),
                                    (time_t)last, run->arena, &named);
    return state_put_number(run->state, "named", named, err) ? prefix : NULL;
}

static const char *
package_folder(const struct run *run)
{
    return run->options->keep ? run->options->keep : workshop_folder(run->workshop);
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
    options = stages_package_options(run->settings, package_folder(run), prefix, run->now);
    if (!package_build(run->spool, run->records, run->record_count, &options, run->arena,
                       run->messenger, &run->packages, err))
        return false;
    run->records = NULL;
    people_drop_records(run->people);
    report_packages(run);
    return true;
}

bool
step_prove(struct run *run, struct error *err)
{
    const struct prove prove = {
        .packages = &run->packages,
        .people = run->senders,
        .count = run->record_count,
        .match_id = mapping_match_id(run->mapping),
        .messenger = run->messenger,
    };

    return run->packages.count == 0 || prove_packages(&prove, err);
}

/* Packages that are not to be kept go with the folder of the rehearsal. */
bool
step_keep(struct run *run, struct error *err)
{
    (void)err;
    if (!run->options->keep)
        return true;
    report_set_kept(run->report, run->options->keep);
    message_say(run->messenger, MESSAGE_NOTICE, "%zu package%s kept in '%s'", run->packages.count,
                run->packages.count == 1 ? " is" : "s are", run->options->keep);
    return true;
}

struct outbox
run_outbox(const struct run *run)
{
    return (struct outbox){
        .settings = run->settings,
        .state = run->state,
        .target = run->target,
        .folder = workshop_folder(run->workshop),
        .messenger = run->messenger,
        .arena = run->arena,
        .rehearsal = run->options->kind == RUN_DRY,
    };
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
    bool wanted = settings_keep_records(run->settings), kept;

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
        .aliases = run->comparison.aliases,
        .alias_count = run->comparison.alias_count,
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

/* What would await the packages at the target; they stay here. */
bool
step_room(struct run *run, struct error *err)
{
    const struct outbox outbox = run_outbox(run);
    unsigned room;

    report_set_target(run->report, target_name(run->target));
    if (run->packages.count == 0)
        return true;
    return outbox_room(&outbox, &room, err) &&
           (room >= run->packages.count || hold_back(run, room, err));
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
        struct slice record;

        if (person->verdict != PERSON_FIT || person->sending != SENDING_NOT)
            continue;
        arena_reset(arena);
        kept.length = 0;
        ok = people_read_record(person, run->spool, arena, &record, err);
        if (!ok)
            break;
        package_deflate(record, &kept);
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
    bool wanted = settings_keep_records(run->settings), kept;

    if (!records_are_kept(run, &kept, err))
        return false;
    if (wanted == kept)
        return true;
    return (!wanted || keep_records(run, err)) &&
           state_put(run->state, "records", slice_of(wanted ? "kept" : "not kept"), err);
}

static bool
remember_searches(struct run *run, struct error *err)
{
    struct slice text = searches_text(run->settings, &run->read, run->arena);

    return !text.data || state_put(run->state, "searches", text, err);
}

/* Last of all: with it the next run begins behind all that this one has seen. */
static bool
remember_read(struct run *run, struct error *err)
{
    const struct detection_end end = {&run->comparison, &run->tally, run->complete};

    if (run->options->kind != RUN_REAL)
        return true;
    return run->detection ? detection_remember(run->detection, &end, err)
                          : detection_forget(run->state, err);
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
           settle_records(run, err) && remember_searches(run, err) &&
           state_put(run->state, "mapping", run->digests, err) &&
           /* `check` looks whether the next run has room. */
           state_put_number(run->state, CHECK_SPOOL_BYTES, (int64_t)spool_bytes(run->spool), err) &&
           (!run->settings->directory.push.set ||
            (state_index_owners(run->state, err) &&
             push_moment_save(run->state, &run->pushed, err))) &&
           remember_read(run, err);
}
