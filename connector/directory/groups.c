#include "directory/groups.h"

#include "base/arena.h"

#include <stdlib.h>
#include <xxhash.h>

enum { SMALLEST = 1024, END = 0 };

struct group {
    struct slice dn;
    uint64_t name; /* as a member */
    uint64_t mark; /* what it adds to a sum */
    uint32_t seen; /* the question that found it last */
};

/* Somebody's name, and his groups. */
struct name {
    uint64_t name;  /* GROUP_NAME_NONE: free */
    uint32_t first; /* membership; END: none */
    uint32_t group; /* whose DN it is: its number + 1; 0: no group's */
};

struct link {
    uint32_t group;
    uint32_t next; /* END: the last one */
};

struct groups {
    struct arena *arena;
    struct group *items;
    size_t count, capacity;
    struct name *names; /* open addressing, at most two thirds full */
    size_t size, name_count;
    struct link *links; /* the first one is not used */
    size_t link_count, link_capacity;
    uint32_t *found;
    size_t found_count, found_capacity;
    uint32_t question;
};

struct groups *
groups_new(void)
{
    struct groups *groups = memory_zero(1, sizeof *groups);

    groups->arena = arena_new();
    groups->size = SMALLEST;
    groups->names = memory_zero(groups->size, sizeof *groups->names);
    groups->link_count = 1;
    return groups;
}

void
groups_free(struct groups *groups)
{
    if (!groups)
        return;
    arena_free(groups->arena);
    free(groups->items);
    free(groups->names);
    free(groups->links);
    free(groups->found);
    free(groups);
}

/* Where it is, or where it belongs. Names are spread by how they are made. */
static struct name *
find(const struct groups *groups, uint64_t name)
{
    size_t at = name & (groups->size - 1);

    while (groups->names[at].name != GROUP_NAME_NONE && groups->names[at].name != name)
        at = (at + 1) & (groups->size - 1);
    return &groups->names[at];
}

static void
grow(struct groups *groups)
{
    struct name *old = groups->names;
    size_t old_size = groups->size;

    groups->size *= 2;
    groups->names = memory_zero(groups->size, sizeof *groups->names);
    for (size_t i = 0; i < old_size; i++)
        if (old[i].name != GROUP_NAME_NONE)
            *find(groups, old[i].name) = old[i];
    free(old);
}

static struct name *
find_or_add(struct groups *groups, uint64_t name)
{
    struct name *known = find(groups, name);

    if (known->name == name)
        return known;
    if (groups->name_count * 3 >= groups->size * 2) {
        grow(groups);
        known = find(groups, name);
    }
    groups->name_count++;
    known->name = name;
    return known;
}

uint32_t
groups_add(struct groups *groups, struct slice dn, uint64_t name)
{
    struct name *known = find_or_add(groups, name);

    if (known->group > 0)
        return known->group - 1;
    memory_grow(&groups->items, &groups->capacity, groups->count + 1, sizeof *groups->items);
    groups->items[groups->count++] = (struct group){
        .dn = arena_slice(groups->arena, dn),
        .name = name,
        .mark = XXH3_64bits(dn.data, dn.length),
    };
    known->group = (uint32_t)groups->count;
    return known->group - 1;
}

void
groups_add_member(struct groups *groups, uint32_t group, uint64_t member)
{
    struct name *known = find_or_add(groups, member);

    memory_grow(&groups->links, &groups->link_capacity, groups->link_count + 1,
                sizeof *groups->links);
    groups->links[groups->link_count] = (struct link){group, known->first};
    known->first = (uint32_t)groups->link_count++;
}

size_t
groups_count(const struct groups *groups)
{
    return groups->count;
}

struct slice
groups_dn(const struct groups *groups, uint32_t number)
{
    return groups->items[number].dn;
}

static void
begin(struct groups *groups)
{
    memory_grow(&groups->found, &groups->found_capacity, groups->count + 1, sizeof *groups->found);
    groups->found_count = 0;
    if (++groups->question > 0)
        return;
    for (size_t i = 0; i < groups->count; i++)
        groups->items[i].seen = 0;
    groups->question = 1;
}

static void
find_groups_of(struct groups *groups, uint64_t name)
{
    if (name == GROUP_NAME_NONE)
        return;
    for (uint32_t at = find(groups, name)->first; at != END; at = groups->links[at].next) {
        struct group *group = &groups->items[groups->links[at].group];

        if (group->seen == groups->question)
            continue;
        group->seen = groups->question;
        groups->found[groups->found_count++] = groups->links[at].group;
    }
}

struct group_list
groups_find(struct groups *groups, const uint64_t *names, size_t count)
{
    size_t direct;

    begin(groups);
    for (size_t i = 0; i < count; i++)
        find_groups_of(groups, names[i]);
    direct = groups->found_count;
    /* What is found on the way stands behind, and is gone on from in its turn. */
    for (size_t i = 0; i < groups->found_count; i++)
        find_groups_of(groups, groups->items[groups->found[i]].name);
    return (struct group_list){groups->found, direct, groups->found_count};
}

uint64_t
groups_sum(const struct groups *groups, struct group_list list)
{
    enum { DIRECT_FACTOR = 3 };
    uint64_t sum = 0;

    for (size_t i = 0; i < list.count; i++)
        sum += groups->items[list.numbers[i]].mark * (i < list.direct ? DIRECT_FACTOR : 1);
    return sum;
}
