/* preview_told: which rules a preview has shown below another one. Rules name rules that name
 * rules: shown each time, they would multiply without end. Only for this folder.
 */
#ifndef REPORT_PREVIEW_TOLD_H
#define REPORT_PREVIEW_TOLD_H

#include "model/derivation.h"

/* Zero it for each person. */
struct preview_told {
    const struct derivation **items; /* of the present field */
    size_t count, capacity;
    const struct derivation *each; /* an item's `each` is told once for all that it makes */
};

/* Another field of the person begins. */
void preview_told_next_field(struct preview_told *told);

/* Whether the rule behind the step, which it must have, was told. */
bool preview_is_told(const struct preview_told *told, const struct derivation_step *step);

void preview_tell(struct preview_told *told, const struct derivation_step *step);

void preview_told_free(struct preview_told *told);

#endif
