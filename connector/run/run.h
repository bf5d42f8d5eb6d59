/* run: one run from start to end, as a table of steps.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/error.h"
#include "base/message.h"
#include "report/report.h"
#include "run/confinement.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

/* Kinds of runs; a set of bits tells which of them a step belongs to. */
enum run_kind {
    RUN_REAL = 1,
    RUN_DRY = 2, /* all steps short of delivery, on a copy of the state; leaves nothing behind */
    RUN_BASELINE = 4, /* state takes what would be sent as what Alma has; nothing is sent */
    RUN_RELINK = 8,   /* state takes over new immutable ids; nothing is sent */
    RUN_RELINK_DRY = 16
};

enum run_who {
    RUN_AS_SET, /* as `changes` in the settings says */
    RUN_FULL,   /* everybody */
    RUN_CHANGED /* only who is new, changed or due */
};

struct run_options {
    enum run_kind kind;
    enum run_who who;
    const char *const *releases; /* brakes that do not stop this run */
    size_t release_count;
    const char *keep; /* RUN_DRY: the folder in which the packages are kept; NULL: nowhere */
    const char *diff; /* RUN_DRY: whose differences are told, or of how many; NULL: nobody's */
    struct confinement *confinement; /* NULL: not asked for */
};

/* Goes through all steps of the kind. The report is made in any case, also of a failure, and is the
 * caller's. */
bool run_feed(const struct settings *settings, const struct run_options *options,
              const struct messenger *messenger, struct report **ret_report, struct error *err);

#endif
