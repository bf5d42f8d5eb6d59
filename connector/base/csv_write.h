/* csv_write: comma-separated values for people who open them in a spreadsheet.
 *
 * RFC 4180: fields between commas, lines end in CRLF, a field with a comma, a quote or a blank at
 * an end stands in double quotes, a quote in it is doubled. UTF-8, without a byte order mark.
 *
 * Values come from people, and a spreadsheet computes what begins like a formula: an apostrophe is
 * put before those (what LibreOffice and Excel take for "this is text"; owasp.org, "CSV
 * Injection"). Control characters, line breaks among them, appear as \xNN.
 *
 * Reading them is base/csv.h.
 */
#ifndef BASE_CSV_WRITE_H
#define BASE_CSV_WRITE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"

#include <stddef.h>

/* Appends one row of `count` fields; SLICE_NONE is an empty one. The arena, in which none
 * of them may live, is for work. */
void csv_write_row(struct buffer *out, struct arena *scratch, const struct slice *fields,
                   size_t count);

#endif
