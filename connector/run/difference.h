/* difference: what a record would change of one person in Alma, by what state knows of the last
 * one.
 */
#ifndef RUN_DIFFERENCE_H
#define RUN_DIFFERENCE_H

#include "base/arena.h"
#include "base/error.h"
#include "report/difference.h"
#include "state/state.h"

#include <stdbool.h>

/* Fills in `old_known` and the fields, in the arena. `known` NULL: Alma has nobody. `record` is
 * what would be sent, `digests` its fields' (run/fingerprint.h): without the last record they tell
 * at least which fields differ. */
bool difference_make(const struct state_person *known, struct slice record, struct slice digests,
                     struct arena *arena, struct difference *difference, struct error *err);

#endif
