#include "run/people.h"

#include <stdlib.h>
#include <xxhash.h>

/* Open addressing, at most half full; a slot holds a person's number + 1. */
struct table {
    uint32_t *slots;
    size_t mask;
};

struct people_index {
    struct people *people;
    struct table keys, identities;
    struct people_clash *clashes;
    size_t clash_count, clash_capacity;
};

static struct table
table_new(size_t count)
{
    size_t size = 16;

    while (size < 2 * count)
        size *= 2;
    return (struct table){memory_zero(size, sizeof(uint32_t)), size - 1};
}

static size_t
slot_of_key(const struct people_index *index, struct slice key)
{
    const struct person *items = people_items(index->people);
    size_t at = XXH3_64bits(key.data, key.length) & index->keys.mask;

    while (index->keys.slots[at] &&
           !slice_equal(people_key(index->people, &items[index->keys.slots[at] - 1]), key))
        at = (at + 1) & index->keys.mask;
    return at;
}

static size_t
slot_of_identity(const struct people_index *index, uint64_t identity)
{
    const struct person *items = people_items(index->people);
    size_t at = (size_t)(identity >> 1) & index->identities.mask;

    while (index->identities.slots[at] &&
           items[index->identities.slots[at] - 1].identity != identity)
        at = (at + 1) & index->identities.mask;
    return at;
}

/* Of several with one key, one with a record stands for all. */
static void
add_key(struct people_index *index, struct person *person, uint32_t number)
{
    size_t slot = slot_of_key(index, people_key(index->people, person));
    struct person *other =
        index->keys.slots[slot] ? &people_items(index->people)[index->keys.slots[slot] - 1] : NULL;

    if (!other || other->verdict != PERSON_FIT) {
        index->keys.slots[slot] = number;
        return;
    }
    if (person->verdict != PERSON_FIT)
        return;
    memory_grow(&index->clashes, &index->clash_capacity, index->clash_count + 1,
                sizeof *index->clashes);
    index->clashes[index->clash_count++] = (struct people_clash){other, person};
}

/* Of several with one match identifier, who is fit stands for all. */
static void
add_identity(struct people_index *index, uint32_t number)
{
    const struct person *items = people_items(index->people);
    uint32_t *slot = &index->identities.slots[slot_of_identity(index, items[number].identity)];

    if (*slot == 0 || items[*slot - 1].verdict != PERSON_FIT)
        *slot = number + 1;
}

static void
index_identities(struct people_index *index)
{
    const struct person *items = people_items(index->people);
    size_t count = people_count(index->people);

    index->identities = table_new(count);
    for (size_t i = 0; i < count; i++)
        if (items[i].identity != 0 && items[i].verdict != PERSON_TWICE)
            add_identity(index, (uint32_t)i);
}

struct people_index *
people_index_new(struct people *people)
{
    struct people_index *index = memory_zero(1, sizeof *index);
    struct person *items = people_items(people);
    size_t count = people_count(people);

    index->people = people;
    index->keys = table_new(count);
    for (size_t i = 0; i < count; i++)
        add_key(index, &items[i], (uint32_t)i + 1);
    index_identities(index);
    return index;
}

const struct people_clash *
people_clashes(const struct people_index *index, size_t *ret_count)
{
    *ret_count = index->clash_count;
    return index->clashes;
}

void
people_index_free(struct people_index *index)
{
    if (!index)
        return;
    free(index->keys.slots);
    free(index->identities.slots);
    free(index->clashes);
    free(index);
}

struct person *
people_find_key(const struct people_index *index, struct slice key)
{
    uint32_t found = index->keys.slots[slot_of_key(index, key)];

    return found ? &people_items(index->people)[found - 1] : NULL;
}

struct person *
people_find_identity(const struct people_index *index, uint64_t identity)
{
    uint32_t found = index->identities.slots[slot_of_identity(index, identity)];

    return found ? &people_items(index->people)[found - 1] : NULL;
}
