/* user: one Alma user as values by field; what the mapping makes and the XML is written from.
 *
 * Values are clean UTF-8 text (base/text.h), in the arena of the one person. Indexes are those of
 * the table in model/user_fields.h.
 */
#ifndef MODEL_USER_H
#define MODEL_USER_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/slice.h"
#include "model/derivation.h"
#include "model/user_fields.h"

#include <stddef.h>

/* A mark of values that were made of `today` or `now`: the flags of enum text_mended tell what was
 * wrong with the bytes that a value came from, this one that it changes by itself. */
enum { VALUE_OF_CLOCK = 1 << 8 };

/* One field's value: at most one text, but for FIELD_CODES, which has several. */
struct user_value {
    struct slice text;         /* data NULL: the field has no value */
    const struct slice *codes; /* FIELD_CODES */
    size_t code_count;
    unsigned marks; /* what is known of where it came from: enum text_mended, VALUE_OF_CLOCK */
    const struct position *where;        /* the rule that made it; NULL where none did */
    const struct derivation *derivation; /* how it came about, where somebody watched; else NULL */
};

struct user_item {
    struct user_value *values;    /* by index in the list's fields */
    const struct position *where; /* of the item in the mapping */
};

struct user_items {
    struct user_item *items;
    size_t count;
};

struct user {
    struct slice dn;
    struct slice match_id;                      /* SLICE_NONE: the person has none */
    struct user_value values[USER_FIELDS_MOST]; /* by index in user_fields */
    struct user_items lists[USER_FIELDS_MOST];  /* rows of kind FIELD_ITEMS */
    const struct derivation_unmade *unmade;     /* items, where somebody watched; else NULL */
};

#endif
