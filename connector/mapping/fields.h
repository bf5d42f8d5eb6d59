/* fields: the block `user:` of a mapping, field by field and item by item. */
#ifndef MAPPING_FIELDS_H
#define MAPPING_FIELDS_H

#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/rules.h"

#include <stdbool.h>

/* Notes which fields the block fills, so that rules may refer to them; faults unknown ones. */
void fields_declare(struct compiler *compiler, const struct yaml_node *user);

/* Compiles every field's rule and every list's items into the mapping. */
void fields_compile(struct compiler *compiler, const struct yaml_node *user);

/* What this text is not, and must be to stand in the field: "true or false"; NULL where it may. */
const char *fields_wanted(const struct field *field, struct slice text);

/* True when some rule of the items, which may be NULL, can give this field of an item the text.
 * Else `ret_nearest` is the text nearest to it that one can give, or NULL. */
bool fields_can_be(const struct item_rules *items, int field, const char *text, struct arena *arena,
                   const char **ret_nearest);

/* Looks up "emails" or "emails.description"; *ret_item is -1 for a field itself. False after a
 * fault. */
bool fields_find(struct compiler *compiler, const struct yaml_node *name, int *ret_field,
                 int *ret_item);

/* True when some rule fills the field, or the item's field. Known once all are compiled. */
bool fields_fills(const struct compiler *compiler, int field, int item);

#endif
