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

/* Does the checks of the table for a feed and goes on after a failure; *ret_ok is then false, and
 * the error that of the gravest. The result, which is never NULL, has all that was found; the
 * settings are borrowed for its life. */
struct check_run *check_feed(const struct settings *settings, const struct messenger *messenger,
                             bool *ret_ok, struct error *err);

/* NULL is allowed. */
void check_free(struct check_run *run);

/* What was found, for check_write(); lives as long as the run. */
const struct check *check_content(const struct check_run *run);

#endif
