/* run: one run from start to end, as a table of steps.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/error.h"
#include "base/message.h"
#include "report/report.h"
#include "settings/settings.h"

#include <stdbool.h>

/* Goes through all steps (a dry run stops before delivery and leaves nothing behind). The report
 * is made in any case, also of a failure, and is the caller's. */
bool run_feed(const struct settings *settings, bool dry_run, const struct messenger *messenger,
              struct report **ret_report, struct error *err);

#endif
