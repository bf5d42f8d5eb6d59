/* push_store: the feed's store of pushed people, and what the last delivery knew of it.
 */
#ifndef RUN_PUSH_STORE_H
#define RUN_PUSH_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "settings/settings.h"
#include "state/pushed.h"
#include "state/state.h"

#include <stdbool.h>

/* What a delivery left in the state of the store that it was made from. */
struct push_moment {
    struct slice mark;  /* the store's; SLICE_NONE: there was no delivery */
    int64_t newest;     /* the number of the last change */
    uint64_t refused;   /* changes that it had refused */
    struct slice token; /* what the store drew then; SLICE_NONE: nobody was put yet */
};

/* As one text, and back; SLICE_NONE where the text is none. In the arena. */
struct slice push_moment_write(const struct push_moment *moment, struct arena *arena);
struct push_moment push_moment_read(struct slice text, struct arena *arena);

/* *ret_store is NULL where nobody was ever pushed (PUSHED_READ). A store that is missing though
 * people were delivered from it is ERROR_DATA, unless `missing_ok`. ERROR_USAGE: the feed is not a
 * pushed one. */
bool push_store_open(const struct settings *settings, enum pushed_access access, bool missing_ok,
                     struct pushed **ret_store, struct error *err);

bool push_moment_load(struct state *state, struct arena *arena, struct push_moment *ret_moment,
                      struct error *err);
bool push_moment_save(struct state *state, const struct push_moment *moment, struct error *err);

/* How a store stands to what the last delivery knew of it. */
enum push_since {
    PUSH_GOES_ON,  /* what has changed since is known */
    PUSH_ANOTHER,  /* it never was that store */
    PUSH_OLDER,    /* it has not come so far */
    PUSH_PUT_BACK, /* it was older, and went on from there */
    PUSH_LONG_AGO  /* nobody can say */
};

bool push_moment_compare(struct pushed *store, const struct push_moment *now,
                         const struct push_moment *last, enum push_since *ret_since,
                         struct error *err);

/* What the store is now; NULL: a missing one. The mark is in the arena. */
bool push_moment_of(struct pushed *store, struct arena *arena, struct push_moment *ret_moment,
                    struct error *err);

#endif
