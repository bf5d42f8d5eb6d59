/* csv: a file of comma-separated values, row by row, in bounded memory.
 *
 * Order of use: open, next until it returns false, close; then the faults say whether the file
 * was good. The header row comes first, as a row like the others.
 *
 * As RFC 4180 has it: lines end in CRLF or LF (the last one may lack it); a field may stand in
 * double quotes, then it may hold separators and line breaks, and a quote in it is doubled. Beyond
 * that:
 *   - The separator is what the first row has outside of quotes: a comma; if it has none, a
 *     semicolon (Excel writes those where the comma is the decimal sign); if it has none, a tab.
 *   - The text is UTF-8, with or without a byte order mark.
 *   - Lines with nothing in them are skipped.
 *   - A quote in a field that does not begin with one is a character like any other; but blanks
 *     before a quote that opens a field are a fault.
 * Every row has as many fields as the first; more or fewer is a fault. What cannot be read past
 * (bytes that are no UTF-8, a NUL, a quote that is never closed) ends the file, and so do too
 * many faults. A file that changed while it was read is a fault as well: it may be half old and
 * half new.
 *
 * Not for settings (base/yaml.h), and nothing here knows what columns mean.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/error.h"
#include "base/fault.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct csv;

/* Fields are UTF-8 without NUL, their quotes taken off, otherwise as the file has them. */
struct csv_row {
    const struct slice *fields;
    size_t count;  /* at least 1 */
    unsigned line; /* of the file where the row begins, from 1 */
};

/* Opens a regular file. NULL with err when it cannot be read (as file_read() says it). `path` is
 * borrowed, for longer than `faults`, where it stands in the positions. */
struct csv *csv_open(const char *path, struct faults *faults, struct error *err);

/* The next row, valid until the next call. Rows with faults are not handed over. */
bool csv_next(struct csv *csv, struct csv_row *ret_row);

/* NULL is allowed. */
void csv_close(struct csv *csv);

#endif
