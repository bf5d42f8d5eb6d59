#include "directory/dn_set.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { SMALLEST = 1024 };

struct member {
    const char *dn; /* NULL: free */
    uint32_t length;
    uint32_t hash;
};

struct dn_set {
    struct arena *arena;
    struct member *table; /* open addressing, at most two thirds full */
    size_t size, count;
};

struct dn_set *
dn_set_new(void)
{
    struct dn_set *set = memory_zero(1, sizeof *set);

    set->arena = arena_new();
    set->size = SMALLEST;
    set->table = memory_zero(set->size, sizeof *set->table);
    return set;
}

void
dn_set_free(struct dn_set *set)
{
    if (!set)
        return;
    arena_free(set->arena);
    free(set->table);
    free(set);
}

void
dn_set_clear(struct dn_set *set)
{
    arena_reset(set->arena);
    memset(set->table, 0, set->size * sizeof *set->table);
    set->count = 0;
}

static uint32_t
hash_dn(struct slice dn)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (size_t i = 0; i < dn.length; i++)
        hash = (hash ^ (unsigned char)dn.data[i]) * 1099511628211u;
    return (uint32_t)(hash ^ hash >> 32);
}

static bool
is_member(const struct member *member, struct slice dn, uint32_t hash)
{
    return member->hash == hash && slice_equal((struct slice){member->dn, member->length}, dn);
}

/* Where it is, or where it belongs. */
static struct member *
find(const struct dn_set *set, struct slice dn, uint32_t hash)
{
    size_t at = hash & (set->size - 1);

    while (set->table[at].dn && !is_member(&set->table[at], dn, hash))
        at = (at + 1) & (set->size - 1);
    return &set->table[at];
}

static void
grow(struct dn_set *set)
{
    struct member *old = set->table;
    size_t old_size = set->size;

    set->size *= 2;
    set->table = memory_zero(set->size, sizeof *set->table);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].dn)
            *find(set, (struct slice){old[i].dn, old[i].length}, old[i].hash) = old[i];
    free(old);
}

bool
dn_set_add(struct dn_set *set, struct slice dn)
{
    uint32_t hash = hash_dn(dn);

    if (find(set, dn, hash)->dn)
        return false;
    if (set->count * 3 >= set->size * 2)
        grow(set);
    *find(set, dn, hash) =
        (struct member){arena_copy(set->arena, dn.data, dn.length), (uint32_t)dn.length, hash};
    set->count++;
    return true;
}
