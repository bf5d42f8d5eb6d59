#include "run/doubts.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

struct doubt {
    struct doubt_key key;
    struct slice text, dn; /* of the first person */
    uint64_t people;
    uint64_t last_person;
};

struct doubts {
    struct arena *arena;
    struct doubt *items;
    size_t count, capacity;
    size_t *table; /* open addressing: number + 1; 0 is free */
    size_t table_size;
};

struct doubts *
doubts_new(void)
{
    struct doubts *doubts = memory_zero(1, sizeof *doubts);

    doubts->arena = arena_new();
    return doubts;
}

void
doubts_free(struct doubts *doubts)
{
    if (!doubts)
        return;
    arena_free(doubts->arena);
    free(doubts->items);
    free(doubts->table);
    free(doubts);
}

void
doubts_restart(struct doubts *doubts)
{
    arena_reset(doubts->arena);
    doubts->count = 0;
    if (doubts->table_size > 0)
        memset(doubts->table, 0, doubts->table_size * sizeof *doubts->table);
}

/* FNV-1a over what tells doubts apart. */
static size_t
hash(const struct doubt_key *key)
{
    size_t value = 2166136261u;
    const size_t numbers[] = {key->code, key->where.line, key->where.column};

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        value = (value ^ numbers[i]) * 16777619u;
    for (const char *c = key->about; c && *c; c++)
        value = (value ^ (unsigned char)*c) * 16777619u;
    return value;
}

static bool
is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
is_same(const struct doubt_key *a, const struct doubt_key *b)
{
    return a->code == b->code && a->where.line == b->where.line &&
           a->where.column == b->where.column && is_same_text(a->about, b->about) &&
           is_same_text(a->where.file, b->where.file);
}

/* The place of the key's doubt, or the free one where it belongs. */
static size_t *
find_place(const struct doubts *doubts, const struct doubt_key *key)
{
    size_t at = hash(key) & (doubts->table_size - 1);

    while (doubts->table[at] && !is_same(&doubts->items[doubts->table[at] - 1].key, key))
        at = (at + 1) & (doubts->table_size - 1);
    return &doubts->table[at];
}

/* At most half full. */
static void
make_room(struct doubts *doubts)
{
    if (2 * (doubts->count + 1) <= doubts->table_size)
        return;
    doubts->table_size = doubts->table_size ? 2 * doubts->table_size : 64;
    free(doubts->table);
    doubts->table = memory_zero(doubts->table_size, sizeof *doubts->table);
    for (size_t i = 0; i < doubts->count; i++)
        *find_place(doubts, &doubts->items[i].key) = i + 1;
}

bool
doubts_count(struct doubts *doubts, const struct doubt_key *key, uint64_t person)
{
    struct doubt *doubt;
    size_t *place;

    make_room(doubts);
    place = find_place(doubts, key);
    if (*place) {
        doubt = &doubts->items[*place - 1];
        doubt->people += doubt->last_person != person;
        doubt->last_person = person;
        return false;
    }
    memory_grow(&doubts->items, &doubts->capacity, doubts->count + 1, sizeof *doubts->items);
    doubt = &doubts->items[doubts->count++];
    *place = doubts->count;
    *doubt = (struct doubt){.key = *key, .people = 1, .last_person = person};
    if (key->about)
        doubt->key.about = arena_string(doubts->arena, key->about);
    return true;
}

void
doubts_word(struct doubts *doubts, struct slice text, struct slice dn)
{
    struct doubt *doubt = &doubts->items[doubts->count - 1];

    doubt->text = arena_slice(doubts->arena, text);
    doubt->dn = arena_slice(doubts->arena, dn);
}

static bool
is_told(const struct check *check, size_t count, const struct doubt_key *key)
{
    for (size_t i = 0; i < count; i++)
        if (check->lines[i].code == key->code && key->where.line &&
            check->lines[i].where.line == key->where.line &&
            check->lines[i].where.column == key->where.column &&
            is_same_text(check->lines[i].where.file, key->where.file))
            return true;
    return false;
}

void
doubts_tell(const struct doubts *doubts, struct check *check)
{
    size_t before = check->count;

    for (size_t i = 0; i < doubts->count; i++) {
        const struct doubt *doubt = &doubts->items[i];

        if (is_told(check, before, &doubt->key))
            continue;
        memory_grow(&check->lines, &check->capacity, check->count + 1, sizeof *check->lines);
        check->lines[check->count++] = (struct check_line){doubt->key.code, doubt->key.where,
                                                           doubt->text, doubt->people, doubt->dn};
    }
}
