#include "settings/loader.h"

#include "settings/read.h"

#include <string.h>

bool
loader_expect(struct loader *loader, const struct yaml_node *node, enum yaml_kind kind,
              const char *name)
{
    if (node->kind == kind && !yaml_is_null(node))
        return true;
    if (yaml_is_null(node))
        faults_add(loader->faults, node->where, "%s has no value", name);
    else
        faults_add(loader->faults, node->where, "%s must be %s, not %s", name, yaml_kind_name(kind),
                   yaml_kind_name(node->kind));
    return false;
}

void
loader_set_defaults(struct loader *loader, const char *prefix, void *target)
{
    const struct option *option;
    size_t length = strlen(prefix);

    for (size_t i = 0; (option = option_at(i)); i++) {
        struct yaml_node node = {.kind = YAML_SCALAR, .where = {loader->path, 0, 0}};

        if (!option->help.fallback || strncmp(option->help.path, prefix, length) != 0 ||
            strchr(option->help.path + length, '['))
            continue;
        node.text = slice_of(option->help.fallback);
        read_value(loader, option, &node, target);
    }
}

void
loader_refuse_key(struct loader *loader, const struct yaml_node *key, const char *const *names,
                  size_t count)
{
    const char *nearest = fault_nearest(key->text.data, names, count);
    const char *known = "";

    for (size_t i = 0; i < count; i++)
        known = arena_format(loader->arena, "%s%s%s", known, i ? ", " : "", names[i]);
    if (nearest)
        faults_add(loader->faults, key->where, "unknown key '%s'; did you mean '%s'?",
                   read_printable(loader, key->text), nearest);
    else
        faults_add(loader->faults, key->where, "unknown key '%s'; known here: %s",
                   read_printable(loader, key->text), known);
}

static void
refuse_key(struct loader *loader, const struct yaml_node *key, const char *prefix)
{
    const char *names[64];
    const struct option *option;
    size_t count = 0;

    for (size_t i = 0; (option = option_at(i)) && count < sizeof names / sizeof names[0]; i++) {
        struct slice name = option_key(option, prefix);

        if (option_find(prefix, name) == option)
            names[count++] = arena_copy(loader->arena, name.data, name.length);
    }
    loader_refuse_key(loader, key, names, count);
}

static void
walk_list(struct loader *loader, const struct option *option, const struct yaml_node *list,
          void *target)
{
    const char *prefix = arena_format(loader->arena, "%s[].", option->help.path);
    const char *name = arena_format(loader->arena, "each of '%s'", option->help.path);
    char *items;

    if (list->count == 0)
        faults_add(loader->faults, list->where, "'%s' is an empty list", option->help.path);
    items = arena_alloc(loader->arena, list->count * option->item_size);
    for (size_t i = 0; i < list->count; i++) {
        void *item = items + i * option->item_size;

        loader_set_defaults(loader, prefix, item);
        if (loader_expect(loader, list->items[i], YAML_MAP, name))
            loader_walk(loader, list->items[i], prefix, item);
    }
    memcpy((char *)target + option->at, &items, sizeof items);
    memcpy((char *)target + option->count_at, &list->count, sizeof list->count);
}

static void
walk_key(struct loader *loader, const struct yaml_node *key, const struct yaml_node *value,
         const char *prefix, void *target)
{
    const struct option *option = option_find(prefix, key->text);
    const char *path, *name;

    if (!option) {
        refuse_key(loader, key, prefix);
        return;
    }
    path = arena_format(loader->arena, "%s%s", prefix, key->text.data);
    name = arena_format(loader->arena, "'%s'", path);
    if (!option_ends(option, prefix)) {
        if (loader_expect(loader, value, YAML_MAP, name))
            loader_walk(loader, value, arena_format(loader->arena, "%s.", path), target);
    } else if (option->help.type == OPTION_LIST) {
        if (loader_expect(loader, value, YAML_LIST, name))
            walk_list(loader, option, value, target);
    } else {
        read_value(loader, option, value, target);
    }
}

void
loader_walk(struct loader *loader, const struct yaml_node *map, const char *prefix, void *target)
{
    const struct option *option;

    for (size_t i = 0; i < map->count; i++)
        walk_key(loader, map->keys[i], map->items[i], prefix, target);
    for (size_t i = 0; (option = option_at(i)); i++)
        if (option->help.required && option_ends(option, prefix) &&
            !yaml_get(map, option_key(option, prefix).data))
            faults_add(loader->faults, map->where, "'%s' is missing", option->help.path);
}
