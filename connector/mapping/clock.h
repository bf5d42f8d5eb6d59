/* clock: whether the day decides what a mapping makes of an entry.
 *
 * Dates that are made of the clock move by themselves, and nobody takes that for a change (run/
 * fingerprint.h). But a condition on such a date, a table or any other transform of it may give
 * something else on another day, of an entry that is the same.
 *
 * Order of use: each condition's subject and each pipe is noted when it is compiled; ask when all
 * are.
 */
#ifndef MAPPING_CLOCK_H
#define MAPPING_CLOCK_H

#include "mapping/compiler.h"
#include "mapping/rules.h"

#include <stdbool.h>

void clock_note_condition(struct compiler *compiler, const struct source *subject);
void clock_note_pipe(struct compiler *compiler, const struct pipe *pipe);

bool clock_decides(struct compiler *compiler);

#endif
