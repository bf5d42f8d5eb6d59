/* check: tries everything that can go wrong before a run does: a table of checks, one after the
 * other.
 *
 * Nothing is locked, no package is delivered, and no state is written; what is written to try a
 * right is taken away again. What is doubtful in the mapping and with people is a line of the
 * report, and so is each probe; of a file with faults all are said.
 */
#ifndef RUN_CHECK_H
#define RUN_CHECK_H

#include "base/error.h"
#include "base/message.h"
#include "report/check.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct check_run;

/* Looks at mappings alone, without settings and directory. */
struct check_run *check_mappings(const char *const *paths, size_t count,
                                 const struct messenger *messenger, bool *ret_ok,
                                 struct error *err);

/* A row of the table of checks. */
struct check_part {
    const char *name, *help;
};

/* NULL behind the end. */
const struct check_part *check_part_at(size_t index);

/* Does the check of that name and those that it needs, or with NULL all of the table, and goes on
 * after a failure; *ret_ok is then false, and the error that of the gravest. The result has all
 * that was found; the settings are borrowed for its life. NULL with ERROR_USAGE where there is no
 * such check. */
struct check_run *check_feed(const struct settings *settings, const char *part,
                             const struct messenger *messenger, bool *ret_ok, struct error *err);

/* NULL is allowed. */
void check_free(struct check_run *run);

/* What was found, for check_write(); lives as long as the run. */
const struct check *check_content(const struct check_run *run);

#endif
