/* mapping_change: whether the mapping is still the one of the last delivery.
 *
 * State keeps, as one of its facts, the digests of the files that the mapping was made of then.
 */
#ifndef RUN_MAPPING_CHANGE_H
#define RUN_MAPPING_CHANGE_H

#include "base/arena.h"
#include "base/slice.h"
#include "mapping/mapping.h"

/* The digests of the mapping's files, a line each: "SHA256 PATH". */
struct slice mapping_digests(const struct mapping *mapping, struct arena *arena);

/* In what the files differ: "'a.yaml' has changed, 'cards.csv' is new, 'b.yaml' is no longer read";
 * NULL where they do not. */
const char *mapping_difference(struct slice before, struct slice now, struct arena *arena);

#endif
