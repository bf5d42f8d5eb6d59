/* keys: the keys at the top of a mapping file. */
#ifndef MAPPING_KEYS_H
#define MAPPING_KEYS_H

#include "base/yaml.h"
#include "mapping/compiler.h"

struct mapping_key {
    const char *name;
    enum yaml_kind kind;
    const char *help; /* one line */
};

/* Row `index` of the table of keys, or NULL behind its end. */
const struct mapping_key *keys_at(size_t index);

/* Faults keys that are unknown or of the wrong kind, and a version that is missing or not ours. In
 * a file that extends another one, null is of every kind (extends.h). */
void keys_check(struct compiler *compiler, const struct yaml_node *root);

/* The value of a key, or NULL where it is missing or of the wrong kind (a fault already). */
const struct yaml_node *keys_get(const struct yaml_node *root, const char *key);

#endif
