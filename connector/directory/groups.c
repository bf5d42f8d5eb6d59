#include "directory/groups.h"

#include "base/arena.h"
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>
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

/* What groups_read() was given. */
struct lent {
    const struct name *names; /* ascending; NULL: nothing is lent */
    const struct link *links;
    size_t name_count, link_count;
};

struct groups {
    struct lent lent; /* in place of names and links of its own */
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

static int
compare_names(const void *key, const void *item)
{
    uint64_t a = *(const uint64_t *)key, b = ((const struct name *)item)->name;

    return a < b ? -1 : a > b;
}

/* The first membership. */
static uint32_t
find_first(const struct groups *groups, uint64_t name)
{
    const struct lent *lent = &groups->lent;
    const struct name *known;

    if (name == GROUP_NAME_NONE)
        return END;
    if (!lent->names)
        return find(groups, name)->first;
    known = bsearch(&name, lent->names, lent->name_count, sizeof *known, compare_names);
    return known ? known->first : (uint32_t)END;
}

static void
find_groups_of(struct groups *groups, uint64_t name)
{
    const struct link *links = groups->lent.names ? groups->lent.links : groups->links;

    for (uint32_t at = find_first(groups, name); at != END; at = links[at].next) {
        struct group *group = &groups->items[links[at].group];

        if (group->seen == groups->question)
            continue;
        group->seen = groups->question;
        groups->found[groups->found_count++] = links[at].group;
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

/* The bytes begin with this. Behind it: names, ascending; links; groups; their DNs. */
struct written {
    uint64_t names, links, groups, dn_bytes;
};

struct written_group {
    uint64_t name;
    uint64_t dn_end; /* behind the first DN's first byte */
};

static void
write_names(const struct groups *groups, struct buffer *bytes)
{
    uint64_t *names = memory_alloc((groups->name_count + 1) * sizeof *names);
    size_t count = 0;

    for (size_t i = 0; i < groups->size; i++)
        if (groups->names[i].name != GROUP_NAME_NONE)
            names[count++] = groups->names[i].name;
    sort_numbers(names, count);
    for (size_t i = 0; i < count; i++)
        buffer_add(bytes, (const char *)find(groups, names[i]), sizeof *groups->names);
    free(names);
}

void
groups_write(const struct groups *groups, struct buffer *bytes)
{
    static const struct link none = {0, END};
    struct written head = {
        .names = groups->name_count, .links = groups->link_count, .groups = groups->count};
    struct written_group group = {0};

    for (size_t i = 0; i < groups->count; i++)
        head.dn_bytes += groups->items[i].dn.length;
    buffer_add(bytes, (const char *)&head, sizeof head);
    write_names(groups, bytes);
    buffer_add(bytes, (const char *)&none, sizeof none);
    if (groups->link_count > 1)
        buffer_add(bytes, (const char *)(groups->links + 1),
                   (groups->link_count - 1) * sizeof *groups->links);
    for (size_t i = 0; i < groups->count; i++) {
        group.name = groups->items[i].name;
        group.dn_end += groups->items[i].dn.length;
        buffer_add(bytes, (const char *)&group, sizeof group);
    }
    for (size_t i = 0; i < groups->count; i++)
        buffer_add(bytes, groups->items[i].dn.data, groups->items[i].dn.length);
}

/* The next items; NULL where there are not so many. */
static const void *
take(struct slice *rest, uint64_t count, size_t size)
{
    const char *items = rest->data;

    if (count > UINT32_MAX || rest->length / size < count)
        return NULL;
    *rest = (struct slice){rest->data + count * size, rest->length - count * size};
    return items;
}

/* No name leads out of the graph, and every way along its links has an end. */
static bool
is_sound(const struct groups *groups)
{
    const struct lent *lent = &groups->lent;
    uint64_t last = GROUP_NAME_NONE;

    for (size_t i = 0; i < lent->name_count; last = lent->names[i++].name)
        if (lent->names[i].name <= last || lent->names[i].first >= lent->link_count)
            return false;
    for (size_t i = 1; i < lent->link_count; i++)
        if (lent->links[i].group >= groups->count || lent->links[i].next >= i)
            return false;
    return true;
}

static bool
read_groups(struct groups *groups, const struct written_group *written, size_t count,
            struct slice dns)
{
    uint64_t begin = 0;

    groups->items = memory_zero(count + 1, sizeof *groups->items);
    for (; groups->count < count; groups->count++) {
        const struct written_group *group = &written[groups->count];
        struct slice dn = {dns.data + begin, (size_t)(group->dn_end - begin)};

        if (group->name == GROUP_NAME_NONE || group->dn_end < begin || group->dn_end > dns.length)
            return false;
        groups->items[groups->count] =
            (struct group){.dn = dn, .name = group->name, .mark = XXH3_64bits(dn.data, dn.length)};
        begin = group->dn_end;
    }
    return begin == dns.length;
}

struct groups *
groups_read(struct slice bytes)
{
    struct groups *groups = memory_zero(1, sizeof *groups);
    struct lent *lent = &groups->lent;
    const struct written *head = NULL;
    const struct written_group *written = NULL;

    if ((uintptr_t)bytes.data % sizeof(uint64_t) == 0)
        head = take(&bytes, 1, sizeof *head);
    if (head) {
        lent->names = take(&bytes, head->names, sizeof *lent->names);
        lent->links = take(&bytes, head->links, sizeof *lent->links);
        written = take(&bytes, head->groups, sizeof *written);
        lent->name_count = head->names;
        lent->link_count = head->links;
    }
    if (head && lent->names && lent->links && written && lent->link_count > 0 &&
        bytes.length == head->dn_bytes && read_groups(groups, written, head->groups, bytes) &&
        is_sound(groups))
        return groups;
    groups_free(groups);
    return NULL;
}
