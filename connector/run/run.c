#include "run/run.h"

#include "run/step_clock.h"
#include "run/steps.h"

#include <time.h>

enum {
    JUDGING = RUN_REAL | RUN_DRY | RUN_BASELINE,
    RELINKING = RUN_RELINK | RUN_RELINK_DRY,
    ANY = JUDGING | RELINKING,
    SENDING = RUN_REAL | RUN_DRY
};

static const struct step {
    const char *name;
    unsigned kinds; /* enum run_kind */
    bool (*go)(struct run *run, struct error *err);
} steps[] = {
    {"lock", ANY, step_lock},
    {"state", ANY, step_state},
    {"prepare", ANY, step_prepare},
    {"settle", ANY, step_settle},
    {"read", ANY, step_read},
    {"judge", ANY, step_judge},
    {"relink", RELINKING, step_relink},
    {"compare", JUDGING, step_compare},
    {"diff", RUN_DRY, step_diff},
    {"brakes", JUDGING, step_brakes},
    {"check", JUDGING, step_check_sample},
    {"pack", SENDING, step_pack},
    {"prove", SENDING, step_prove},
    {"keep", RUN_DRY, step_keep},
    {"room", RUN_DRY, step_room},
    {"plan", RUN_REAL, step_plan},
    {"deliver", RUN_REAL, step_deliver},
    {"baseline", RUN_BASELINE, step_baseline},
    {"remember", RUN_REAL | RUN_BASELINE, step_remember},
};

const char *
run_mode(const struct settings *settings, const struct run_options *options)
{
    if (options->kind & RELINKING)
        return "relink";
    return options->kind == RUN_BASELINE ? "rebuild" : settings_mode_name(settings->mode);
}

static bool
go_through_steps(struct run *run, struct error *err)
{
    bool ok = true;

    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && ok; i++) {
        double began;

        if (!(steps[i].kinds & (unsigned)run->options->kind))
            continue;
        began = step_begin(run->messenger, steps[i].name);
        ok = steps[i].go(run, err);
        step_end(run->report, steps[i].name, began);
    }
    return ok;
}

/* What state keeps of the run. A run that could not even write this down has failed already, or
 * has told Alma everything: no reason to fail it now. */
static void
write_down(struct run *run, enum report_outcome outcome, const struct error *err)
{
    const struct report_counts *counts = report_counts(run->report);
    struct state_run *record = &run->record;
    struct error unheard = ERROR_INIT;

    if (record->id == 0)
        return;
    record->finished = time(NULL);
    record->full = run->full;
    record->outcome = report_outcome_name(outcome);
    record->exit_status = error_exit_status(err->code);
    record->error = err->text;
    record->read = counts->read;
    record->sent = outcome == REPORT_STOPPED ? 0 : counts->sent;
    record->unchanged = counts->unchanged;
    record->leavers = counts->leavers;
    record->skipped = counts->skipped;
    record->rejected = counts->rejected;
    record->held = counts->held;
    if (!state_end_run(run->state, record, &unheard))
        message_say(run->messenger, MESSAGE_WARNING, "the run is not in the history: %s",
                    unheard.text);
}

/* A run whose people cannot be listed has failed already, or has told Alma everything. */
static void
settle_matters(struct run *run, bool ok)
{
    const struct matters_settling settling = {
        .state = run->state,
        .run = run->record.id,
        .started = run->now,
        .people = run->people,
        .complete = run->complete && detection_tells_leavers(run->detection),
        .solve = ok,
        .detection = run->detection,
    };
    struct error unheard = ERROR_INIT;

    if (run->judged && !matters_settle(run->matters, &settling, &unheard))
        message_say(run->messenger, MESSAGE_WARNING, "the work list is not up to date: %s",
                    unheard.text);
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
    comparison_free(&run->comparison);
    detection_free(run->detection);
    matters_free(run->matters);
    people_free(run->people);
    mapping_free(run->mapping);
    attributes_free(run->attributes);
    state_close(run->state);
    workshop_close(run->workshop);
    arena_free(run->arena);
}

static enum report_outcome
outcome_of(const struct run *run, bool ok, const struct error *err)
{
    if (!ok)
        return err->code == ERROR_BRAKE ? REPORT_STOPPED : REPORT_FAILED;
    return run->record_count == 0 ? REPORT_NOTHING_TO_SEND : REPORT_DONE;
}

bool
run_feed(const struct settings *settings, const struct run_options *options,
         const struct messenger *messenger, struct report **ret_report, struct error *err)
{
    struct run run = {
        .settings = settings,
        .options = options,
        .messenger = messenger,
        .now = time(NULL),
        .arena = arena_new(),
    };
    enum report_outcome outcome;
    bool ok;

    run.report =
        report_new(settings->name, run_mode(settings, options), options->kind == RUN_DRY, run.now);
    ok = go_through_steps(&run, err);
    settle_matters(&run, ok);
    outcome = outcome_of(&run, ok, err);
    write_down(&run, outcome, err);
    if (ok)
        state_leave(run.state);
    report_finish(run.report, outcome, ok ? NULL : err, time(NULL));
    *ret_report = run.report;
    close_run(&run);
    return ok;
}
