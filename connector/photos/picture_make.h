/* picture_make: one person's pictures become one file, anew.
 *
 * The work of the program that is shut in; it trusts nothing of what it reads.
 */
#ifndef PHOTOS_PICTURE_MAKE_H
#define PHOTOS_PICTURE_MAKE_H

#include "photos/picture_wire.h"

/* `bytes` is emptied and holds the new file where the answer has no trouble. Of several pictures
 * those that cannot be read count only when none can; the trouble is then that of the one that
 * would have come first. */
void picture_make(const struct picture_rules *rules, const struct slice *values, size_t count,
                  struct picture_answer *ret_answer, struct buffer *bytes);

#endif
