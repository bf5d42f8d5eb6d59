#include "run/push_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char fact[] = "pushed"; /* "NEWEST REFUSED MARK TOKEN" */

struct slice
push_moment_write(const struct push_moment *moment, struct arena *arena)
{
    return slice_of(arena_format(arena, "%" PRId64 " %" PRIu64 " %.*s %.*s", moment->newest,
                                 moment->refused, SLICE_ARG(moment->mark),
                                 SLICE_ARG(moment->token)));
}

struct push_moment
push_moment_read(struct slice text, struct arena *arena)
{
    struct push_moment moment = {.mark = SLICE_NONE, .token = SLICE_NONE};
    char *at, *blank;

    if (!text.data)
        return moment;
    moment.newest = strtoll(arena_copy(arena, text.data, text.length), &at, 10);
    moment.refused = strtoull(at, &at, 10);
    at += *at == ' ';
    blank = strchrnul(at, ' ');
    moment.mark = (struct slice){at, (size_t)(blank - at)};
    if (blank[0] && blank[1])
        moment.token = slice_of(blank + 1);
    return moment;
}

bool
push_moment_load(struct state *state, struct arena *arena, struct push_moment *ret_moment,
                 struct error *err)
{
    struct slice kept = SLICE_NONE;
    bool ok = state_get(state, fact, arena, &kept, err);

    *ret_moment = push_moment_read(ok ? kept : SLICE_NONE, arena);
    return ok;
}

bool
push_moment_save(struct state *state, const struct push_moment *moment, struct error *err)
{
    struct arena *arena = arena_new();
    bool ok = !moment->mark.data || state_put(state, fact, push_moment_write(moment, arena), err);

    arena_free(arena);
    return ok;
}

bool
push_moment_compare(struct pushed *store, const struct push_moment *now,
                    const struct push_moment *last, enum push_since *ret_since, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice token = SLICE_NONE;
    bool ok = true, is_known = true;

    *ret_since = PUSH_GOES_ON;
    if (!slice_equal(now->mark, last->mark)) {
        *ret_since = PUSH_ANOTHER;
    } else if (last->newest > now->newest) {
        *ret_since = PUSH_OLDER;
    } else if (last->newest > 0) {
        ok = pushed_token(store, last->newest, arena, &token, &is_known, err);
        if (!is_known)
            *ret_since = PUSH_LONG_AGO;
        else if (!token.data || !slice_equal(token, last->token))
            *ret_since = PUSH_PUT_BACK;
    }
    arena_free(arena);
    return ok;
}

bool
push_moment_of(struct pushed *store, struct arena *arena, struct push_moment *ret_moment,
               struct error *err)
{
    struct pushed_refusals refusals;
    bool unused;

    *ret_moment = (struct push_moment){.mark = SLICE_NONE, .token = SLICE_NONE};
    if (!store)
        return true;
    if (!pushed_mark(store, arena, &ret_moment->mark, err) ||
        !pushed_newest(store, &ret_moment->newest, err) ||
        !pushed_token(store, ret_moment->newest, arena, &ret_moment->token, &unused, err) ||
        !pushed_get_refusals(store, &refusals, err))
        return false;
    ret_moment->refused = refusals.count;
    return true;
}

/* Nobody takes a folder that is not mounted for a feed of which everybody has left. */
static bool
may_be_missing(const struct settings *settings, struct error *err)
{
    struct arena *arena = arena_new();
    struct push_moment last = {.mark = SLICE_NONE, .token = SLICE_NONE};
    struct state *state = NULL;
    bool ok = true;

    if (state_is_there(settings->state)) {
        state = state_open(settings->state, settings->name, STATE_GLANCE, err);
        ok = state ? push_moment_load(state, arena, &last, err) : err->code == ERROR_NONE;
    }
    if (ok && last.mark.data) {
        ok = error_set(err, ERROR_DATA,
                       "the store of pushed people '%s' is missing, from which people were "
                       "delivered",
                       settings->directory.push.entries);
        error_hint(err, "Put the file back. If it is lost, 'ldap2alma put --release missing' "
                        "makes a new one: push everybody again before the next delivery.");
    }
    state_close(state);
    arena_free(arena);
    return ok;
}

bool
push_store_open(const struct settings *settings, enum pushed_access access, bool missing_ok,
                struct pushed **ret_store, struct error *err)
{
    const char *path = settings->directory.push.entries;

    *ret_store = NULL;
    if (!settings->directory.push.set) {
        error_set(err, ERROR_USAGE, "nobody is pushed to the feed '%s'", settings->name);
        return error_hint(err, "Its settings '%s' have no 'directory: { push: {} }'.",
                          settings->path);
    }
    if (!pushed_is_there(path)) {
        if (!missing_ok && !may_be_missing(settings, err))
            return false;
        if (access == PUSHED_READ)
            return true;
    }
    *ret_store = pushed_open(path, settings->name, access, err);
    return *ret_store != NULL;
}
