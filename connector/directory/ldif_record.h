/* ldif_record: one record of an LDIF file, read as an entry (RFC 2849).
 *
 * On top of the lines (directory/ldif_line.h) stands what a feed needs: values filed by slot, and a
 * judgement of how far a fault reaches.
 */
#ifndef DIRECTORY_LDIF_RECORD_H
#define DIRECTORY_LDIF_RECORD_H

#include "base/buffer.h"
#include "base/error.h"
#include "directory/ldif_reader.h"
#include "directory/names.h"
#include "model/entry.h"

enum ldif_parsed {
    LDIF_PARSED_ENTRY,
    LDIF_PARSED_NOTHING,   /* comments, "version: 1", ldapsearch's closing record */
    LDIF_PARSED_REFERENCE, /* "ref: ldap://…", as ldapsearch writes continuation references */
    LDIF_PARSED_BAD,       /* this entry cannot be read; the others can be trusted */
    LDIF_PARSED_REFUSED    /* the file is not what it should be: the read fails */
};

struct ldif_parser;

/* The names are borrowed; they should be sealed, for LDIF tells no schema. */
struct ldif_parser *ldif_parser_new(struct names *names);
void ldif_parser_free(struct ldif_parser *parser);

/* Reads the record, changing its text in place. The entry is valid until the next call and as long
 * as the record. BAD: err says what is wrong, and the entry's dn is set when it is known. REFUSED:
 * err is complete. `file` is for messages. */
enum ldif_parsed ldif_record_parse(struct ldif_parser *parser, const char *file,
                                   const struct ldif_record *record, struct entry *ret_entry,
                                   struct error *err);

#endif
