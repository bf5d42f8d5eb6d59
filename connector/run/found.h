/* found: what was found about people who come one at a time, for l2a_finding().
 *
 * Order of use: found_restart() when a call begins; found_next() before each person (mapper_map()
 * does that); found_sink() for whoever judges. The findings of a call stay until the next restart.
 * What they hold is copied, and made fit to be shown. Memory is bounded: behind the first
 * FOUND_MOST findings of a call none are kept.
 */
#ifndef RUN_FOUND_H
#define RUN_FOUND_H

#include "base/buffer.h"
#include "model/finding.h"

#include <stddef.h>

enum { FOUND_MOST = 10000 };

struct found {
    struct arena *arena; /* NULL: nothing was found yet */
    struct found_row *rows;
    size_t count, capacity;
    struct buffer reason; /* of the present person; empty: nothing keeps the record back */
};

void found_restart(struct found *found);
void found_next(struct found *found);
void found_free(struct found *found);

struct finding_sink found_sink(struct found *found);

/* The text of the first finding that keeps the present person's record back; "": there is none. */
const char *found_reason(const struct found *found);

#endif
