/* lint: what is doubtful in a mapping that has no fault (mapping_lint()).
 *
 * Judged is the mapping alone, without directory and entries; so only what is plain is told, and
 * what is not told may still be wrong. lint_yield.c knows which templates always or never have a
 * value, lint_facts.c which conditions exclude each other; the other files are one check each.
 *
 * Only for lint*.c.
 */
#ifndef MAPPING_LINT_H
#define MAPPING_LINT_H

#include "base/arena.h"
#include "mapping/filter.h"
#include "mapping/rules.h"
#include "model/finding.h"

#include <stdbool.h>
#include <stddef.h>

enum yield { YIELD_UNKNOWN, YIELD_NEVER, YIELD_SOMETIMES, YIELD_ALWAYS };

struct lint {
    const struct mapping *mapping;
    struct arena *arena;
    struct finding *findings; /* so far */
    size_t finding_count, finding_capacity;
    enum yield defines[DEFINES_MOST]; /* YIELD_UNKNOWN: not yet judged */
    enum yield fields[USER_FIELDS_MOST];
    const char *why_never; /* about the last YIELD_NEVER, in words */
};

void lint_find(struct lint *lint, enum finding_code code, const char *field, struct position where,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* What is known of the entry at some place of the mapping: conditions that hold or do not. */
struct facts {
    struct lint *lint;
    struct fact *items;
    size_t count, capacity;
};

struct facts facts_new(struct lint *lint);
void facts_free(struct facts *facts);

/* From now on the condition is known to hold, or not to. NULL, which always holds, is allowed. */
void facts_add(struct facts *facts, const struct filter *filter, bool holds);

/* True where what is known excludes that the condition holds (or that it does not). False where it
 * does not, and where that is not plain. */
bool facts_exclude(struct facts *facts, const struct filter *filter, bool holds);

/* The same by the first `count` of the facts alone. */
bool facts_exclude_by(const struct facts *facts, size_t count, const struct filter *filter);

/* Whether a template has a value, in whatever entry. */
enum yield lint_template(struct lint *lint, const struct template *value);

/* The same for a rule, where the facts are known. */
enum yield lint_rule(struct lint *lint, const struct rule *rule, struct facts *facts);

/* The same for a source. */
enum yield lint_source(struct lint *lint, const struct source *source);

/* True where both do the same to any values. */
bool lint_same_step(const struct step *a, const struct step *b);

void lint_unused(struct lint *lint);
void lint_reach(struct lint *lint);
void lint_identifiers(struct lint *lint);
void lint_codes(struct lint *lint);

#endif
