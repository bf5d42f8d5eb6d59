/* step_clock: says which step of a run begins, and puts into the report what it took. Of what the
 * steps are, each run has a table of its own (run/run.c, run/photos.c).
 */
#ifndef RUN_STEP_CLOCK_H
#define RUN_STEP_CLOCK_H

#include "base/message.h"
#include "report/report.h"

/* When it began, for step_end(). */
double step_begin(const struct messenger *messenger, const char *name);

void step_end(struct report *report, const char *name, double began);

#endif
