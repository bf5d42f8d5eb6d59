/* alma: what Alma takes: checks of a user, its XML, and the schema of the documents.
 *
 * Order for one person: alma_check() (settles what Alma wants settled, finds what it would
 * refuse), then alma_write_user() with a writer that was made once. Everything loops over the
 * table of fields (model/user_fields.h); no field is named here.
 *
 * Not here: what the mapping requires, whether identifiers are unique in the feed (run/).
 */
#ifndef ALMA_ALMA_H
#define ALMA_ALMA_H

#include "base/buffer.h"
#include "base/date.h"
#include "base/error.h"
#include "base/message.h"
#include "model/finding.h"
#include "model/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct alma_writer;

/* What stands before the first and after the last user of a document. */
extern const struct slice alma_document_begin;
extern const struct slice alma_document_end;

/* Checks the user: match identifier, identifiers, lengths, dates, booleans. Settles: an item
 * without one of its required parts is left out, booleans are lower case (LDAP writes TRUE, RFC
 * 4517 section 3.3.3), each list has one preferred item (the first one marked true, else the
 * first). False when the record must not be sent; each reason is a finding. */
bool alma_check(struct user *user, const struct finding_sink *findings);

/* The tags of all fields, ready to copy. Does not change afterwards: threads may share it. */
struct alma_writer *alma_writer_new(void);
void alma_writer_free(struct alma_writer *writer);

/* Where things are in a record that was written: offsets in the buffer. Starts zeroed; the writer
 * overwrites it. alma_layout_free() when done. */
struct alma_layout {
    uint32_t begins[USER_FIELDS_MOST]; /* of each field, with its tags … */
    uint32_t ends[USER_FIELDS_MOST];   /* … and behind it; the same where it is not there */
    struct alma_span {
        uint32_t begin, end;
    } * clock; /* texts that were made of the clock (VALUE_OF_CLOCK), in their order */
    size_t clock_count, clock_capacity;
};

void alma_layout_free(struct alma_layout *layout);

/* Appends <user>…</user> and a newline, one line a field or item. The user was checked before;
 * whatever its values hold, what is appended is well-formed XML: bytes that are no UTF-8 become
 * U+FFFD and characters that XML forbids are left out. */
void alma_write_user(const struct alma_writer *writer, const struct user *user, struct buffer *out);

/* The same, telling where things are. */
void alma_write_user_laid_out(const struct alma_writer *writer, const struct user *user,
                              struct buffer *out, struct alma_layout *layout);

/* Appends the last record of a person who has left: `record`, as this writer once wrote it, with
 * other dates and status. */
struct alma_leaving {
    struct date expiry_date; /* where the record's own is earlier, that one stays */
    struct date purge_date;  /* year 0: what the record has */
};
void alma_write_leaver(struct slice record, const struct alma_leaving *leaving, struct buffer *out);

/* Appends one record, <user>…</user>, in the one form in which two of them compare: a line for each
 * tag, or element that holds text; two blanks for each level; attributes in the order of their
 * names. White space between elements does not count; comments and instructions are left out.
 * False with ERROR_DATA where the text is no such record; `ret_line` is then the line in it. */
bool alma_canonical(struct slice xml, struct buffer *out, unsigned *ret_line, struct error *err);

/* What a record says of one field. */
struct alma_texts {
    struct slice *items; /* the text; one for each code; one for each item, as "name=text, …" */
    size_t count;        /* 0: the record does not have the field */
};

/* Reads a record, as this or an older writer wrote it, for people who want to see what is in it:
 * ret_fields[i] is that of field i of the table, in the arena. ERROR_DATA where it is no XML. */
bool alma_read_record(struct slice record, struct arena *arena,
                      struct alma_texts ret_fields[USER_FIELDS_MOST], struct error *err);

/* Inspection: what a finished document says of its people's identifiers, read from the bytes alone.
 * It proves packages, so it shares nothing with the writer but that a line is a field or an item:
 * what is not one such record behind the other is a fault. The schema is for the rest.
 *
 * Order of use: new; alma_inspect() for each piece of a document, alma_inspect_end() behind its
 * last; the next document; free. */
struct alma_inspector;

struct alma_identifier {
    struct slice id_type; /* SLICE_NONE: it has none */
    struct slice value;
};

/* One record; its texts are decoded and live until the callback returns. */
struct alma_inspected {
    struct slice primary_id; /* SLICE_NONE: it has none */
    const struct alma_identifier *identifiers;
    size_t identifier_count;
};

struct alma_inspector *alma_inspector_new(bool (*record)(void *context,
                                                         const struct alma_inspected *record,
                                                         struct error *err),
                                          void *context);
void alma_inspector_free(struct alma_inspector *inspector);

/* False with ERROR_DATA where the bytes are no such document, or when the callback says so. */
bool alma_inspect(struct alma_inspector *inspector, struct slice piece, struct error *err);
bool alma_inspect_end(struct alma_inspector *inspector, struct error *err);

/* The schema of documents that the loader reads, as XSD, made from the table. */
void alma_write_schema(struct buffer *out);

/* Validates one XML document against that schema, as a stream. Each violation is said by the
 * messenger as "NAME:LINE: text", the first hundred of them; returns false with ERROR_DATA.
 * A document with a DOCTYPE is refused: it could pull in other files. The descriptor stays open. */
bool alma_validate(const char *name, int fd, const struct messenger *messenger, struct error *err);

#endif
