#include "run/roster.h"

#include "run/roster_parts.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct roster *
roster_new(void)
{
    struct roster *roster = memory_zero(1, sizeof *roster);

    roster->arena = arena_new();
    return roster;
}

void
roster_free(struct roster *roster)
{
    if (!roster)
        return;
    for (size_t i = 0; i < ROSTER_LAYERS; i++)
        free(roster->marks[i].items);
    free(roster->fresh.items);
    free(roster->rows);
    free(roster->memberships);
    free(roster->table);
    free(roster->groups);
    arena_free(roster->arena);
    free(roster);
}

struct roster_facts *
roster_facts(struct roster *roster)
{
    return &roster->facts;
}

void
roster_set_texts(struct roster *roster, struct slice conditions, struct slice mark)
{
    roster->facts.conditions = arena_slice(roster->arena, conditions);
    roster->facts.mark = arena_slice(roster->arena, mark);
}

size_t
roster_count(const struct roster *roster)
{
    return roster->count;
}

void
roster_set_groups(struct roster *roster, struct slice groups)
{
    roster->facts.groups = arena_slice(roster->arena, groups);
    roster->has_new_groups = true;
}

struct roster_row *
roster_row(struct roster *roster, uint32_t number)
{
    return &roster->rows[number];
}

struct directory_id
roster_id(const struct roster_row *row)
{
    struct directory_id id = {.kind = (enum directory_id_kind)row->kind};

    memcpy(id.bytes, row->id, sizeof id.bytes);
    return id;
}

bool
roster_is_here(const struct roster_row *row)
{
    return row->verdict != ROSTER_VOID && row->verdict != ROSTER_AWAY;
}

const struct membership *
roster_membership(const struct roster *roster, uint32_t number)
{
    return roster->memberships ? &roster->memberships[number] : NULL;
}

static bool
is_known_to_groups(const struct membership *membership)
{
    return membership->names[0] != 0 || membership->names[1] != 0 || membership->sum != 0;
}

static void
add_membership(struct roster *roster, const struct membership *membership)
{
    bool first = !roster->memberships;

    if (first && !is_known_to_groups(membership))
        return;
    memory_grow(&roster->memberships, &roster->membership_capacity, roster->capacity,
                sizeof *roster->memberships);
    if (first)
        memset(roster->memberships, 0, roster->count * sizeof *roster->memberships);
    roster->memberships[roster->count - 1] = *membership;
}

uint32_t
roster_append(struct roster *roster, const struct roster_row *row,
              const struct membership *membership)
{
    memory_grow(&roster->rows, &roster->capacity, roster->count + 1, sizeof *roster->rows);
    roster->rows[roster->count++] = *row;
    add_membership(roster, membership);
    roster->has_changed = true;
    return (uint32_t)(roster->count - 1);
}

static size_t
slot_of(const struct roster *roster, const unsigned char id[DIRECTORY_ID_BYTES], unsigned kind)
{
    size_t at = XXH3_64bits_withSeed(id, DIRECTORY_ID_BYTES, kind) & roster->table_mask;

    while (roster->table[at]) {
        const struct roster_row *row = &roster->rows[roster->table[at] - 1];

        if (row->kind == kind && memcmp(row->id, id, DIRECTORY_ID_BYTES) == 0)
            break;
        at = (at + 1) & roster->table_mask;
    }
    return at;
}

/* What stands behind replaces what stands before. */
static uint32_t
index_row(struct roster *roster, uint32_t number)
{
    const struct roster_row *row = &roster->rows[number];
    uint32_t *slot = &roster->table[slot_of(roster, row->id, row->kind)];
    uint32_t before = *slot ? *slot - 1 : (uint32_t)ROSTER_NONE;

    *slot = number + 1;
    return before;
}

bool
roster_index(struct roster *roster)
{
    size_t size = 64;
    bool single = true;

    while (size < 4 * roster->count)
        size *= 2;
    free(roster->table);
    roster->table = memory_zero(size, sizeof *roster->table);
    roster->table_mask = size - 1;
    for (uint32_t i = 0; i < roster->count; i++) {
        uint32_t before;

        if (roster->rows[i].verdict == ROSTER_VOID)
            continue;
        before = index_row(roster, i);
        if (before == ROSTER_NONE)
            continue;
        roster->rows[before].verdict = ROSTER_VOID;
        single &= i >= roster->base;
    }
    return single;
}

uint32_t
roster_replace(struct roster *roster, const struct roster_row *row,
               const struct membership *membership)
{
    uint32_t number, before;

    if (2 * roster->count >= roster->table_mask)
        (void)roster_index(roster);
    number = roster_append(roster, row, membership);
    before = index_row(roster, number);
    if (before != ROSTER_NONE)
        roster->rows[before].verdict = ROSTER_VOID;
    return number;
}

void
roster_mark(struct roster *roster, uint32_t number, uint32_t hash)
{
    struct roster_marks *fresh = &roster->fresh;

    memory_grow(&fresh->items, &fresh->capacity, fresh->count + 1, sizeof *fresh->items);
    fresh->items[fresh->count++] = (uint64_t)hash << 32 | number;
    roster->has_changed = true;
}

void
roster_take_marks(struct roster *roster, uint64_t *marks, size_t count)
{
    free(roster->fresh.items);
    roster->fresh = (struct roster_marks){marks, count, count};
}

uint32_t
roster_find(const struct roster *roster, const struct directory_id *id)
{
    return roster->table ? roster->table[slot_of(roster, id->bytes, (unsigned)id->kind)] - 1
                         : (uint32_t)ROSTER_NONE;
}

/* The first mark of that hash, or where it would be. */
static size_t
lower_bound(const struct roster_marks *marks, uint32_t hash)
{
    size_t from = 0, to = marks->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (marks->items[middle] >> 32 < hash)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

uint32_t
roster_marked(const struct roster *roster, uint32_t hash, size_t *cursor)
{
    size_t passed = 0;

    for (size_t layer = 0; layer < ROSTER_LAYERS; layer++) {
        const struct roster_marks *marks = &roster->marks[layer];

        for (size_t i = lower_bound(marks, hash); i < marks->count && marks->items[i] >> 32 == hash;
             i++) {
            uint32_t number = (uint32_t)marks->items[i];

            if (passed++ < *cursor || roster->rows[number].verdict == ROSTER_VOID)
                continue;
            *cursor = passed;
            return number;
        }
    }
    return ROSTER_NONE;
}

void
roster_sum(const struct roster *roster, struct roster_sums *ret_sums)
{
    *ret_sums = (struct roster_sums){0};
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_row *row = &roster->rows[i];

        if (!roster_is_here(row))
            continue;
        ret_sums->here++;
        ret_sums->fit += row->verdict == ROSTER_FIT;
        ret_sums->skipped += row->verdict == ROSTER_SKIPPED;
        ret_sums->by_search[row->search]++;
    }
}
