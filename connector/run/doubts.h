/* doubts: what was found about many people, one line for each place of the mapping.
 *
 * A doubt is known by what it is (the code), the rule, and what it is about (an attribute, a
 * field). How many there are depends on the mapping, not on the number of people.
 */
#ifndef RUN_DOUBTS_H
#define RUN_DOUBTS_H

#include "base/fault.h"
#include "base/slice.h"
#include "model/finding.h"
#include "report/check.h"

#include <stdbool.h>
#include <stdint.h>

struct doubts;

struct doubts *doubts_new(void);
void doubts_free(struct doubts *doubts);

/* The read begins anew. */
void doubts_restart(struct doubts *doubts);

struct doubt_key {
    enum finding_code code;
    struct position where;
    const char *about; /* NULL: nothing */
};

/* Counts a person, known by a number that grows, once for each doubt. True when it is the doubt's
 * first one: then doubts_word() has to say it. */
bool doubts_count(struct doubts *doubts, const struct doubt_key *key, uint64_t person);

/* Words the doubt that was counted last, after its first person. Both texts are copied. */
void doubts_word(struct doubts *doubts, struct slice text, struct slice dn);

/* Adds a line each, but where the check has one of that code at that place already, which says it
 * without any people; their texts live as long as the doubts. */
void doubts_tell(const struct doubts *doubts, struct check *check);

#endif
