/* cases: runs the cases of mapping tests: each entry goes the way of a real run (run/person.h), and
 * what came of it is held against what the case expects.
 */
#ifndef RUN_CASES_H
#define RUN_CASES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "report/case_report.h"

#include <stdbool.h>
#include <stddef.h>

struct cases_options {
    const char *const *paths; /* test files */
    size_t count;
    const char *pattern; /* only cases whose name holds a match of this pattern of fnmatch(3), in
                            whatever case; NULL: all */
};

/* Runs all files, or none where a file or its mapping has a fault: all are said by the messenger,
 * then false and ERROR_CONFIG. A case that fails is no error. The report lives in the arena. */
bool cases_run(const struct cases_options *options, struct arena *arena,
               const struct messenger *messenger, struct case_report *ret_report,
               struct error *err);

#endif
