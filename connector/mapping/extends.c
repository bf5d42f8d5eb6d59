#include "mapping/extends.h"

#include "base/buffer.h"
#include "base/file.h"
#include "mapping/keys.h"

#include <stdint.h>
#include <string.h>

enum { FILES_MOST = 8 };

/* The files from the first to the one at hand. */
struct chain {
    struct compiler *compiler;
    const char *names[FILES_MOST];
    const char *paths[FILES_MOST]; /* without links, so that a file is known by any name */
    size_t count;
};

/* One map that takes the place of entries of another. */
struct layers {
    const struct yaml_node *base, *own;
    const char *base_file;
    bool blocks; /* maps within are joined in their turn: the files' own level */
};

static void
report_circle(const struct chain *chain, size_t again, const struct yaml_node *extends,
              const char *name)
{
    struct buffer names = BUFFER_INIT;

    for (size_t i = again; i < chain->count; i++)
        buffer_format(&names, "%s -> ", chain->names[i]);
    faults_add(chain->compiler->faults, extends->where, "mappings that extend each other: %.*s%s",
               (int)names.length, names.data, name);
    buffer_free(&names);
}

/* False, with a fault, where the file closes a circle or is one too many. */
static bool
add_to_chain(struct chain *chain, const struct yaml_node *extends, const char *name)
{
    const char *path = file_real_path(chain->compiler->arena, name);

    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->paths[i], path) == 0) {
            report_circle(chain, i, extends, name);
            return false;
        }
    if (chain->count == FILES_MOST) {
        faults_add(chain->compiler->faults, extends->where,
                   "more than %d mappings of which each extends the next", FILES_MOST);
        return false;
    }
    chain->names[chain->count] = name;
    chain->paths[chain->count++] = path;
    return true;
}

/* The file that `extends` names, or NULL after a fault. */
static const struct yaml_node *
open_base(struct chain *chain, const struct yaml_node *extends)
{
    struct compiler *compiler = chain->compiler;
    const struct yaml_node *root;
    const char *name;

    if (extends->kind != YAML_SCALAR)
        return NULL;
    if (extends->text.length == 0 || yaml_is_explicit_null(extends)) {
        faults_add(compiler->faults, extends->where, "'extends' names no file");
        return NULL;
    }
    name = compiler_path(compiler, extends);
    if (!add_to_chain(chain, extends, name))
        return NULL;
    root = yaml_load_named(compiler->arena, name, extends->where, compiler->faults);
    return root && compiler_expect(compiler, root, YAML_MAP, "a mapping file") ? root : NULL;
}

/* A map's keys, found by their text: a table may have a million rows. */
struct index {
    const struct yaml_node *map;
    uint32_t *buckets; /* place in the map + 1; 0 is free */
    size_t mask;
};

/* The bucket of the key, or the free one where it belongs. */
static uint32_t *
find_key(const struct index *index, struct slice key)
{
    size_t i = slice_hash(key) & index->mask;

    while (index->buckets[i] && !slice_equal(index->map->keys[index->buckets[i] - 1]->text, key))
        i = (i + 1) & index->mask;
    return &index->buckets[i];
}

/* At most half of the buckets are taken. */
static struct index
index_keys(struct compiler *compiler, const struct yaml_node *map)
{
    struct index index = {.map = map, .mask = 1};

    while (index.mask < 2 * map->count)
        index.mask = 2 * index.mask + 1;
    index.buckets = arena_alloc(compiler->arena, (index.mask + 1) * sizeof *index.buckets);
    for (size_t i = 0; i < map->count; i++)
        *find_key(&index, map->keys[i]->text) = (uint32_t)i + 1;
    return index;
}

static void
add_entry(struct yaml_node *map, struct yaml_node *key, struct yaml_node *item)
{
    map->keys[map->count] = key;
    map->items[map->count++] = item;
}

/* Nothing, but not said to be nothing: what was below may have been left out by mistake. */
static bool
is_unsaid(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR ? node->text.length == 0 : node->count == 0;
}

static struct yaml_node *join(struct compiler *compiler, const struct layers *layers);

/* The entry `index` of the base, with what the file itself says of it. */
static void
join_entry(struct compiler *compiler, const struct layers *layers, size_t index,
           const struct index *own_keys, struct yaml_node *joined)
{
    struct yaml_node *key = layers->base->keys[index], *below = layers->base->items[index];
    uint32_t at = *find_key(own_keys, key->text);
    struct yaml_node *own;

    if (at == 0) {
        add_entry(joined, key, below);
        return;
    }
    key = layers->own->keys[at - 1];
    own = layers->own->items[at - 1];
    if (yaml_is_explicit_null(own))
        return;
    if (layers->blocks && own->kind == YAML_MAP && below->kind == YAML_MAP) {
        own = join(compiler, &(struct layers){below, own, layers->base_file, false});
    } else if (!layers->blocks && is_unsaid(own)) {
        faults_add(compiler->faults, own->where, "'%s' is empty; '~' takes away what '%s' gives it",
                   compiler_quote(compiler, key->text), layers->base_file);
        own = below;
    }
    add_entry(joined, key, own);
}

static struct yaml_node *
join(struct compiler *compiler, const struct layers *layers)
{
    const struct yaml_node *own = layers->own;
    struct yaml_node *joined = arena_alloc(compiler->arena, sizeof *joined);
    struct index base_keys = index_keys(compiler, layers->base);
    struct index own_keys = index_keys(compiler, own);
    size_t most = layers->base->count + own->count;

    joined->kind = YAML_MAP;
    joined->where = own->where;
    joined->keys = arena_alloc(compiler->arena, most * sizeof(struct yaml_node *));
    joined->items = arena_alloc(compiler->arena, most * sizeof(struct yaml_node *));
    for (size_t i = 0; i < layers->base->count; i++)
        join_entry(compiler, layers, i, &own_keys, joined);
    for (size_t i = 0; i < own->count; i++) {
        if (*find_key(&base_keys, own->keys[i]->text))
            continue;
        if (yaml_is_explicit_null(own->items[i]))
            faults_add(compiler->faults, own->items[i]->where,
                       "nothing to take away: '%s' has no '%s'", layers->base_file,
                       compiler_quote(compiler, own->keys[i]->text));
        else
            add_entry(joined, own->keys[i], own->items[i]);
    }
    return joined;
}

static const struct yaml_node *
resolve(struct chain *chain, const struct yaml_node *root)
{
    const struct yaml_node *extends = yaml_get(root, "extends"), *base;

    keys_check(chain->compiler, root);
    if (!extends)
        return root;
    base = open_base(chain, extends);
    if (base)
        base = resolve(chain, base);
    if (!base)
        return NULL;
    return join(chain->compiler, &(struct layers){base, root, base->where.file, true});
}

const struct yaml_node *
extends_resolve(struct compiler *compiler, const struct yaml_node *root)
{
    struct chain chain = {.compiler = compiler};

    if (!compiler_expect(compiler, root, YAML_MAP, "a mapping file"))
        return NULL;
    chain.names[0] = root->where.file;
    chain.paths[0] = file_real_path(compiler->arena, root->where.file);
    chain.count = 1;
    return resolve(&chain, root);
}
