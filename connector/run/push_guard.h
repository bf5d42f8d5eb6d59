/* push_guard: whether a person who is put will be held when it comes to the delivery.
 *
 * It looks into the state by the rules of run/moved.h: the match identifier was delivered for
 * another person, or another one was delivered for this person. What needs all people to be seen is
 * left to the run.
 *
 * Order of use: push_guard_open(); push_guard_hold() for each person; push_guard_close().
 */
#ifndef RUN_PUSH_GUARD_H
#define RUN_PUSH_GUARD_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "run/identifiers.h"
#include "settings/settings.h"

#include <stdbool.h>

struct push_guard;

/* NULL with err where the state cannot be read; where there is none nobody will be held. */
struct push_guard *push_guard_open(const struct settings *settings, struct error *err);
void push_guard_close(struct push_guard *guard);

struct push_claimant {
    struct slice id, dn, match_id;
    const struct identifiers *identifiers;
};

/* *ret_why in the arena; NULL: nothing is known that would hold them. */
bool push_guard_hold(struct push_guard *guard, const struct push_claimant *claimant,
                     struct arena *arena, const char **ret_why, struct error *err);

#endif
