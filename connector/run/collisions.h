/* collisions: people of one feed who have an identifier in common.
 *
 * Alma takes the first of them and refuses the others, or gives one person's loans to another. All
 * of them are held, each with findings that name the other's DN and value. What is compared are
 * hashes, of which each identifier has left 32 bits with the person's number (people_marks());
 * texts are read from the spool only where those are the same.
 */
#ifndef RUN_COLLISIONS_H
#define RUN_COLLISIONS_H

#include "base/error.h"
#include "model/finding.h"
#include "package/package.h"
#include "run/people.h"

#include <stdbool.h>
#include <stdint.h>

struct collisions {
    uint64_t held;  /* people */
    uint64_t twice; /* entries that several searches found: kept once */
};

bool collisions_find(struct people *people, struct spool *spool,
                     const struct finding_sink *findings, struct collisions *ret_collisions,
                     struct error *err);

#endif
