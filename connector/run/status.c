#include "run/status.h"

#include "report/measure.h"
#include "run/detect.h"
#include "run/feed.h"
#include "run/roster.h"
#include "run/push_store.h"
#include "run/stages.h"
#include "run/workshop.h"
#include "state/photo.h"
#include "state/state.h"

#include <stdlib.h>
#include <string.h>

enum { RUNS_MOST = 10, WAITING_MOST = 100 };

struct status_look {
    struct arena *arena;
    struct settings settings; /* with the mode that is asked for; borrowed texts */
    const struct messenger *messenger;
    struct status content;
};

/* The run whose lock it is began in the same moment, or a little before. */
static bool
is_at_work(const struct status *status, time_t started, time_t finished)
{
    enum { MOMENT_SECONDS = 60 };

    return status->pid != 0 && finished == 0 &&
           llabs((long long)(status->since - started)) < MOMENT_SECONDS;
}

static bool
take_runs(struct status_look *look, struct state *state, int64_t *ret_oldest, struct error *err)
{
    struct status *status = &look->content;
    struct state_run *runs;

    *ret_oldest = 0;
    if (!state_last_success(state, &status->succeeded, err) ||
        !state_list_runs(state, RUNS_MOST, look->arena, &runs, &status->run_count, err))
        return false;
    status->runs = arena_alloc(look->arena, status->run_count * sizeof *status->runs);
    for (size_t i = 0; i < status->run_count; i++) {
        const struct state_run *run = &runs[i];
        bool at_work = i == 0 && is_at_work(status, run->started, run->finished);

        status->runs[i] = (struct status_run){
            .started = run->started,
            .finished = run->finished,
            .at_work = at_work,
            .mode = run->mode,
            .full = run->full,
            .outcome = run->finished ? run->outcome
                       : at_work     ? "at-work"
                                     : "cut-short",
            .exit_status = run->exit_status,
            .error = run->error,
            .read = run->read,
            .skipped = run->skipped,
            .rejected = run->rejected,
            .held = run->held,
            .unchanged = run->unchanged,
            .sent = run->sent,
            .leavers = run->leavers,
        };
        *ret_oldest = run->id;
    }
    return true;
}

static bool
take_people(struct status_look *look, struct state *state, struct error *err)
{
    struct status *status = &look->content;
    struct state_census census;
    struct state_waiting *waiting;

    if (!state_count_people(state, &census, err) ||
        !state_list_waiting(state, look->arena, &waiting, &status->leaver_count, err))
        return false;
    if (detection_is_wanted(&look->settings) &&
        !roster_read_all_time(state, &status->read_all, err))
        return false;
    status->people = census.known;
    status->expired = census.expired;
    status->absent = census.absent;
    if (look->settings.leavers.policy == SETTINGS_LEAVERS_EXPIRE)
        status->grace = look->settings.leavers.grace;
    status->leavers = arena_alloc(look->arena, status->leaver_count * sizeof *status->leavers);
    for (size_t i = 0; i < status->leaver_count; i++)
        status->leavers[i] = (struct status_leavers){waiting[i].absent, waiting[i].people};
    return true;
}

static bool
is_listed(const struct status_package *packages, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(packages[i].name, name) == 0)
            return true;
    return false;
}

/* Adds those of a query that are files (a baseline is none) and are not there yet. */
static bool
add_packages(struct status_look *look, struct state *state, const struct state_query *query,
             struct status_package **packages, size_t *count, struct error *err)
{
    struct state_package *found;
    struct status_package *all;
    size_t more;

    if (!state_list_packages(state, query, look->arena, &found, &more, err))
        return false;
    all = arena_alloc(look->arena, (*count + more) * sizeof *all);
    if (*count > 0)
        memcpy(all, *packages, *count * sizeof *all);
    for (size_t i = 0; i < more; i++) {
        const struct state_package *package = &found[i];

        if (package->bytes == 0 || is_listed(all, *count, package->name))
            continue;
        all[(*count)++] = (struct status_package){
            .name = package->name,
            .target = package->target,
            .records = package->records,
            .bytes = package->bytes,
            .fate = state_fate_name(package->fate),
            .changed = package->changed,
            .place = package->gone    ? STATUS_NOWHERE
                     : package->taken ? STATUS_TAKEN
                                      : STATUS_UNKNOWN,
        };
    }
    *packages = all;
    return true;
}

/* Delivered ones of the runs that are shown, and older ones that Alma was not seen to take. */
static bool
take_packages(struct status_look *look, struct state *state, int64_t oldest, struct error *err)
{
    const struct state_query unsettled = {.fates = 1u << STATE_PLANNED | 1u << STATE_RENAMING};
    const struct state_query recent = {.fates = 1u << STATE_DELIVERED, .since = oldest};
    const struct state_query waiting = {
        .fates = 1u << STATE_DELIVERED, .waiting = true, .most = WAITING_MOST};
    struct status *status = &look->content;

    return add_packages(look, state, &unsettled, &status->outbox, &status->outbox_count, err) &&
           add_packages(look, state, &recent, &status->packages, &status->package_count, err) &&
           add_packages(look, state, &waiting, &status->packages, &status->package_count, err);
}

static bool
take_photos(struct status_look *look, struct state *state, struct error *err)
{
    struct status_photos *photos = &look->content.photos;
    struct state_photo_run run;
    bool at_work;

    if (!state_get_photo_run(state, look->arena, &run, err) ||
        !state_count_photos(state, &photos->there, err))
        return false;
    at_work = is_at_work(&look->content, run.started, run.finished);
    photos->started = run.started;
    photos->finished = run.finished;
    photos->outcome = run.finished ? run.outcome : at_work ? "at-work" : "cut-short";
    photos->exit_status = run.exit_status;
    photos->error = run.error;
    photos->succeeded = run.succeeded;
    photos->added = run.added;
    photos->replaced = run.replaced;
    photos->removed = run.removed;
    photos->findings = run.findings;
    return true;
}

/* Those who wait are counted by the number that the last delivery left. */
static bool
take_pushed(struct status_look *look, const struct push_moment *last, struct error *err)
{
    struct status *status = &look->content;
    struct push_moment now;
    enum push_since since = PUSH_ANOTHER;
    struct pushed *store = NULL;
    struct pushed_census census = {0};
    struct pushed_refusals refusals = {0, 0};
    bool ok;

    status->pushed = look->settings.directory.push.set;
    if (!status->pushed)
        return true;
    ok = push_store_open(&look->settings, PUSHED_READ, false, &store, err) &&
         push_moment_of(store, look->arena, &now, err);
    if (ok && store)
        ok = push_moment_compare(store, &now, last, &since, err) &&
             pushed_count(store, &census, err) && pushed_get_refusals(store, &refusals, err) &&
             pushed_count_since(store, since == PUSH_GOES_ON ? last->newest : 0, &status->waiting,
                                err);
    /* A copy that is put back may have had fewer. */
    status->refused =
        refusals.count -
        (since != PUSH_ANOTHER && last->refused <= refusals.count ? last->refused : 0);
    status->kept = census.kept;
    status->refused_ever = refusals.count;
    status->refused_last = (time_t)refusals.last;
    pushed_close(store);
    return ok;
}

static bool
read_state(struct status_look *look, struct push_moment *ret_last, struct error *err)
{
    const struct settings *settings = &look->settings;
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    int64_t oldest;
    bool ok;

    if (!state)
        return false;
    look->content.known = true;
    ok = take_runs(look, state, &oldest, err) && take_people(look, state, err) &&
         take_packages(look, state, oldest, err) && take_photos(look, state, err) &&
         push_moment_load(state, look->arena, ret_last, err);
    state_close(state);
    return ok;
}

/* What has gone from the target never comes back, and what is only planned was never there. */
static bool
is_worth_asking(const struct status_package *package, const char *target)
{
    return package->place != STATUS_NOWHERE && strcmp(package->target, target) == 0 &&
           strcmp(package->fate, state_fate_name(STATE_PLANNED)) != 0;
}

static size_t
count_worth_asking(const struct status_package *packages, size_t count, const char *target)
{
    size_t worth = 0;

    for (size_t i = 0; i < count; i++)
        worth += is_worth_asking(&packages[i], target);
    return worth;
}

static bool
find_packages(struct status_look *look, struct target *target, struct status_package *packages,
              size_t count, struct error *err)
{
    static const enum status_place places[] = {
        [PACKAGE_NOWHERE] = STATUS_NOWHERE, [PACKAGE_PARTLY] = STATUS_NOWHERE,
        [PACKAGE_THERE] = STATUS_WAITING,   [PACKAGE_TAKEN] = STATUS_TAKEN,
        [PACKAGE_FOREIGN] = STATUS_FOREIGN,
    };

    for (size_t i = 0; i < count; i++) {
        struct whereabouts found;

        if (!is_worth_asking(&packages[i], target_name(target)))
            continue;
        if (!target_find(target, packages[i].name, packages[i].bytes, &found, err))
            return false;
        packages[i].place = places[found.place];
        if (found.place == PACKAGE_TAKEN)
            packages[i].taken_as = arena_string(look->arena, found.taken);
    }
    return true;
}

static bool
ask_target(struct status_look *look, struct target *target, struct error *err)
{
    struct status *status = &look->content;
    const char *name = target_name(target);

    if (count_worth_asking(status->outbox, status->outbox_count, name) +
            count_worth_asking(status->packages, status->package_count, name) ==
        0)
        return true;
    status->asked = true;
    return stages_check_secrets(&look->settings, err) && target_connect(target, err) &&
           find_packages(look, target, status->outbox, status->outbox_count, err) &&
           find_packages(look, target, status->packages, status->package_count, err);
}

/* Each of Alma's loads may have a directory of its own; a folder is one for all. */
static bool
ask_targets(struct status_look *look, struct error *err)
{
    struct settings *settings = &look->settings;
    int modes = settings->sftp.set ? SETTINGS_MODE_COUNT : 1;
    bool ok = true;

    for (int mode = 0; ok && mode < modes; mode++) {
        struct target *target;

        settings->mode = (enum settings_mode)mode;
        if (settings->sftp.set && !settings->sftp.directories[mode])
            continue;
        target = stages_open_target(look->arena, settings, look->messenger, err);
        ok = target && ask_target(look, target, err);
        target_close(target);
    }
    if (!ok)
        look->content.unreachable = arena_string(look->arena, err->text);
    return ok;
}

struct status_look *
status_look(const struct settings *settings, bool offline, const struct messenger *messenger,
            bool *ret_ok, struct error *err)
{
    struct status_look *look = memory_zero(1, sizeof *look);
    struct push_moment last = {.mark = SLICE_NONE, .token = SLICE_NONE};
    struct lock_holder holder;

    look->arena = arena_new();
    look->settings = *settings;
    look->messenger = messenger;
    look->content.feed = arena_string(look->arena, settings->name);
    look->content.state = arena_string(look->arena, settings->state);
    if (workshop_is_held(settings->spool, settings->name, &holder)) {
        look->content.pid = holder.pid;
        look->content.since = holder.since;
    }
    *ret_ok = true;
    if ((state_is_there(settings->state) && !read_state(look, &last, err)) ||
        !take_pushed(look, &last, err)) {
        status_free(look);
        *ret_ok = false;
        return NULL;
    }
    if (!look->content.known)
        return look;
    *ret_ok = offline || ask_targets(look, err);
    return look;
}

void
status_free(struct status_look *look)
{
    if (!look)
        return;
    arena_free(look->arena);
    free(look);
}

const struct status *
status_content(const struct status_look *look)
{
    return &look->content;
}

int
l2a_status(struct l2a *feed, unsigned flags)
{
    bool ok;

    if (!feed_begin(feed, true, flags, L2A_STATUS_OFFLINE))
        return feed_failed(feed);
    status_free(feed->status);
    feed->status = status_look(&feed->settings, (flags & L2A_STATUS_OFFLINE) != 0, &feed->messenger,
                               &ok, &feed->err);
    return ok ? L2A_DONE : feed_failed(feed);
}

const char *
l2a_status_report(struct l2a *feed, const char *format, unsigned width)
{
    feed->text.length = 0;
    if (!feed->status || !status_write(status_content(feed->status), format, width, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}

int
l2a_status_measure(struct l2a *feed, const char *name, int64_t *ret_value)
{
    const struct measure *measure = measure_find(name);

    feed->err = ERROR_INIT;
    if (!measure)
        error_set(&feed->err, ERROR_USAGE, "no measure '%s'", name);
    else if (!feed->status)
        error_set(&feed->err, ERROR_USAGE, "there is nothing to measure before a status");
    else if (!measure->value(status_content(feed->status), time(NULL), ret_value))
        error_set(&feed->err, ERROR_DATA, "'%s' is not known", name);
    return feed_failed(feed);
}
