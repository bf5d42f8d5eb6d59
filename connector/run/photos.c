#include "run/photos.h"

#include "base/arena.h"
#include "run/feed.h"
#include "run/notify.h"
#include "run/photos_make.h"
#include "run/photos_run.h"
#include "run/stages.h"
#include "run/step_clock.h"
#include "run/steps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool
take_lock(struct photos_run *run, struct error *err)
{
    const char *spool = run->settings->spool, *feed = run->settings->name;
    const struct settings_photos *photos = &run->settings->photos;

    if (!photos->set) {
        error_set(err, ERROR_CONFIG, "the settings '%s' say nothing of photos",
                  run->settings->path);
        return error_hint(err, "Write 'photos:' there: see ldap2alma.yaml(5).");
    }
    if (run->settings->directory.ldif && strcmp(run->settings->directory.ldif, "-") == 0 &&
        photos->from == SETTINGS_PHOTO_ATTRIBUTE) {
        error_set(err, ERROR_CONFIG,
                  "photos need the directory twice, and standard input can be read only once");
        return error_hint(err, "Put the LDIF into a file.");
    }
    run->workshop = run->options->rehearse ? workshop_rehearse(spool, feed, err)
                                           : workshop_open(spool, feed, err);
    return run->workshop != NULL;
}

/* Whoever has waited for the same entry for long is asked once more: rights may have changed. */
static bool
decide_looks(struct photos_run *run, struct error *err)
{
    const struct settings_photos *photos = &run->settings->photos;
    unsigned every = run->settings->changes.read_all_every_seconds;
    struct slice before;
    int64_t asked;

    run->rules = photos_rules(photos, run->arena);
    run->asked =
        arena_format(run->arena, "%s %d %s", run->rules, (int)photos->from, photos->attribute);
    if (!state_get(run->state, PHOTOS_RULES, run->arena, &before, err) ||
        !state_get_number(run->state, PHOTOS_ASKED_ALL, &asked, err))
        return false;
    run->asks_all = run->options->all || !before.data ||
                    !slice_equal(before, slice_of(run->asked)) || asked > run->now ||
                    (every > 0 && run->now - asked >= (time_t)every);
    run->looks_count = !run->asks_all;
    return true;
}

static bool
open_state(struct photos_run *run, struct error *err)
{
    const char *path = run->settings->state, *feed = run->settings->name;

    run->state = run->options->rehearse
                     ? state_open_copy(path, feed, workshop_folder(run->workshop), err)
                     : state_open(path, feed, STATE_RESUME, err);
    if (!run->state || !decide_looks(run, err))
        return false;
    run->record = (struct state_photo_run){.started = run->now, .outcome = "", .error = ""};
    return state_set_photo_run(run->state, &run->record, err);
}

static bool
prepare(struct photos_run *run, struct error *err)
{
    const struct settings_photos *photos = &run->settings->photos;
    struct mapping_options options = stages_mapping_options(run->settings, run->now);
    const struct finding_sink findings = report_sink(run->feed_report);
    const char *mark = run_mark(run->state, run->arena, err);

    if (!mark)
        return false;
    run->depot = stages_open_depot(run->arena, run->settings, mark, run->messenger);
    options.findings = &findings;
    run->attributes = attributes_new();
    run->mapping = mapping_load(&options, run->attributes, run->messenger, err);
    if (!run->mapping)
        return false;
    run->identity = identity_add_attributes(run->attributes);
    if (photos->from == SETTINGS_PHOTO_ATTRIBUTE)
        run->version_slots = photo_version_add_attributes(run->attributes);
    else
        run->place_slot = attributes_add(run->attributes, slice_of(photos->attribute));
    run->people = people_new();
    run->spool = spool_open(workshop_folder(run->workshop), err);
    if (run->spool)
        run->matters = matters_new(run->spool, run->feed_report);
    return run->spool &&
           confinement_enter(run->options->confinement, workshop_folder(run->workshop), NULL,
                             run->messenger, err);
}

/* In the order of the table; a rehearsal goes through all of it on a copy of the state. */
static const struct step {
    const char *name;
    bool (*go)(struct photos_run *run, struct error *err);
} steps[] = {
    {"lock", take_lock},          {"state", open_state},        {"prepare", prepare},
    {"read", photos_read_people}, {"name", photos_name_people}, {"look", photos_look},
    {"ask", photos_ask},          {"judge", photos_judge},      {"brakes", photos_brake},
    {"plan", photos_write_plan},  {"deliver", photos_deliver},
};

static bool
go_through_steps(struct photos_run *run, struct error *err)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && ok; i++) {
        double began = step_begin(run->messenger, steps[i].name);

        ok = steps[i].go(run, err);
        step_end(run->report, steps[i].name, began);
    }
    return ok;
}

static void
close_run(struct photos_run *run)
{
    if (run->depot)
        depot_close(run->depot);
    if (run->spool)
        spool_close(run->spool);
    if (run->made)
        spool_close(run->made);
    comparison_free(&run->comparison);
    matters_free(run->matters);
    people_index_free(run->index);
    people_free(run->people);
    mapping_free(run->mapping);
    attributes_free(run->attributes);
    state_close(run->state);
    workshop_close(run->workshop);
    report_free(run->feed_report);
    digest_free(run->digest);
    free(run->versions);
    free(run->places);
    free(run->items);
    free(run->of_person);
    free(run->rows);
    free(run->gone_looks);
    arena_free(run->scratch);
    arena_free(run->arena);
}

static enum report_outcome
outcome_of(const struct photos_run *run, bool ok, const struct error *err)
{
    const struct report_photo_counts *counts = &report_counts(run->report)->photos;

    if (!ok)
        return err->code == ERROR_BRAKE ? REPORT_STOPPED : REPORT_FAILED;
    return counts->added + counts->replaced + counts->removed > 0 ? REPORT_DONE
                                                                  : REPORT_NOTHING_TO_SEND;
}

static uint64_t
count_findings(const struct report_photo_counts *counts)
{
    return counts->unnamed + counts->refused + counts->unread + counts->foreign + counts->unsent;
}

static void
say_outcome(const struct photos_run *run)
{
    const struct report_photo_counts *counts = &report_counts(run->report)->photos;
    const char *would = run->options->rehearse ? "would be " : "";

    if (counts->added + counts->replaced + counts->removed == 0)
        message_say(run->messenger, MESSAGE_NOTICE,
                    "nothing to do: %" PRIu64 " photos are as they should be, %" PRIu64
                    " are matters of findings",
                    counts->current, count_findings(counts));
    else
        message_say(run->messenger, MESSAGE_NOTICE,
                    "%" PRIu64 " photos %sadded, %" PRIu64 " replaced, %" PRIu64 " removed",
                    counts->added, would, counts->replaced, counts->removed);
}

/* A run that cannot write this down has failed already, or has done all that it should. */
static void
write_record(struct photos_run *run, enum report_outcome outcome, const struct error *err)
{
    const struct report_photo_counts *counts = &report_counts(run->report)->photos;
    struct state_photo_run *record = &run->record;
    bool stopped = outcome == REPORT_STOPPED;
    struct error unheard = ERROR_INIT;

    if (record->started == 0)
        return;
    record->finished = time(NULL);
    record->outcome = report_outcome_name(outcome);
    record->exit_status = error_exit_status(err->code);
    record->error = err->text;
    record->added = stopped ? 0 : counts->added;
    record->replaced = stopped ? 0 : counts->replaced;
    record->removed = stopped ? 0 : counts->removed;
    record->findings = count_findings(counts);
    if (!state_set_photo_run(run->state, record, &unheard))
        message_say(run->messenger, MESSAGE_WARNING, "the run is not in the state: %s",
                    unheard.text);
}

bool
photos_run(const struct settings *settings, const struct photos_options *options,
           const struct messenger *messenger, struct report **ret_report, struct error *err)
{
    struct photos_run run = {
        .settings = settings,
        .options = options,
        .messenger = messenger,
        .now = time(NULL),
        .arena = arena_new(),
        .scratch = arena_new(),
        .digest = digest_new(),
        .feed_settings = *settings,
    };
    enum report_outcome outcome;
    bool ok;

    run.feed_settings.leavers.policy = SETTINGS_LEAVERS_KEEP;
    run.feed_settings.leavers.skipped = SETTINGS_LEAVERS_KEEP;
    run.report = report_new(settings->name, "photos", options->rehearse, run.now);
    run.feed_report = report_new(settings->name, "photos", true, run.now);
    report_set_photos(run.report);
    ok = go_through_steps(&run, err);
    outcome = outcome_of(&run, ok, err);
    if (ok)
        say_outcome(&run);
    write_record(&run, outcome, err);
    if (ok)
        state_leave(run.state);
    report_finish(run.report, outcome, ok ? NULL : err, time(NULL));
    *ret_report = run.report;
    close_run(&run);
    return ok;
}

int
l2a_photos(struct l2a *feed, unsigned flags)
{
    struct photos_options options = {
        .rehearse = (flags & L2A_PHOTOS_DRY) != 0,
        .all = (flags & L2A_PHOTOS_ALL) != 0,
        .adopt = (flags & L2A_PHOTOS_ADOPT) != 0,
        .releases = feed->releases,
        .release_count = feed->release_count,
        .confinement = feed->confinement,
    };
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_PHOTOS_DRY | L2A_PHOTOS_ALL | L2A_PHOTOS_ADOPT))
        return feed_failed(feed);
    feed->release_count = 0;
    feed_forget_run(feed);
    ok = photos_run(&feed->settings, &options, &feed->messenger, &feed->report, &feed->err);
    if (!ok)
        confinement_explain(feed->confinement, &feed->err, &feed->messenger);
    if (!options.rehearse)
        notify(&feed->settings, feed->report, confinement_helper(feed->confinement),
               &feed->messenger);
    return ok ? L2A_DONE : feed_failed(feed);
}
