/* loader: walks the site's file by the table of options.
 *
 * Order: loader_set_defaults() and loader_walk() fill the struct, then rules_check() holds the
 * options against each other. Faults are collected all the way; nothing stops at one.
 */
#ifndef SETTINGS_LOADER_H
#define SETTINGS_LOADER_H

#include "base/yaml.h"
#include "settings/options.h"

struct loader {
    struct arena *arena;
    struct faults *faults;
    const char *path; /* of the file */
    const struct yaml_node *root;
    struct settings *settings;
};

/* Sets every option below the prefix that has a default; not those of a list's items. `target` is
 * the struct that the rows' offsets count from. */
void loader_set_defaults(struct loader *loader, const char *prefix, void *target);

/* Reads a map of the file, whose keys stand below the prefix in the table. */
void loader_walk(struct loader *loader, const struct yaml_node *map, const char *prefix,
                 void *target);

/* False, with a fault, when the node is not of the kind. `name` is its path in the file. */
bool loader_expect(struct loader *loader, const struct yaml_node *node, enum yaml_kind kind,
                   const char *name);

/* The fault of a key that is none of the names; says the nearest, or all. */
void loader_refuse_key(struct loader *loader, const struct yaml_node *key, const char *const *names,
                       size_t count);

#endif
