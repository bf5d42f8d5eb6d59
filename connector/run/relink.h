/* relink: a directory that was rebuilt has given everybody a new immutable id; state takes it over
 * for those who have the match identifier that they were delivered with.
 *
 * Whether they are the same people only those who rebuilt the directory know: a run never does this
 * by itself (moved.h stops it). Nobody is sent.
 */
#ifndef RUN_RELINK_H
#define RUN_RELINK_H

#include "base/error.h"
#include "base/message.h"
#include "package/package.h"
#include "run/people.h"
#include "state/state.h"

#include <stdbool.h>

struct relink {
    struct state *state;
    struct people *people; /* after collisions_find() */
    struct spool *spool;
    const struct messenger *messenger;
    bool rehearsal; /* on a copy of the state, so that it says what would be */
};

bool relink_people(const struct relink *relink, struct error *err);

#endif
