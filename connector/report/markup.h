/* markup: text within XML and HTML. Only for this folder. */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include "base/buffer.h"
#include "base/slice.h"

/* Appends the text, which is legal there but for the signs of markup themselves; also within
 * attributes in double quotes. */
void markup_add(struct buffer *out, struct slice text);

#endif
