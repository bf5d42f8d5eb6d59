/* case_explain: which rules of the mapping were asked for a value, and what came of it.
 */
#ifndef RUN_CASE_EXPLAIN_H
#define RUN_CASE_EXPLAIN_H

#include "base/arena.h"
#include "mapping/cases.h"
#include "mapping/mapping.h"
#include "model/user.h"
#include "report/case_report.h"

/* What was mapped, for explanations; all borrowed. */
struct case_mapped {
    const struct mapping *mapping;
    const char *mapping_path;
    const struct user *user;
};

/* Sets the attempts of the difference: the alternatives that were tried for a value, or the items
 * of a list. They live in the arena. */
void case_explain(const struct case_mapped *mapped, const struct case_value *value,
                  struct arena *arena, struct case_difference *difference);

/* The same for somebody who was skipped, or was not: what `select` says. */
void case_explain_select(const struct mapping *mapping, bool skipped, struct arena *arena,
                         struct case_difference *difference);

/* The same for a field that the mapping requires and that has no value: "user_group", "emails" or
 * "emails.description". */
void case_explain_missing(const struct case_mapped *mapped, const char *field, struct arena *arena,
                          struct case_difference *difference);

/* Text for a report: printable, of one line. NULL where there is none. */
const char *case_text(struct arena *arena, struct slice text);

/* A position whose file's name is such a text. */
struct position case_position(struct arena *arena, struct position where);

/* "work, home"; NULL where there are none. */
const char *case_texts(struct arena *arena, const struct slice *texts, size_t count);

#endif
