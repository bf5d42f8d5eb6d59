/* trace: what somebody who looks on learns while an entry is mapped (struct mapping_watch).
 *
 * evaluate.c and apply.c call it behind what they have evaluated, where evaluation->trace is set.
 * It then goes the same way a second time, step by step and without findings: so the first way,
 * which every person of a run goes, asks nothing at each step, and what it makes of a person is
 * the same whether somebody watches or not.
 *
 * Only for this folder.
 */
#ifndef MAPPING_TRACE_H
#define MAPPING_TRACE_H

#include "mapping/evaluate.h"
#include "mapping/rules.h"
#include "model/derivation.h"

#include <stdbool.h>

struct trace *trace_new(struct evaluation *evaluation, const struct mapping_watch *watch);

/* The rule of a field was evaluated. NULL where nobody wants a derivation. */
const struct derivation *trace_rule(struct evaluation *evaluation, const struct rule *rule,
                                    const struct field *field);

void trace_define(struct evaluation *evaluation, int index);

/* The item's `each`, which is then where the source `each` comes from. */
void trace_each(struct evaluation *evaluation, const struct item_rule *item);

/* The item was filled, and made unless a required part was missing. */
void trace_item(struct evaluation *evaluation, const struct item_rule *item, bool made);

/* Nothing was made by the rules of the item: its condition did not hold, or what was traced last
 * (its `each`, or a part that it needs) had no value. */
void trace_unmade(struct evaluation *evaluation, const struct item_rule *item,
                  const struct field *list, bool met);

#endif
