#include "model/rdn.h"

#include "model/dn.h"
#include "model/dn_fold.h"
#include "model/normal.h"

/* By which name the entry has the type, or is to have it. */
static struct slice
find_name(const struct whole_entry *entry, struct slice type)
{
    struct slice wanted = dn_fold_type(type);

    for (size_t i = 0; i < whole_entry_count(entry); i++) {
        struct slice name = whole_entry_name(entry, i);

        if (slice_equal_nocase(dn_fold_type(name), wanted))
            return name;
    }
    return wanted;
}

/* The value of the entry that matches, or SLICE_NONE. */
static struct slice
find_value(struct arena *arena, const struct whole_entry *entry, struct slice name,
           struct slice value)
{
    struct entry_values values = whole_entry_find(entry, name);
    struct slice form = normal_text(arena, value);

    for (size_t i = 0; i < values.count; i++)
        if (slice_equal(values.values[i], value))
            return values.values[i];
    for (size_t i = 0; i < values.count; i++)
        if (slice_equal(normal_text(arena, values.values[i]), form))
            return values.values[i];
    return SLICE_NONE;
}

/* One value of the RDN after the other. */
struct walk {
    struct arena *arena;
    struct dn_reader reader;
    struct dn_part part;
    struct slice name, wanted; /* of the value, as the entry and as the DN has it */
    struct slice value;        /* what the entry has; SLICE_NONE: nothing */
};

static struct walk
walk_begin(const struct whole_entry *entry)
{
    return (struct walk){
        .arena = arena_new(), .reader = {whole_entry_dn(entry), 0}, .part.joined = true};
}

/* False behind the last one; then the walk is over. */
static bool
walk_on(struct walk *walk, const struct whole_entry *entry)
{
    if (!walk->part.joined || dn_next(&walk->reader, &walk->part) != DN_PART) {
        arena_free(walk->arena);
        return false;
    }
    walk->name = find_name(entry, walk->part.type);
    walk->wanted = dn_unescape(walk->arena, walk->part.value);
    walk->value = find_value(walk->arena, entry, walk->name, walk->wanted);
    return true;
}

void
rdn_add_values(struct whole_entry *entry)
{
    struct walk walk = walk_begin(entry);

    while (walk_on(&walk, entry))
        if (!walk.value.data)
            whole_entry_add(entry, walk.name, walk.wanted);
}

void
rdn_remove_values(struct whole_entry *entry)
{
    struct walk walk = walk_begin(entry);

    while (walk_on(&walk, entry))
        if (walk.value.data)
            whole_entry_remove(entry, walk.name, walk.value);
}

struct slice
rdn_find_missing(const struct whole_entry *entry)
{
    struct walk walk = walk_begin(entry);
    struct slice missing = SLICE_NONE;

    while (walk_on(&walk, entry))
        if (!walk.value.data)
            missing = walk.part.type;
    return missing;
}

struct slice
rdn_parent(struct slice dn)
{
    struct dn_reader reader = {dn, 0};
    struct dn_part part = {.joined = true};

    while (part.joined && dn_next(&reader, &part) == DN_PART)
        ;
    return (struct slice){dn.data + reader.at, dn.length - reader.at};
}

bool
rdn_is_one(struct slice text)
{
    return rdn_parent(text).length == 0;
}
