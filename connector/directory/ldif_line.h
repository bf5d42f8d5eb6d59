/* ldif_line: a record's lines, unfolded and taken apart (RFC 2849): "name: value", "name:: base64".
 *
 * Base64 is libldap's; on top of it stands that nothing is fetched by URL ("name:< …") and that
 * nothing is written to standard error.
 */
#ifndef DIRECTORY_LDIF_LINE_H
#define DIRECTORY_LDIF_LINE_H

#include "base/error.h"
#include "base/slice.h"
#include "directory/ldif_reader.h"

#include <stdbool.h>

struct ldif_lines {
    char *at, *end;
    unsigned long next; /* the line of the file at `at` */
    unsigned long line; /* where the one began that was taken last */
};

struct ldif_lines ldif_lines_of(const struct ldif_record *record);

/* The next line in one piece, without its end, which changes the record's text in place; NULL:
 * there is none. Comments are left out. */
char *ldif_lines_next(struct ldif_lines *lines);

struct ldif_line {
    const char *name;
    struct slice value;
};

/* Changes the text in place; what comes out borrows it. False with err: no such line. */
bool ldif_line_parse(char *text, struct ldif_line *ret_line, struct error *err);

bool ldif_line_is(const struct ldif_line *line, const char *name);

/* Whether it is "version: …"; *ret_known: the one that there is. */
bool ldif_line_is_version(const char *text, bool *ret_known);

/* "result: 0 Success", behind "search: 2": ldapsearch without -LLL came to its end. */
bool ldif_line_is_success(const char *text);

#endif
