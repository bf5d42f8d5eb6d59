#include "model/whole_entry.h"

#include <stdint.h>
#include <stdlib.h>

enum { VALUES_MANY = 16 }; /* beyond them a value is looked up by its hash */

struct attribute {
    struct slice name;
    struct slice *values;
    size_t count, capacity;
    uint32_t *table; /* open addressing over the values, 0 is free; NULL: not made yet */
    size_t table_size;
};

struct whole_entry {
    struct arena *arena;
    struct slice dn;
    struct attribute *attributes;
    size_t count, capacity;
    size_t bytes;
};

struct whole_entry *
whole_entry_new(struct slice dn)
{
    struct whole_entry *entry = memory_zero(1, sizeof *entry);

    entry->arena = arena_new();
    whole_entry_set_dn(entry, dn);
    return entry;
}

static void
drop_table(struct attribute *attribute)
{
    free(attribute->table);
    attribute->table = NULL;
}

static void
release(struct attribute *attribute)
{
    free(attribute->values);
    drop_table(attribute);
}

void
whole_entry_free(struct whole_entry *entry)
{
    if (!entry)
        return;
    for (size_t i = 0; i < entry->count; i++)
        release(&entry->attributes[i]);
    free(entry->attributes);
    arena_free(entry->arena);
    free(entry);
}

struct whole_entry *
whole_entry_copy(const struct whole_entry *entry)
{
    struct whole_entry *copy = whole_entry_new(entry->dn);

    for (size_t i = 0; i < entry->count; i++)
        for (size_t j = 0; j < entry->attributes[i].count; j++)
            whole_entry_add(copy, entry->attributes[i].name, entry->attributes[i].values[j]);
    return copy;
}

struct slice
whole_entry_dn(const struct whole_entry *entry)
{
    return entry->dn;
}

void
whole_entry_set_dn(struct whole_entry *entry, struct slice dn)
{
    entry->dn = arena_slice(entry->arena, dn);
}

size_t
whole_entry_size(const struct whole_entry *entry)
{
    return entry->dn.length + entry->bytes;
}

size_t
whole_entry_count(const struct whole_entry *entry)
{
    return entry->count;
}

struct slice
whole_entry_name(const struct whole_entry *entry, size_t index)
{
    return entry->attributes[index].name;
}

struct entry_values
whole_entry_values(const struct whole_entry *entry, size_t index)
{
    return (struct entry_values){entry->attributes[index].values, entry->attributes[index].count};
}

static struct attribute *
find(const struct whole_entry *entry, struct slice description)
{
    for (size_t i = 0; i < entry->count; i++)
        if (slice_equal_nocase(entry->attributes[i].name, description))
            return &entry->attributes[i];
    return NULL;
}

struct entry_values
whole_entry_find(const struct whole_entry *entry, struct slice description)
{
    const struct attribute *attribute = find(entry, description);

    if (!attribute)
        return (struct entry_values){NULL, 0};
    return (struct entry_values){attribute->values, attribute->count};
}

/* The table's cell of the value, or the free one where it belongs. */
static uint32_t *
find_cell(const struct attribute *attribute, struct slice value)
{
    size_t mask = attribute->table_size - 1, at = slice_hash(value) & mask;

    while (attribute->table[at] && !slice_equal(attribute->values[attribute->table[at] - 1], value))
        at = (at + 1) & mask;
    return &attribute->table[at];
}

/* At most half full with the next value, too. */
static void
make_table(struct attribute *attribute)
{
    drop_table(attribute);
    for (attribute->table_size = 4 * VALUES_MANY;
         attribute->table_size < 4 * (attribute->count + 1);)
        attribute->table_size *= 2;
    attribute->table = memory_zero(attribute->table_size, sizeof *attribute->table);
    for (size_t i = 0; i < attribute->count; i++)
        *find_cell(attribute, attribute->values[i]) = (uint32_t)i + 1;
}

/* Where the value is; `count` where it is not. */
static size_t
seek_value(const struct attribute *attribute, struct slice value)
{
    size_t at = 0;

    while (at < attribute->count && !slice_equal(attribute->values[at], value))
        at++;
    return at;
}

/* The same by the table, where there are many. Whoever takes values away does without, as each one
 * costs the table. */
static size_t
find_value(struct attribute *attribute, struct slice value)
{
    uint32_t number;

    if (attribute->count <= VALUES_MANY)
        return seek_value(attribute, value);
    if (!attribute->table || attribute->table_size < 2 * (attribute->count + 1))
        make_table(attribute);
    number = *find_cell(attribute, value);
    return number ? number - 1 : attribute->count;
}

/* Values of one attribute differ from each other, so that as many that are there are all. */
static bool
has_values(struct attribute *attribute, const struct attribute *values)
{
    if (!attribute || attribute->count != values->count)
        return false;
    for (size_t i = 0; i < values->count; i++)
        if (find_value(attribute, values->values[i]) == attribute->count)
            return false;
    return true;
}

bool
whole_entry_equal(const struct whole_entry *a, const struct whole_entry *b)
{
    if (!slice_equal(a->dn, b->dn) || a->count != b->count)
        return false;
    for (size_t i = 0; i < b->count; i++)
        if (!has_values(find(a, b->attributes[i].name), &b->attributes[i]))
            return false;
    return true;
}

static struct attribute *
add_attribute(struct whole_entry *entry, struct slice description)
{
    struct attribute *attribute;

    memory_grow(&entry->attributes, &entry->capacity, entry->count + 1, sizeof *entry->attributes);
    attribute = &entry->attributes[entry->count++];
    *attribute = (struct attribute){.name = arena_slice(entry->arena, description)};
    entry->bytes += description.length;
    return attribute;
}

bool
whole_entry_add(struct whole_entry *entry, struct slice description, struct slice value)
{
    struct attribute *attribute = find(entry, description);

    if (!attribute)
        attribute = add_attribute(entry, description);
    else if (find_value(attribute, value) < attribute->count)
        return false;
    if (attribute->table)
        *find_cell(attribute, value) = (uint32_t)attribute->count + 1;
    if (attribute->count == attribute->capacity) {
        attribute->capacity = attribute->capacity ? 2 * attribute->capacity : 1;
        attribute->values =
            memory_resize(attribute->values, attribute->capacity * sizeof *attribute->values);
    }
    attribute->values[attribute->count++] =
        arena_slice(entry->arena, value.data ? value : slice_of(""));
    entry->bytes += value.length;
    return true;
}

static void
remove_attribute(struct whole_entry *entry, struct attribute *attribute)
{
    size_t behind = (size_t)(entry->attributes + --entry->count - attribute);

    entry->bytes -= attribute->name.length;
    release(attribute);
    memmove(attribute, attribute + 1, behind * sizeof *attribute);
}

bool
whole_entry_remove(struct whole_entry *entry, struct slice description, struct slice value)
{
    struct attribute *attribute = find(entry, description);
    size_t at;

    if (!attribute)
        return false;
    if (!value.data) {
        for (size_t i = 0; i < attribute->count; i++)
            entry->bytes -= attribute->values[i].length;
        remove_attribute(entry, attribute);
        return true;
    }
    at = seek_value(attribute, value);
    if (at == attribute->count)
        return false;
    entry->bytes -= value.length;
    drop_table(attribute);
    attribute->count--;
    memmove(attribute->values + at, attribute->values + at + 1,
            (attribute->count - at) * sizeof *attribute->values);
    if (attribute->count == 0)
        remove_attribute(entry, attribute);
    return true;
}

struct entry
whole_entry_view(const struct whole_entry *entry, const struct attributes *attributes,
                 struct arena *arena)
{
    struct entry_values *slots = arena_alloc(arena, attributes_count(attributes) * sizeof *slots);

    for (size_t i = 0; i < entry->count; i++) {
        int slot = attributes_find(attributes, entry->attributes[i].name);

        if (slot != ATTRIBUTE_NONE)
            slots[slot] = whole_entry_values(entry, i);
    }
    return (struct entry){.dn = entry->dn, .attributes = attributes, .slots = slots};
}
