/* escape: text as XML, legal whatever the bytes are. */
#ifndef ALMA_ESCAPE_H
#define ALMA_ESCAPE_H

#include "base/buffer.h"
#include "base/slice.h"

enum escape_place { ESCAPE_TEXT = 1, ESCAPE_ATTRIBUTE = 2 };

/* Appends the text as it may stand at that place (an attribute's quotes are `"`). What XML 1.0
 * (5th edition, section 2.2, production Char) does not allow never comes through: line ends and
 * tabs become blanks, other control characters vanish, bytes that are no legal UTF-8 become
 * U+FFFD. */
void escape_add(struct buffer *out, struct slice text, enum escape_place place);

#endif
