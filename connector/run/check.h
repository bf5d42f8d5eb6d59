/* check: looks for everything doubtful before a run does: a table of checks, one after the other.
 *
 * Nothing is delivered, written or locked. What is wrong with a file is an error, with all its
 * faults said; what is doubtful is a line of the report.
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

/* Does the checks of the table for a feed, up to the first that fails. The result, which is never
 * NULL, also has what was found until then; the settings are borrowed for its life. */
struct check_run *check_feed(const struct settings *settings, const struct messenger *messenger,
                             bool *ret_ok, struct error *err);

/* NULL is allowed. */
void check_free(struct check_run *run);

/* What was found, for check_write(); lives as long as the run. */
const struct check *check_content(const struct check_run *run);

#endif
