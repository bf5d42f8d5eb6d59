#include "run/feed.h"
#include "run/run.h"
#include "run/workshop.h"
#include "state/state.h"

#include <inttypes.h>
#include <unistd.h>

struct judging {
    const struct messenger *messenger;
    size_t faults;
};

static void
tell_trouble(void *context, const struct state_trouble *trouble)
{
    struct judging *judging = context;

    message_say(judging->messenger, MESSAGE_ERROR, "%" PRIu64 " %s. %s", trouble->count,
                trouble->what, trouble->remedy);
    judging->faults++;
}

/* No fault: the next run knows what to do. */
static bool
tell_missing_packages(const struct settings *settings, struct state *state, struct arena *arena,
                      const struct messenger *messenger, struct error *err)
{
    const struct state_query planned = {.fates = 1u << STATE_PLANNED};
    struct state_package *packages;
    size_t count;

    if (!state_list_packages(state, &planned, arena, &packages, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *path =
            arena_format(arena, "%s/%s/%s", settings->spool, settings->name, packages[i].name);

        if (access(path, F_OK) != 0)
            message_say(messenger, MESSAGE_WARNING,
                        "'%s' of a run that was cut short is no longer in the spool; the next run "
                        "sends its people anew",
                        packages[i].name);
    }
    return true;
}

static bool
tell_sound(struct state *state, const struct messenger *messenger, struct error *err)
{
    struct state_census census;

    if (!state_count_people(state, &census, err))
        return false;
    message_say(messenger, MESSAGE_NOTICE, "the state '%s' is sound; it knows %" PRIu64 " people",
                state_path(state), census.known);
    return true;
}

static bool
check_state(const struct settings *settings, const struct messenger *messenger, struct error *err)
{
    struct state *state = state_open(settings->state, settings->name, STATE_READ, err);
    struct judging judging = {messenger, 0};
    struct arena *arena;
    struct lock_holder holder;
    bool ok;

    if (!state)
        return false;
    arena = arena_new();
    ok = state_check(state, err) && state_find_trouble(state, tell_trouble, &judging, err) &&
         (workshop_is_held(settings->spool, settings->name, &holder) ||
          tell_missing_packages(settings, state, arena, messenger, err));
    if (ok && judging.faults > 0)
        ok = error_set(err, ERROR_DATA, "the state '%s' does not fit together", state_path(state));
    ok = ok && tell_sound(state, messenger, err);
    arena_free(arena);
    state_close(state);
    return ok;
}

int
l2a_state_check(struct l2a *feed)
{
    if (!feed_begin(feed, true, 0, 0) ||
        !check_state(&feed->settings, &feed->messenger, &feed->err))
        return feed_failed(feed);
    return L2A_DONE;
}

int
l2a_state_rebuild(struct l2a *feed)
{
    struct run_options options = {.kind = RUN_BASELINE, .who = RUN_FULL};

    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    if (!feed_run(feed, &options))
        return feed_failed(feed);
    message_say(&feed->messenger, MESSAGE_NOTICE,
                "%" PRIu64 " people are taken for what Alma has; nothing was sent",
                report_counts(feed->report)->sent);
    return L2A_DONE;
}
