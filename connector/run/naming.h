/* naming: who is meant by a match identifier, an immutable id of the directory or a DN.
 *
 * For people who are known already, to state or to a run; whom the directory itself is asked for is
 * in run/whom.h.
 */
#ifndef RUN_NAMING_H
#define RUN_NAMING_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>

struct naming {
    struct slice match_id, id; /* the text, folded as each of them is */
};

/* The parts live in the arena. */
struct naming naming_parse(const char *who, struct arena *arena);

/* Slices without data are meant by nothing. */
bool naming_means_match_id(const struct naming *naming, struct slice match_id,
                           struct arena *scratch);

/* "entryUUID 3f25…", with or without its name; a DN where the directory gives no id. */
bool naming_means_id(const struct naming *naming, struct slice key, struct arena *scratch);

/* By one of the two. */
bool naming_means(const struct naming *naming, struct slice match_id, struct slice key,
                  struct arena *scratch);

bool naming_means_dn(const struct naming *naming, struct slice dn, struct arena *scratch);

#endif
