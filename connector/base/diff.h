/* diff: in which lines two texts differ.
 */
#ifndef BASE_DIFF_H
#define BASE_DIFF_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends each line of `before` that `after` lacks with "- " in front, and each that it has instead
 * with "+ ", in the order of the texts. Nothing where they are the same. Texts with very many
 * different lines are told from the first to the last difference as a whole. */
void diff_lines(struct slice before, struct slice after, struct buffer *out);

#endif
