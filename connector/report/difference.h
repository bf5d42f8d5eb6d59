/* difference: what a record would change of one person in Alma, field by field.
 *
 * Filled by run/difference.h, shown by reports and previews.
 */
#ifndef REPORT_DIFFERENCE_H
#define REPORT_DIFFERENCE_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct page;

/* The texts of a field: one, or one for each code or item; none where it is not there. */
struct difference_texts {
    const struct slice *items;
    size_t count;
};

struct difference_field {
    const char *name; /* constant */
    struct difference_texts old, new;
};

struct difference {
    struct slice dn, match_id; /* SLICE_NONE: not known */
    const char *id;            /* the directory's immutable one */
    const char
        *fate;      /* what becomes of the person, constant: "new", "changed", "resent",
                       "unchanged", "leaver", "held", "rejected", "skipped", "missing", "expired" */
    bool old_known; /* whether the texts of what Alma has are: state keeps the last record, or
                       Alma has none of the person */
    struct difference_field *fields; /* those that differ, in Alma's order */
    size_t field_count;
};

/* Writes the fields, each with the texts that go and those that come; `column` is where they
 * begin. */
void difference_write_text(const struct difference *difference, struct page *page, unsigned column);

/* {"dn", "match_id", "id", "fate", "old_known", "fields": [{"name", "old", "new"}]}; "old" is null
 * where it is not known. */
struct json_object *difference_json(const struct difference *difference);

#endif
