#include "directory/names.h"

#include "base/arena.h"
#include "directory/value_range.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    /* No server has so many; what a hostile one sends beyond is resolved anew each time. */
    SPELLINGS_MOST = 2048,
    TABLE_SIZE = 2 * SPELLINGS_MOST,
    ALIASES_MOST = 64
};

struct spelling {
    struct slice text;
    int slot;
    unsigned follower; /* the spelling that came after this one the last time */
};

struct alias {
    struct slice description;
    int slot;
};

struct names {
    const struct attributes *attributes;
    struct arena *arena;
    bool sealed;
    struct spelling *spellings; /* 0 is none: where an entry begins */
    unsigned spelling_count;
    unsigned last;
    unsigned *table; /* open addressing over the spellings, 0 is free */
    struct alias *aliases;
    size_t alias_count, alias_capacity;
    struct name_group *groups;
    size_t group_count, group_capacity;
    int slot_count;
    bool *defined; /* by slot of the set: names_alias() told of it */
    bool told;
};

/* Names that are doubles in the standard schemas, in pairs. Some servers (Active Directory has
 * both street and streetAddress) disagree: the pair only makes us look. */
static const char *const doubles[][2] = {
    {"cn", "commonName"},
    {"sn", "surname"},
    {"c", "countryName"},
    {"l", "localityName"},
    {"st", "stateOrProvinceName"},
    {"street", "streetAddress"},
    {"o", "organizationName"},
    {"ou", "organizationalUnitName"},
    {"givenName", "gn"},
    {"facsimileTelephoneNumber", "fax"},
    {"uid", "userid"},
    {"mail", "rfc822Mailbox"},
    {"info", "textEncodedORAddress"},
    {"drink", "favouriteDrink"},
    {"homePhone", "homeTelephoneNumber"},
    {"dc", "domainComponent"},
    {"mobile", "mobileTelephoneNumber"},
    {"pager", "pagerTelephoneNumber"},
    {"co", "friendlyCountryName"},
};

static int resolve(struct names *names, struct slice description);

struct names *
names_new(const struct attributes *attributes)
{
    struct names *names = memory_zero(1, sizeof *names);

    names->attributes = attributes;
    names->arena = arena_new();
    names->spellings = memory_zero(SPELLINGS_MOST, sizeof *names->spellings);
    names->spelling_count = 1;
    names->table = memory_zero(TABLE_SIZE, sizeof *names->table);
    names->slot_count = (int)attributes_count(attributes);
    names->defined = arena_alloc(names->arena, (size_t)names->slot_count * sizeof(bool));
    return names;
}

void
names_free(struct names *names)
{
    if (!names)
        return;
    arena_free(names->arena);
    free(names->spellings);
    free(names->table);
    free(names->aliases);
    free(names->groups);
    free(names);
}

/* "cn;lang-fr" is "cn" and ";lang-fr". */
static void
split(struct slice description, struct slice *ret_name, struct slice *ret_options)
{
    const char *semicolon =
        description.length ? memchr(description.data, ';', description.length) : NULL;
    size_t length = semicolon ? (size_t)(semicolon - description.data) : description.length;

    *ret_name = (struct slice){description.data, length};
    *ret_options = (struct slice){description.data + length, description.length - length};
}

/* The slot of a description by the set or by the aliases, or NAME_IGNORED. */
static int
find_slot(const struct names *names, struct slice description)
{
    int slot = attributes_find(names->attributes, description);

    if (slot != ATTRIBUTE_NONE)
        return slot;
    for (size_t i = 0; i < names->alias_count; i++)
        if (slice_equal_nocase(names->aliases[i].description, description))
            return names->aliases[i].slot;
    return NAME_IGNORED;
}

/* RANGED when the description without its range has a slot. */
static int
resolve_range(struct names *names, const struct value_range *range)
{
    char plain[VALUE_RANGE_PLAIN_BYTES];
    int slot = resolve(names, value_range_plain(range, plain));

    return slot >= 0 ? NAME_RANGED : slot;
}

/* Without the schema a name can be another one's alias only if that one has the same options. */
static bool
may_be_alias(const struct names *names, struct slice options)
{
    for (size_t i = 0; i < attributes_count(names->attributes); i++) {
        struct slice name, own;

        split(slice_of(attributes_name(names->attributes, (int)i)), &name, &own);
        if (slice_equal_nocase(own, options))
            return true;
    }
    return false;
}

static int
resolve(struct names *names, struct slice description)
{
    int slot = find_slot(names, description);
    struct slice name, options;
    struct value_range range;

    if (slot != NAME_IGNORED)
        return slot;
    if (value_range_find(description, &range))
        return resolve_range(names, &range);
    split(description, &name, &options);
    return !names->sealed && may_be_alias(names, options) ? NAME_UNKNOWN : NAME_IGNORED;
}

static size_t
hash(struct slice text)
{
    uint32_t value = 2166136261u;

    for (size_t i = 0; i < text.length; i++)
        value = (value ^ (unsigned char)text.data[i]) * 16777619u;
    return value & (TABLE_SIZE - 1);
}

/* The spelling's number, or 0 when it is new and there is no more room. */
static unsigned
find_spelling(struct names *names, struct slice text)
{
    size_t at = hash(text);
    unsigned number;

    for (; (number = names->table[at]) != 0; at = (at + 1) & (TABLE_SIZE - 1))
        if (slice_equal(names->spellings[number].text, text))
            return number;
    if (names->spelling_count == SPELLINGS_MOST)
        return 0;
    number = names->spelling_count++;
    names->table[at] = number;
    names->spellings[number] =
        (struct spelling){arena_slice(names->arena, text), resolve(names, text), 0};
    return number;
}

void
names_begin(struct names *names)
{
    names->last = 0;
}

int
names_slot(struct names *names, struct slice description)
{
    struct spelling *last = &names->spellings[names->last];
    unsigned number = last->follower;

    if (number == 0 || !slice_equal(names->spellings[number].text, description)) {
        number = find_spelling(names, description);
        if (number == 0)
            return resolve(names, description);
        last->follower = number;
    }
    names->last = number;
    return names->spellings[number].slot;
}

/* What was resolved before may be wrong now. */
static void
forget_spellings(struct names *names)
{
    memset(names->table, 0, TABLE_SIZE * sizeof *names->table);
    names->spelling_count = 1;
    names->last = 0;
    names->spellings[0].follower = 0;
}

static bool
is_one_of(struct slice name, const struct slice *same, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(name, same[i]))
            return true;
    return false;
}

static void
add_alias(struct names *names, struct slice description, int slot)
{
    memory_grow(&names->aliases, &names->alias_capacity, names->alias_count + 1,
                sizeof *names->aliases);
    names->aliases[names->alias_count++] = (struct alias){description, slot};
}

/* One group for each set of options with which the set names the attribute. */
static void
add_group(struct names *names, const struct slice *same, size_t count, struct slice options)
{
    int slots[ALIASES_MOST];
    size_t used = 0;
    int hidden = names->slot_count;
    struct name_group group;

    for (size_t i = 0; i < count && used < ALIASES_MOST - 1; i++) {
        struct slice description = slice_of(
            arena_format(names->arena, "%.*s%.*s", SLICE_ARG(same[i]), SLICE_ARG(options)));
        int slot = attributes_find(names->attributes, description);

        if (slot != ATTRIBUTE_NONE)
            slots[used++] = slot;
        else
            add_alias(names, description, hidden);
    }
    slots[used++] = hidden;
    names->slot_count++;
    group.slots =
        memcpy(arena_alloc(names->arena, used * sizeof slots[0]), slots, used * sizeof slots[0]);
    group.count = used;
    memory_grow(&names->groups, &names->group_capacity, names->group_count + 1,
                sizeof *names->groups);
    names->groups[names->group_count++] = group;
}

void
names_alias(struct names *names, const struct slice *same, size_t count)
{
    size_t first = names->group_count;

    names->told = true;
    for (size_t i = 0; i < attributes_count(names->attributes); i++) {
        struct slice name, options;
        bool grouped = false;

        split(slice_of(attributes_name(names->attributes, (int)i)), &name, &options);
        if (!is_one_of(name, same, count))
            continue;
        names->defined[i] = true;
        for (size_t g = first; g < names->group_count; g++)
            for (size_t s = 0; s < names->groups[g].count; s++)
                grouped |= names->groups[g].slots[s] == (int)i;
        if (!grouped)
            add_group(names, same, count, options);
    }
}

void
names_seal(struct names *names)
{
    names->sealed = true;
    forget_spellings(names);
}

bool
names_is_undefined(const struct names *names, int slot)
{
    return names->told && !names->defined[slot];
}

static bool
has_name(const struct names *names, const char *wanted)
{
    for (size_t i = 0; i < attributes_count(names->attributes); i++) {
        struct slice name, options;

        split(slice_of(attributes_name(names->attributes, (int)i)), &name, &options);
        if (slice_equal_nocase(name, slice_of(wanted)))
            return true;
    }
    return false;
}

bool
names_need_schema(const struct names *names)
{
    for (size_t i = 0; i < attributes_count(names->attributes); i++) {
        char first = attributes_name(names->attributes, (int)i)[0];

        if (first >= '0' && first <= '9')
            return true;
    }
    for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++)
        if (has_name(names, doubles[i][0]) && has_name(names, doubles[i][1]))
            return true;
    return false;
}

size_t
names_slot_count(const struct names *names)
{
    return (size_t)names->slot_count;
}

size_t
names_group_count(const struct names *names)
{
    return names->group_count;
}

struct name_group
names_group(const struct names *names, size_t index)
{
    return names->groups[index];
}

const struct attributes *
names_attributes(const struct names *names)
{
    return names->attributes;
}
