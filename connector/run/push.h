/* push: people who are handed over one by one, for feeds with `directory: { push: {} }`.
 *
 * Each change is judged at once: what the mapping makes of the person, whether an identifier is
 * another pushed person's, whether the run will hold them (run/push_guard.h). What is taken is kept
 * (state/pushed.h) until a run delivers it, which reads everybody by run/push_source.h.
 *
 * Order of use: push_open(); pushed_begin() of its store, push_take() for each change,
 * pushed_end(); push_close().
 */
#ifndef RUN_PUSH_H
#define RUN_PUSH_H

#include "directory/ldif_change.h"
#include "run/feed.h"
#include "run/mapper.h"
#include "run/push_guard.h"
#include "state/pushed.h"

#include <stdbool.h>

struct push {
    struct l2a *feed;
    struct mapper *mapper;
    struct pushed *store;
    struct push_guard *guard;
    struct arena *arena; /* of one change */
    struct buffer text, identifiers;
};

/* False with feed->err. push_close() in any case. */
bool push_open(struct push *push, struct l2a *feed);
void push_close(struct push *push);

enum push_verdict {
    PUSH_TAKEN,
    PUSH_SAME,    /* all was as it is */
    PUSH_HELD,    /* taken, but the run will hold the person, as `err` says (ERROR_BRAKE) */
    PUSH_SKIPPED, /* taken, but `select` leaves the person out */
    PUSH_REFUSED, /* nothing was changed, as `err` says (ERROR_DATA) */
    PUSH_FAILED   /* the transaction cannot go on */
};

/* A change that is not LDIF_NOTHING. */
enum push_verdict push_take(struct push *push, const struct ldif_change *change, struct error *err);

/* The person whom somebody means by a DN, a match identifier or an immutable id, in the arena.
 * ERROR_DATA where it means several. */
bool push_whom(struct pushed *store, const char *who, struct arena *arena,
               struct pushed_person *ret_person, bool *ret_found, struct error *err);

/* The person's entry, a new one; NULL with err. */
struct whole_entry *push_entry(const struct pushed *store, const struct pushed_person *person,
                               struct error *err);

#endif
