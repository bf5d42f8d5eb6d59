/* pushed: the people of a feed whom somebody hands over one by one, as they were last handed over.
 *
 * One SQLite file a feed, beside its state and readable by its owner alone. Each person has a row:
 * the immutable id, the place (the DN in the form that compares), the DN as written, the entry as
 * LDIF, the match identifier and all identifiers as they were mapped (folded: unique over the
 * feed), and the number of the last change, which only grows. Of somebody who was removed id, place
 * and number stay, and nothing else.
 *
 * Any number of processes may have it open. Writers take turns, transaction by transaction, and
 * wait for one another; readers see one moment and keep nobody waiting. Only what pushed_end() has
 * returned true for is on the disk, and then it is.
 *
 * Order of use: open; pushed_begin(), look up, put and remove, pushed_end(); or
 * pushed_begin_look(), look up, pushed_end_look(); close.
 *
 * Not here: what an entry means, who may have which identifier (run/push.h).
 */
#ifndef STATE_PUSHED_H
#define STATE_PUSHED_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pushed;

enum pushed_access {
    PUSHED_WRITE, /* made when it is missing */
    PUSHED_READ   /* ERROR_DATA when it is missing; never changes it */
};

/* False where there is no file yet. */
bool pushed_is_there(const char *path);

/* What is no such file, belongs to another feed or may be read by others is refused with what to do
 * (ERROR_DATA, ERROR_CONFIG, ERROR_PERMISSION). Its pages are checked by pushed_check() alone. */
struct pushed *pushed_open(const char *path, const char *feed, enum pushed_access access,
                           struct error *err);
void pushed_close(struct pushed *pushed);

const char *pushed_path(const struct pushed *pushed);

/* A number that tells this file from any other that ever stood there; in the arena. */
bool pushed_mark(struct pushed *pushed, struct arena *arena, struct slice *ret_mark,
                 struct error *err);

/* What was drawn when a transaction ended with that change, so that a copy that was put back and
 * went on is told from the file that it was a copy of. *ret_known is false where that is too long
 * ago (a million changes); SLICE_NONE: none ended there. In the arena. */
bool pushed_token(struct pushed *pushed, int64_t change, struct arena *arena,
                  struct slice *ret_token, bool *ret_known, struct error *err);

/* Checks every page and index, and what belongs together. */
bool pushed_check(struct pushed *pushed, struct error *err);

/* A transaction of a writer, who waits until it is its turn (ERROR_LOCKED after a minute). `keep`
 * false undoes it; so does a failure. */
bool pushed_begin(struct pushed *pushed, struct error *err);
bool pushed_end(struct pushed *pushed, bool keep, struct error *err);

/* One moment for a reader. */
bool pushed_begin_look(struct pushed *pushed, struct error *err);
void pushed_end_look(struct pushed *pushed);

struct pushed_person {
    int64_t row;    /* 0: is not there yet */
    int64_t change; /* only read */
    struct slice id;
    bool own_id;        /* the entry itself has it */
    struct slice place; /* SLICE_NONE: somebody else is there now */
    struct slice dn;
    struct slice match_id;    /* SLICE_NONE: the mapping leaves the person out */
    struct slice identifiers; /* folded, each with a NUL behind it */
    struct slice entry;       /* LDIF; SLICE_NONE: was removed */
};

enum pushed_by { PUSHED_BY_ID, PUSHED_BY_PLACE, PUSHED_BY_IDENTIFIER };

/* Whoever has this, removed or not; of identifiers nobody who was removed has any. Texts are copied
 * into the arena. */
bool pushed_find(struct pushed *pushed, enum pushed_by by, struct slice what, struct arena *arena,
                 struct pushed_person *ret_person, bool *ret_found, struct error *err);

/* Calls `person` for everybody who is kept, or for everybody, removed or not, who has changed since
 * that number, in the order of changes; what it is given is valid during the call. */
bool pushed_each(struct pushed *pushed,
                 bool (*person)(void *context, const struct pushed_person *person,
                                struct error *err),
                 void *context, struct error *err);
bool pushed_each_since(struct pushed *pushed, int64_t change,
                       bool (*person)(void *context, const struct pushed_person *person,
                                      struct error *err),
                       void *context, struct error *err);

struct pushed_census {
    uint64_t kept;
    int64_t newest; /* the number of the last change; 0: there was none */
};

bool pushed_count(struct pushed *pushed, struct pushed_census *ret_census, struct error *err);
bool pushed_newest(struct pushed *pushed, int64_t *ret_newest, struct error *err);

/* How many people have changed since that number. */
bool pushed_count_since(struct pushed *pushed, int64_t change, uint64_t *ret_count,
                        struct error *err);

/* Within a transaction: `now` in place of `before` (row 0: a new row), with the next number. Nobody
 * else may have the id, the place or one of the identifiers. */
bool pushed_put(struct pushed *pushed, const struct pushed_person *before,
                const struct pushed_person *now, struct error *err);

/* The person is gone; `place` SLICE_NONE: and somebody else comes to the place. */
bool pushed_remove(struct pushed *pushed, const struct pushed_person *person, bool yields,
                   struct error *err);

/* Changes that were refused, of which nothing else is kept. */
struct pushed_refusals {
    uint64_t count; /* ever */
    int64_t last;   /* when, in seconds since the epoch; 0: there was none */
};

bool pushed_get_refusals(struct pushed *pushed, struct pushed_refusals *ret_refusals,
                         struct error *err);

/* Within a transaction: so many more were refused, now. */
bool pushed_add_refusals(struct pushed *pushed, uint64_t count, struct error *err);

/* For another mapping: takes the identifiers of everybody away; then gives each person theirs,
 * which is no change of the person. What somebody else has got already is left out. */
bool pushed_forget_identifiers(struct pushed *pushed, struct error *err);
bool pushed_identify(struct pushed *pushed, const struct pushed_person *before,
                     const struct pushed_person *now, struct error *err);

/* Under which mapping the identifiers were made; SLICE_NONE: nobody has said. */
bool pushed_get_mapping(struct pushed *pushed, struct arena *arena, struct slice *ret_mapping,
                        struct error *err);
bool pushed_set_mapping(struct pushed *pushed, struct slice mapping, struct error *err);

#endif
