#include "run/run.h"

#include "alma/alma.h"
#include "run/collect.h"
#include "run/people.h"
#include "run/sample.h"
#include "run/stages.h"
#include "run/workshop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* What the steps of one run share; each step fills what the next ones need. */
struct run {
    const struct settings *settings;
    const struct messenger *messenger;
    bool dry;
    time_t now;
    struct arena *arena;
    struct report *report;
    struct workshop *workshop;
    struct attributes *attributes;
    struct mapping *mapping;
    struct source *source;
    struct target *target;
    struct spool *spool;
    struct people *people;
    const char *prefix; /* of the packages' names */
    struct packages packages;
};

static bool
step_lock(struct run *run, struct error *err)
{
    size_t leftovers;

    run->workshop = workshop_open(run->settings->spool, run->settings->name, err);
    if (!run->workshop)
        return false;
    package_clean(workshop_folder(run->workshop), run->messenger);
    leftovers = workshop_count_leftovers(run->workshop);
    if (leftovers > 0)
        message_say(run->messenger, MESSAGE_INFO,
                    "%zu package%s of an earlier run in '%s' %s never delivered; this run carries "
                    "everybody and takes their place",
                    leftovers, leftovers == 1 ? "" : "s", workshop_folder(run->workshop),
                    leftovers == 1 ? "was" : "were");
    return true;
}

/* Everything that can be wrong on our side is found before anybody is asked. */
static bool
step_prepare(struct run *run, struct error *err)
{
    const struct finding_sink findings = report_sink(run->report);
    struct mapping_options options = stages_mapping_options(run->settings, run->now);

    options.findings = &findings;
    run->attributes = attributes_new();
    run->mapping = mapping_load(&options, run->attributes, run->messenger, err);
    if (!run->mapping)
        return false;
    run->target = stages_open_target(run->arena, run->settings, run->messenger, err);
    if (!run->target || !stages_check_secrets(run->settings, err))
        return false;
    run->source = stages_open_source(run->arena, run->settings, run->messenger);
    run->people = people_new();
    run->spool = spool_open(workshop_folder(run->workshop), err);
    return run->spool != NULL;
}

static bool
step_read(struct run *run, struct error *err)
{
    const struct collect collect = {
        .source = run->source,
        .attributes = run->attributes,
        .mapping = run->mapping,
        .record_type = run->settings->record_type,
        .people = run->people,
        .spool = run->spool,
        .report = run->report,
        .messenger = run->messenger,
        .rehearsal = run->dry,
    };

    return collect_people(&collect, err);
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

static bool
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
    counts->sent = people_count(run->people);
    report_add_brake(run->report, &(struct report_brake){"min_users", counts->sent, MIN_USERS,
                                                         counts->sent < MIN_USERS});
    if (counts->sent < MIN_USERS)
        return stop_empty_feed(run, counts, err);
    if (report_adds_up(run->report))
        return true;
    return error_set(err, ERROR_INTERNAL, "the counts of people do not add up: nothing is sent");
}

static bool
step_check_sample(struct run *run, struct error *err)
{
    return sample_check(run->spool, people_records(run->people), people_count(run->people),
                        run->messenger, err);
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
step_pack(struct run *run, struct error *err)
{
    struct package_options options;

    run->prefix = workshop_name_packages(run->workshop, settings_mode_name(run->settings->mode),
                                         run->arena, err);
    if (!run->prefix)
        return false;
    if (!run->dry)
        workshop_retire_packages(run->workshop, run->messenger);
    options = stages_package_options(run->settings, workshop_folder(run->workshop), run->prefix,
                                     run->now);
    if (!package_build(run->spool, people_records(run->people), people_count(run->people), &options,
                       run->arena, run->messenger, &run->packages, err))
        return false;
    report_packages(run);
    return true;
}

static void
note_deliveries(struct run *run, const struct delivery_file *files)
{
    for (size_t i = 0; i < run->packages.count; i++) {
        if (!files[i].delivered)
            continue;
        report_set_delivered(run->report, i);
        if (unlink(files[i].path) != 0)
            message_say(run->messenger, MESSAGE_WARNING, "cannot remove '%s', which is delivered",
                        files[i].path);
    }
}

struct clearing {
    struct run *run;
    struct error *err;
};

static bool
clear_at_target(void *context, const char *package)
{
    const struct clearing *clearing = context;
    struct run *run = clearing->run;

    if (!target_connect(run->target, clearing->err))
        return false;
    if (target_clear(run->target, package, clearing->err))
        return true;
    message_say(run->messenger, MESSAGE_INFO, "%s", clearing->err->text);
    target_disconnect(run->target);
    *clearing->err = ERROR_INIT;
    return false;
}

/* What cannot be cleared does not hold the delivery up; a login that was refused is not tried
 * twice, so that no account is locked. */
static bool
clear_earlier_runs(struct run *run, struct error *err)
{
    struct clearing clearing = {run, err};

    workshop_clear_retired(run->workshop, clear_at_target, &clearing);
    if (err->code != ERROR_NONE && !err->transient)
        return false;
    *err = ERROR_INIT;
    return true;
}

static bool
step_deliver(struct run *run, struct error *err)
{
    const struct delivery_policy policy = stages_delivery_policy(run->settings);
    struct delivery_file *files = arena_alloc(run->arena, run->packages.count * sizeof *files);
    bool ok;

    report_set_target(run->report, target_name(run->target));
    for (size_t i = 0; i < run->packages.count; i++)
        files[i] =
            (struct delivery_file){run->packages.items[i].path, run->packages.items[i].name, false};
    ok = clear_earlier_runs(run, err) &&
         delivery_send(run->target, files, run->packages.count, &policy, run->messenger, err);
    note_deliveries(run, files);
    if (!ok)
        return error_prefix(err, "delivery to '%s' failed, the packages are kept in '%s'",
                            target_name(run->target), workshop_folder(run->workshop));
    workshop_remove_packages(run->workshop, run->messenger);
    return true;
}

static bool
step_discard(struct run *run, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < run->packages.count; i++)
        (void)unlink(run->packages.items[i].path);
    return true;
}

enum when { ALWAYS, REAL_RUN, DRY_RUN };

static const struct step {
    const char *name;
    enum when when;
    bool (*go)(struct run *run, struct error *err);
} steps[] = {
    {"lock", ALWAYS, step_lock},          {"prepare", ALWAYS, step_prepare},
    {"read", ALWAYS, step_read},          {"judge", ALWAYS, step_judge},
    {"check", ALWAYS, step_check_sample}, {"pack", ALWAYS, step_pack},
    {"deliver", REAL_RUN, step_deliver},  {"discard", DRY_RUN, step_discard},
};

static double
seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool
go_through_steps(struct run *run, struct error *err)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && ok; i++) {
        double began = seconds_now();

        if (steps[i].when == (run->dry ? REAL_RUN : DRY_RUN))
            continue;
        message_say(run->messenger, MESSAGE_DEBUG, "step: %s", steps[i].name);
        ok = steps[i].go(run, err);
        report_add_timing(run->report, steps[i].name, seconds_now() - began);
    }
    return ok;
}

static void
close_run(struct run *run)
{
    if (run->target)
        target_close(run->target);
    if (run->source)
        source_close(run->source);
    if (run->spool)
        spool_close(run->spool);
    people_free(run->people);
    mapping_free(run->mapping);
    attributes_free(run->attributes);
    workshop_close(run->workshop);
    arena_free(run->arena);
}

bool
run_feed(const struct settings *settings, bool dry_run, const struct messenger *messenger,
         struct report **ret_report, struct error *err)
{
    struct run run = {
        .settings = settings,
        .messenger = messenger,
        .dry = dry_run,
        .now = time(NULL),
        .arena = arena_new(),
    };
    enum report_outcome outcome = REPORT_DONE;
    bool ok;

    run.report = report_new(settings->name, settings_mode_name(settings->mode), dry_run, run.now);
    ok = go_through_steps(&run, err);
    if (!ok)
        outcome = err->code == ERROR_BRAKE ? REPORT_STOPPED : REPORT_FAILED;
    report_finish(run.report, outcome, ok ? NULL : err, time(NULL));
    *ret_report = run.report;
    close_run(&run);
    return ok;
}
