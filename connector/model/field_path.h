/* field_path: the name of one value of a user, as people write it in mapping tests.
 *
 *   user_group                a field
 *   emails.count              how many items a list has
 *   emails[2]                 an item by its position, from 1; for its main field (`main` in the
 *                             table of fields)
 *   emails[work]              the first item of this type (`type` in the table)
 *   emails[work][2]           the second of them
 *   emails[work].description  a field of an item
 *   user_identifiers['01']    a type in quotes, which else would be taken for a position
 *   emails                    the list as a whole
 *
 * Types compare exactly, as Alma compares codes.
 */
#ifndef MODEL_FIELD_PATH_H
#define MODEL_FIELD_PATH_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/slice.h"
#include "model/user.h"

#include <stdbool.h>
#include <stddef.h>

enum { PATH_WHOLE = -1, PATH_COUNT = -2 };

struct field_path {
    int field; /* in user_fields */
    int item;  /* in that field's fields; PATH_WHOLE: the field, list or item itself; PATH_COUNT */
    size_t position;   /* of the item, from 1, among those of the type; 0: no item is meant */
    struct slice type; /* of the item; SLICE_NONE: any. Lives in the arena. */
};

/* Reads a path. False with a fault at `where`. */
bool field_path_parse(struct arena *arena, struct slice text, struct position where,
                      struct faults *faults, struct field_path *ret_path);

/* The field whose value the path names: an item's main one where it names none. NULL for a count
 * and for a list as a whole. */
const struct field *field_path_field(const struct field_path *path);

/* The item that the path means; NULL where the user has none, and where it means none. */
struct user_item *field_path_item(const struct field_path *path, const struct user *user);

/* The value of field_path_field(); NULL where that is NULL or its item is not there. */
const struct user_value *field_path_value(const struct field_path *path, const struct user *user);

/* Index of a list's field that tells an item's type, and of its main one. */
int field_type_index(const struct field *list);
int field_main_index(const struct field *list);

#endif
