/* ladder: long lists of alternatives that ask one attribute for one value each.
 *
 *   - { when: (employeeType=professor), value: FACULTY }
 *   - { when: (employeeType=lecturer), value: FACULTY }       … and a thousand more
 *
 * Alternatives in a row whose conditions are nothing but an equality with the same source are the
 * rungs of a ladder. Which of them match is looked up by the source's values, so that those that
 * do not match cost nothing. What comes out is the same as without: a rung that is found is still
 * asked, and the first in the order of the file wins.
 *
 * Order of use: ladders_build() when a rule is compiled; ladder_next() for each alternative.
 */
#ifndef MAPPING_LADDER_H
#define MAPPING_LADDER_H

#include "mapping/evaluate.h"
#include "mapping/rules.h"

#include <stddef.h>

/* Fills rule->ladders where that is worth while; its alternatives have no fault. */
void ladders_build(struct arena *arena, struct rule *rule);

/* The first alternative from `index` on whose condition may hold; rule->count: there is none. Reads
 * sources as the conditions would; sets evaluation->where. */
size_t ladder_climb(struct evaluation *evaluation, const struct rule *rule, size_t index);

static inline size_t
ladder_next(struct evaluation *evaluation, const struct rule *rule, size_t index)
{
    return rule->ladders ? ladder_climb(evaluation, rule, index) : index;
}

#endif
