/* differences: tells the report what a run would change in Alma of those whom somebody asks for.
 */
#ifndef RUN_DIFFERENCES_H
#define RUN_DIFFERENCES_H

#include "base/error.h"
#include "base/message.h"
#include "package/package.h"
#include "report/report.h"
#include "run/people.h"
#include "state/state.h"

#include <stdbool.h>
#include <stddef.h>

/* All borrowed. */
struct differences {
    struct state *state;
    struct people *people; /* behind compare_people() */
    struct spool *spool;
    const struct person *const *senders; /* those whose records go out */
    size_t sender_count;
    struct report *report;
    const struct messenger *messenger;
};

/* `who` is a match identifier, an immutable id or a DN (run/naming.h); a number that is nobody's
 * means the first so many whose records go out. Where it is nobody, that is said. */
bool differences_tell(const struct differences *differences, const char *who, struct error *err);

#endif
