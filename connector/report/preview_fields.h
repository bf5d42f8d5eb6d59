/* preview_fields: a person's fields one behind the other, in the order of the record. Only for
 * this folder.
 */
#ifndef REPORT_PREVIEW_FIELDS_H
#define REPORT_PREVIEW_FIELDS_H

#include "base/arena.h"
#include "report/preview.h"

#include <stdbool.h>
#include <stddef.h>

struct preview_field {
    const char *path; /* "user_group", "emails[1].email_address" */
    const char *name; /* "user_group", "email_address" */
    const char *list; /* "emails"; NULL: no item's field */
    size_t item;      /* from 1; 0: no item's field */
    const struct position *item_where;
    bool codes;                 /* may have several values */
    bool fallback;              /* the value is what the table of fields says for everybody */
    const struct slice *values; /* none: the rule gave nothing */
    size_t count;
    const struct position *rule;         /* that gave the value; NULL: none did */
    const struct derivation *derivation; /* NULL: there is no rule, the value was filled in */
};

/* Those that have a value or a rule, in the arena. */
const struct preview_field *preview_fields(const struct preview_person *person, struct arena *arena,
                                           size_t *ret_count);

/* Bytes that nobody can read as text. */
bool preview_is_binary(struct slice value);

#endif
