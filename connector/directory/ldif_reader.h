/* ldif_reader: an LDIF file, record by record, as raw lines.
 *
 * It splits at blank lines and sees to it that the file is whole; what the lines say is read by
 * ldif_record.h. (libldap's ldif_read_record() is not used: it follows "include:" lines into any
 * file, ends a line at a NUL byte and does not tell a cut-off file.)
 *
 * What shows that a file was cut off:
 *   - its last line has no line end (every writer of LDIF ends its lines);
 *   - it begins as ldapsearch writes without -LLL ("# extended LDIF"), but lacks what ldapsearch
 *     writes at the end ("# numResponses:");
 *   - its last record has a line that cannot be read (a base64 value cut short);
 *   - ldapsearch's own last word is a result other than 0.
 * What cannot show it: a cut exactly at a line end, with valid lines before. Then the last person
 * lacks attributes, or people are missing. Writers should hand over files that are complete, by
 * renaming them when done, and "ldapsearch -LLL … | ldap2alma" needs the shell's pipefail.
 */
#ifndef DIRECTORY_LDIF_READER_H
#define DIRECTORY_LDIF_READER_H

#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct ldif_reader;

struct ldif_record {
    char *text; /* lines, each with its line feed, NUL-terminated; may be changed in place */
    size_t length;
    unsigned long line; /* of the first one in the file, from 1 */
    bool last;          /* the file ends with it, without a blank line */
};

/* Opens a file, "-" for standard input. NULL with err when it cannot be read. */
struct ldif_reader *ldif_reader_open(const char *path, struct error *err);

/* The same for text in memory, which is borrowed; `name` and `line` stand for where it comes from.
 */
struct ldif_reader *ldif_reader_open_text(const char *name, unsigned long line, struct slice text);

void ldif_reader_close(struct ldif_reader *reader);

enum ldif_read {
    LDIF_READ_RECORD,
    LDIF_READ_END,
    LDIF_READ_FAILED /* the file cannot be read further, or was cut off */
};

/* The next record, valid until the next call. */
enum ldif_read ldif_reader_next(struct ldif_reader *reader, struct ldif_record *ret_record,
                                struct error *err);

/* For messages. */
const char *ldif_reader_name(const struct ldif_reader *reader);

#endif
