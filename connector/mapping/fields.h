/* fields: the block `user:` of a mapping, field by field and item by item. */
#ifndef MAPPING_FIELDS_H
#define MAPPING_FIELDS_H

#include "base/yaml.h"
#include "mapping/compiler.h"

/* Notes which fields the block fills, so that rules may refer to them; faults unknown ones. */
void fields_declare(struct compiler *compiler, const struct yaml_node *user);

/* Compiles every field's rule and every list's items into the mapping. */
void fields_compile(struct compiler *compiler, const struct yaml_node *user);

#endif
