/* measure: the numbers of a status that a monitor holds against limits, as a table.
 *
 * Only what a status says is counted: nothing here asks anybody.
 */
#ifndef REPORT_MEASURE_H
#define REPORT_MEASURE_H

#include "report/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct measure {
    const char *name; /* "age" */
    const char *unit; /* "s"; "": a number of things */
    const char *help; /* one line */
    /* False where the status does not know it. */
    bool (*value)(const struct status *status, time_t now, int64_t *ret_value);
};

/* Row `index`, or NULL behind the end. */
const struct measure *measure_at(size_t index);

/* The row of this name, or NULL. */
const struct measure *measure_find(const char *name);

#endif
