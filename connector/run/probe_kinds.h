/* probe_kinds: what to do about each probe that `check` makes (base/probe.h), where the failure
 * itself gives no better advice.
 */
#ifndef RUN_PROBE_KINDS_H
#define RUN_PROBE_KINDS_H

#include <stdbool.h>

/* A full sentence; "" for a name that is not in the tables. `photos`: the delivery is theirs. */
const char *probe_remedy(const char *name, bool photos);

#endif
