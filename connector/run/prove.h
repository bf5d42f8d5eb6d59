/* prove: finished packages are read again before anything is uploaded.
 *
 * The last look at what Alma will take, by other means than those that wrote it: each record has
 * the match identifier, is that of the person who was planned at this place, and no identifier is
 * in the packages twice. What is found here is a fault of this program, so nothing is delivered.
 */
#ifndef RUN_PROVE_H
#define RUN_PROVE_H

#include "base/error.h"
#include "base/message.h"
#include "package/package.h"
#include "run/people.h"

#include <stdbool.h>
#include <stddef.h>

struct prove {
    const struct packages *packages;
    const struct person *const *people; /* whose records the packages hold, in their order */
    size_t count;
    const char *match_id; /* "primary_id", or an identifier type */
    const struct messenger *messenger;
};

bool prove_packages(const struct prove *prove, struct error *err);

#endif
