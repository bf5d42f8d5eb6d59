/* entry_id: the immutable id of an entry (changes.h), as attribute, in filters and as text. */
#ifndef DIRECTORY_ENTRY_ID_H
#define DIRECTORY_ENTRY_ID_H

#include "base/buffer.h"
#include "directory/changes.h"

#include <stdbool.h>

/* "objectGUID" and so on. */
const char *entry_id_attribute(enum directory_id_kind kind);

/* Of a value of that attribute. False where it is none. */
bool entry_id_parse(enum directory_id_kind kind, struct slice value, struct directory_id *ret_id);

/* Adds "(objectGUID=\00\01…)". */
void entry_id_add_filter(struct buffer *filter, const struct directory_id *id);

/* For qsort(). */
int entry_id_compare(const void *a, const void *b);

#endif
