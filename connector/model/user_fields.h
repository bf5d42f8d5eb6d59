/* user_fields: THE table of what an Alma user consists of.
 *
 * Each field of Alma's user XML (version 2) that a load reads has one row here, under Alma's own
 * element name. The mapping loader, the checks, the XML writer, the schema, the help and the
 * manual loop over these rows; none of them names a field of its own.
 *
 * The order of the rows is the order in the XML. Only `contact_info`, which wraps addresses,
 * emails and phones, has no row: fields under it are marked in_contact_info.
 *
 * Source: Ex Libris' schema rest_user.xsd (2021) and the SIS pages on developers.exlibrisgroup.com
 * tell names, types and maximum lengths (in characters).
 */
#ifndef MODEL_USER_FIELDS_H
#define MODEL_USER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

enum field_kind {
    FIELD_TEXT,
    FIELD_CODE,      /* a code of one of the institution's tables */
    FIELD_DATE,      /* xs:date, written YYYY-MM-DDZ */
    FIELD_DATE_TIME, /* xs:dateTime */
    FIELD_BOOLEAN,   /* true or false */
    FIELD_CODES,     /* a wrapper with one child element for each of several codes */
    FIELD_ITEMS      /* a wrapper with one child element for each item */
};

enum { FIELD_KIND_COUNT = FIELD_ITEMS + 1 };

/* Rows of one item's fields; a top-level row of kind FIELD_ITEMS points at them. */
struct field {
    const char *name; /* Alma's element (or attribute) name */
    enum field_kind kind;
    unsigned most;  /* characters; 0: no limit */
    bool required;  /* in an item: without it Alma refuses the user, so the item is left out */
    bool attribute; /* in an item: an XML attribute of the item's element */
    bool in_contact_info;
    bool identifier;   /* tells people apart: never sent with bytes that had to be mended */
    bool preferred;    /* in an item: true for one item of the list, false for the others */
    bool type;         /* in an item: the code or codes that tell which kind of item it is */
    bool main;         /* in an item: what the item is there for; stands for it in field paths */
    bool kept_by_alma; /* Alma keeps a value that staff edited by hand ("*" in the load's pages) */
    const char *fallback;       /* written where the mapping gives none; NULL: nothing */
    const char *child;          /* FIELD_CODES, FIELD_ITEMS: name of the child element */
    const struct field *fields; /* FIELD_ITEMS */
    size_t field_count;
    const char *help; /* one line for people who write mappings */
};

/* Upper bounds, held against the table by a test. */
enum { USER_FIELDS_MOST = 40, ITEM_FIELDS_MOST = 16 };

extern const struct field user_fields[];
extern const size_t user_field_count;

/* The index of a field, or -1. */
int user_field_find(const char *name);
int item_field_find(const struct field *items, const char *name);

/* "text", "code", "date", …: for help and messages. */
const char *field_kind_name(enum field_kind kind);

/* What its values look like: one line. */
const char *field_kind_help(enum field_kind kind);

#endif
