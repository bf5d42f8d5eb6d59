#include "settings/given.h"

#include "base/text.h"
#include "settings/options.h"

#include <stdlib.h>
#include <string.h>

enum { NAMES_MOST = 256 };

const char given_place[] = "l2a_set";

struct given {
    const struct option *option;
    const char *choice; /* behind its path: where a secret is kept, or a mode; NULL: nothing */
    const char *value;
};

struct settings_given {
    struct arena *arena;
    struct given *items;
    size_t count, capacity;
};

struct settings_given *
settings_given_new(void)
{
    struct settings_given *given = memory_zero(1, sizeof *given);

    given->arena = arena_new();
    return given;
}

void
settings_given_free(struct settings_given *given)
{
    if (!given)
        return;
    arena_free(given->arena);
    free(given->items);
    free(given);
}

static const char *
write_name(struct arena *arena, const struct given *given)
{
    const char *path = given->option->help.path;

    return given->choice ? arena_format(arena, "%s.%s", path, given->choice) : path;
}

/* The names of an option: its path, or with each of the choices behind it. A list has none, but its
 * items' options have. */
static void
add_names(const struct option *option, struct given *names, size_t *count)
{
    const struct option_help *help = &option->help;
    bool behind = help->type == OPTION_SECRET || help->type == OPTION_BY_MODE;

    if (help->type != OPTION_LIST && help->type != OPTION_SECRET && *count < NAMES_MOST)
        names[(*count)++] = (struct given){.option = option};
    for (size_t i = 0; behind && i < help->choice_count && *count < NAMES_MOST; i++)
        names[(*count)++] = (struct given){.option = option, .choice = help->choices[i]};
}

static bool
find_name(struct arena *arena, const char *name, struct given *ret_given, struct error *err)
{
    struct given known[NAMES_MOST];
    const char *names[NAMES_MOST], *nearest;
    const struct option *option;
    size_t count = 0;

    for (size_t i = 0; (option = option_at(i)); i++)
        add_names(option, known, &count);
    for (size_t i = 0; i < count; i++) {
        names[i] = write_name(arena, &known[i]);
        if (strcmp(names[i], name) == 0) {
            *ret_given = known[i];
            return true;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (known[i].option->help.type == OPTION_SECRET &&
            strcmp(known[i].option->help.path, name) == 0)
            return error_set(err, ERROR_USAGE,
                             "behind '%s' the place of the secret is missing, such as '%s'", name,
                             names[i]);
    nearest = fault_nearest(name, names, count);
    if (nearest)
        return error_set(err, ERROR_USAGE, "there is no option '%s'; did you mean '%s'?", name,
                         nearest);
    return error_set(err, ERROR_USAGE, "there is no option '%s'", name);
}

bool
settings_given_add(struct settings_given *given, const char *name, const char *value,
                   struct error *err)
{
    struct given item;

    if (!find_name(given->arena, name, &item, err))
        return false;
    /* The value may be a secret in the wrong place. */
    if (!value || !text_is_utf8(slice_of(value)))
        return error_set(err, ERROR_USAGE, "the value of '%s' is no text", name);
    item.value = arena_string(given->arena, value);
    memory_grow(&given->items, &given->capacity, given->count + 1, sizeof *given->items);
    given->items[given->count++] = item;
    return true;
}

/* ---- the tree ---- */

static struct yaml_node *
make_node(struct arena *arena, enum yaml_kind kind)
{
    struct yaml_node *node = arena_alloc(arena, sizeof *node);

    *node = (struct yaml_node){.kind = kind, .where = {given_place, 0, 0}, .text = {"", 0}};
    return node;
}

/* In quotes: what looks like YAML's null is a text all the same. */
static struct yaml_node *
make_text(struct arena *arena, struct slice text)
{
    struct yaml_node *node = make_node(arena, YAML_SCALAR);

    node->text = arena_slice(arena, text);
    node->quoted = true;
    return node;
}

static bool
is_given(const struct yaml_node *node, enum yaml_kind kind)
{
    return node && node->kind == kind && node->where.file == given_place;
}

static void
append(struct arena *arena, struct yaml_node *node, struct yaml_node *key, struct yaml_node *item)
{
    struct yaml_node **keys = arena_alloc(arena, (node->count + 1) * sizeof(struct yaml_node *));
    struct yaml_node **items = arena_alloc(arena, (node->count + 1) * sizeof(struct yaml_node *));

    for (size_t i = 0; i < node->count; i++) {
        keys[i] = node->kind == YAML_MAP ? node->keys[i] : NULL;
        items[i] = node->items[i];
    }
    keys[node->count] = key;
    items[node->count] = item;
    node->keys = keys;
    node->items = items;
    node->count++;
}

/* Puts the value, which is ours, under the key, as ours. */
static void
put(struct arena *arena, struct yaml_node *map, struct slice key, struct yaml_node *value)
{
    for (size_t i = 0; i < map->count; i++)
        if (slice_equal(map->keys[i]->text, key)) {
            map->keys[i] = make_text(arena, key);
            map->items[i] = value;
            return;
        }
    append(arena, map, make_text(arena, key), value);
}

static struct yaml_node *
get(const struct yaml_node *map, struct slice key)
{
    for (size_t i = 0; i < map->count; i++)
        if (slice_equal(map->keys[i]->text, key))
            return map->items[i];
    return NULL;
}

/* What stands under the key where that is ours and of the kind; else a new one is put there. */
static struct yaml_node *
ours(struct arena *arena, struct yaml_node *map, struct slice key, enum yaml_kind kind)
{
    struct yaml_node *node = get(map, key);

    if (!is_given(node, kind)) {
        node = make_node(arena, kind);
        put(arena, map, key, node);
    }
    return node;
}

/* The item that gets `key`: the last one, or where that has it already another one. */
static struct yaml_node *
item_for(struct arena *arena, struct yaml_node *list, struct slice key)
{
    if (list->count == 0 || get(list->items[list->count - 1], key))
        append(arena, list, NULL, make_node(arena, YAML_MAP));
    return list->items[list->count - 1];
}

static void
put_value(struct arena *arena, struct yaml_node *map, struct slice key, const struct given *given)
{
    struct yaml_node *value = make_text(arena, slice_of(given->value));

    if (given->option->help.type == OPTION_TEXTS) {
        append(arena, ours(arena, map, key, YAML_LIST), NULL, value);
        return;
    }
    /* A secret is kept at one place. */
    if (given->option->help.type == OPTION_SECRET)
        put(arena, map, key, make_node(arena, YAML_MAP));
    if (given->choice)
        put(arena, ours(arena, map, key, YAML_MAP), slice_of(given->choice), value);
    else
        put(arena, map, key, value);
}

static void
put_given(struct arena *arena, struct yaml_node *root, const struct given *given)
{
    const char *path = given->option->help.path;
    struct yaml_node *map = root;

    while (map->kind == YAML_MAP) {
        struct slice key = {path, strcspn(path, ".[")};

        path += key.length;
        if (*path == '\0') {
            put_value(arena, map, key, given);
            return;
        }
        if (*path == '[') {
            path += strlen("[].");
            map = item_for(arena, ours(arena, map, key, YAML_LIST), slice_of(path));
        } else {
            path++;
            map = get(map, key) ? get(map, key) : ours(arena, map, key, YAML_MAP);
        }
    }
}

struct yaml_node *
given_put(const struct settings_given *given, struct arena *arena, struct yaml_node *root)
{
    if (!root)
        root = make_node(arena, YAML_MAP);
    for (size_t i = 0; i < given->count; i++)
        put_given(arena, root, &given->items[i]);
    return root;
}

const char *
given_text(const struct settings_given *given, struct arena *arena)
{
    const char *text = "";

    for (size_t i = 0; i < given->count; i++)
        text = arena_format(arena, "%s%s=%s\n", text, write_name(arena, &given->items[i]),
                            given->items[i].value);
    return text;
}
