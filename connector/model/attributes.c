#include "model/attributes.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

struct attributes {
    struct arena *arena;
    struct slice *names;
    size_t count, capacity;
    int *table; /* open addressing, ATTRIBUTE_NONE is free; at most half full */
    size_t table_size;
};

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_key_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '-';
}

/* FNV-1a over the bytes with ASCII letters made small by bit 5; collisions that this makes among
 * other bytes are settled by the comparison. */
static uint32_t
hash_name(struct slice name)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ ((unsigned char)name.data[i] | 0x20u)) * 16777619u;
    return hash;
}

static void
table_insert(struct attributes *attributes, int slot)
{
    size_t mask = attributes->table_size - 1;
    size_t at = hash_name(attributes->names[slot]) & mask;

    while (attributes->table[at] != ATTRIBUTE_NONE)
        at = (at + 1) & mask;
    attributes->table[at] = slot;
}

static void
table_rebuild(struct attributes *attributes, size_t size)
{
    free(attributes->table);
    attributes->table = memory_alloc(size * sizeof *attributes->table);
    attributes->table_size = size;
    for (size_t i = 0; i < size; i++)
        attributes->table[i] = ATTRIBUTE_NONE;
    for (size_t i = 0; i < attributes->count; i++)
        table_insert(attributes, (int)i);
}

struct attributes *
attributes_new(void)
{
    struct attributes *attributes = memory_zero(1, sizeof *attributes);

    attributes->arena = arena_new();
    table_rebuild(attributes, 64);
    return attributes;
}

void
attributes_free(struct attributes *attributes)
{
    if (!attributes)
        return;
    arena_free(attributes->arena);
    free(attributes->names);
    free(attributes->table);
    free(attributes);
}

int
attributes_find(const struct attributes *attributes, struct slice description)
{
    size_t mask = attributes->table_size - 1;
    size_t at = hash_name(description) & mask;

    while (attributes->table[at] != ATTRIBUTE_NONE) {
        int slot = attributes->table[at];

        if (slice_equal_nocase(attributes->names[slot], description))
            return slot;
        at = (at + 1) & mask;
    }
    return ATTRIBUTE_NONE;
}

int
attributes_add(struct attributes *attributes, struct slice description)
{
    int slot = attributes_find(attributes, description);

    if (slot != ATTRIBUTE_NONE)
        return slot;
    memory_grow(&attributes->names, &attributes->capacity, attributes->count + 1,
                sizeof *attributes->names);
    slot = (int)attributes->count++;
    attributes->names[slot] = arena_slice(attributes->arena, description);
    if (attributes->count * 2 > attributes->table_size)
        table_rebuild(attributes, attributes->table_size * 2);
    else
        table_insert(attributes, slot);
    return slot;
}

size_t
attributes_count(const struct attributes *attributes)
{
    return attributes->count;
}

const char *
attributes_name(const struct attributes *attributes, int slot)
{
    return attributes->names[slot].data;
}

bool
attributes_is_groups(struct slice description)
{
    return slice_equal_nocase(description, slice_of(ATTRIBUTE_GROUPS)) ||
           slice_equal_nocase(description, slice_of(ATTRIBUTE_GROUPS_NESTED));
}

/* numericoid: numbers without leading zeros, joined by dots, at least two of them. */
static size_t
oid_length(struct slice text)
{
    size_t at = 0, arcs = 0;

    for (;;) {
        size_t start = at;

        while (at < text.length && is_digit(text.data[at]))
            at++;
        if (at == start || (at - start > 1 && text.data[start] == '0'))
            return 0;
        arcs++;
        if (at == text.length || text.data[at] != '.')
            return arcs > 1 ? at : 0;
        at++;
    }
}

static size_t
key_length(struct slice text)
{
    size_t at = 0;

    if (text.length == 0 || !is_letter(text.data[0]))
        return 0;
    while (at < text.length && is_key_char(text.data[at]))
        at++;
    return at;
}

bool
attributes_is_description(struct slice text)
{
    size_t at = key_length(text);

    if (at == 0)
        at = oid_length(text);
    if (at == 0)
        return false;
    while (at < text.length) {
        size_t start = at + 1;

        if (text.data[at] != ';')
            return false;
        at = start;
        while (at < text.length && is_key_char(text.data[at]))
            at++;
        if (at == start)
            return false;
    }
    return true;
}
