#include "run/roster_parts.h"

#include "base/buffer.h"
#include "base/sort.h"
#include "state/roster.h"

#include <stdlib.h>
#include <string.h>

/* Numbers of the parts in state; layer 1 has those behind layer 0. */
enum { PART_HEAD, PART_ROWS, PART_MEMBERSHIPS, PART_MARKS, LAYER_PARTS = 3, PART_GROUPS = 7 };

/* Another byte order, or a version that writes another head, makes it another number. */
enum { HEAD_VERSION = 0x4c320001 };

struct roster_head {
    uint32_t version, field_count;
    int64_t run;
    uint64_t had[USER_FIELDS_MOST];
    uint64_t rows[ROSTER_LAYERS], marks[ROSTER_LAYERS], memberships[ROSTER_LAYERS];
    uint64_t conditions, mark; /* bytes that follow */
};

/* Names under which state keeps it. */
static const char read_all_name[] = "read_all";

static struct slice
bytes_of(const void *items, size_t from, size_t count, size_t size)
{
    return count == 0 ? slice_of("")
                      : (struct slice){(const char *)items + from * size, count * size};
}

/* Mostly they are in order. */
static void
sort_marks(struct roster_marks *marks)
{
    size_t i = 1;

    while (i < marks->count && marks->items[i - 1] <= marks->items[i])
        i++;
    if (i < marks->count)
        sort_numbers(marks->items, marks->count);
}

static bool
load_head(struct state *state, struct roster *roster, struct roster_head *ret_head, bool *ret_good,
          struct error *err)
{
    char *bytes;
    size_t length;
    bool ok = state_roster_part(state, PART_HEAD, (void **)&bytes, &length, err);

    *ret_good = false;
    if (ok && bytes && length >= sizeof *ret_head) {
        memcpy(ret_head, bytes, sizeof *ret_head);
        length -= sizeof *ret_head;
        *ret_good = ret_head->version == HEAD_VERSION &&
                    ret_head->field_count == user_field_count && ret_head->conditions <= length &&
                    ret_head->mark == length - ret_head->conditions;
    }
    if (*ret_good) {
        const char *texts = bytes + sizeof *ret_head;

        roster->facts.run = ret_head->run;
        memcpy(roster->facts.had, ret_head->had, sizeof roster->facts.had);
        roster_set_texts(roster, (struct slice){texts, ret_head->conditions},
                         (struct slice){texts + ret_head->conditions, ret_head->mark});
    }
    free(bytes);
    return ok;
}

static bool
load_groups(struct state *state, struct roster *roster, struct error *err)
{
    void *bytes;
    size_t length;
    bool ok = state_roster_part(state, PART_GROUPS, &bytes, &length, err);

    roster->groups = bytes;
    if (bytes)
        roster->facts.groups = (struct slice){bytes, length};
    return ok;
}

/* Reads items of a part behind those that are there. Not good where there are not that many. */
static bool
load_part(struct state *state, int part, void *items, size_t *capacity, size_t there, size_t count,
          size_t size, bool *ret_good, struct error *err)
{
    char **list = items;
    void *bytes;
    size_t length;

    if (!*ret_good || count == 0)
        return true;
    if (!state_roster_part(state, part, &bytes, &length, err))
        return false;
    *ret_good = bytes && length == count * size;
    if (*ret_good && there == 0 && !*list) {
        *list = bytes;
        *capacity = count;
        return true;
    }
    if (*ret_good) {
        memory_grow(list, capacity, there + count, size);
        memcpy(*list + there * size, bytes, length);
    }
    free(bytes);
    return true;
}

static bool
load_layer(struct state *state, struct roster *roster, const struct roster_head *head, int layer,
           bool *ret_good, struct error *err)
{
    int part = layer * LAYER_PARTS;
    size_t rows = head->rows[layer], there = roster->count;
    struct roster_marks *marks = &roster->marks[layer];

    *ret_good = *ret_good && rows < UINT32_MAX && there + rows < UINT32_MAX &&
                (head->memberships[layer] == rows || head->memberships[layer] == 0);
    if (!load_part(state, part + PART_ROWS, &roster->rows, &roster->capacity, there, rows,
                   sizeof *roster->rows, ret_good, err) ||
        !load_part(state, part + PART_MEMBERSHIPS, &roster->memberships,
                   &roster->membership_capacity, there, head->memberships[layer],
                   sizeof *roster->memberships, ret_good, err) ||
        !load_part(state, part + PART_MARKS, &marks->items, &marks->capacity, 0, head->marks[layer],
                   sizeof *marks->items, ret_good, err))
        return false;
    if (*ret_good) {
        roster->count += rows;
        marks->count = head->marks[layer];
    }
    return true;
}

/* Nothing that is read here may lead out of it. */
static bool
is_sound(const struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++)
        if (roster->rows[i].verdict >= ROSTER_VERDICT_COUNT ||
            roster->rows[i].kind > DIRECTORY_NS_UNIQUE_ID)
            return false;
    for (size_t layer = 0; layer < ROSTER_LAYERS; layer++)
        for (size_t i = 0; i < roster->marks[layer].count; i++)
            if ((uint32_t)roster->marks[layer].items[i] >= roster->count)
                return false;
    return true;
}

bool
roster_open(struct state *state, struct roster **ret_roster, struct error *err)
{
    struct roster *roster = roster_new();
    bool good, ok;

    roster->head = arena_alloc(roster->arena, sizeof *roster->head);
    ok = load_head(state, roster, roster->head, &good, err) &&
         (!good || load_groups(state, roster, err));
    *ret_roster = ok && good ? roster : NULL;
    if (!*ret_roster)
        roster_free(roster);
    return ok;
}

bool
roster_load(struct roster *roster, struct state *state, bool *ret_good, struct error *err)
{
    const struct roster_head *head = roster->head;
    bool ok = true;

    *ret_good = true;
    for (int layer = 0; ok && *ret_good && layer < ROSTER_LAYERS; layer++)
        ok = load_layer(state, roster, head, layer, ret_good, err);
    /* Rows that came later have no memberships only where nobody has any. */
    *ret_good = ok && *ret_good && is_sound(roster) &&
                (head->memberships[ROSTER_BASE] > 0) ==
                    (head->memberships[ROSTER_LATER] > 0 ||
                     (head->memberships[ROSTER_BASE] > 0 && head->rows[ROSTER_LATER] == 0));
    if (*ret_good) {
        roster->base = head->rows[ROSTER_BASE];
        *ret_good = roster_index(roster);
        roster->has_changed = false;
    }
    return ok;
}

static bool
store_head(const struct roster *roster, struct state *state, struct error *err)
{
    const struct roster_facts *facts = &roster->facts;
    size_t rows[ROSTER_LAYERS] = {roster->base, roster->count - roster->base};
    struct roster_head head = {
        .version = HEAD_VERSION,
        .field_count = (uint32_t)user_field_count,
        .run = facts->run,
        .conditions = facts->conditions.length,
        .mark = facts->mark.length,
    };
    struct buffer bytes = BUFFER_INIT;
    bool ok;

    memcpy(head.had, facts->had, sizeof head.had);
    for (size_t i = 0; i < ROSTER_LAYERS; i++) {
        head.rows[i] = rows[i];
        head.marks[i] = roster->marks[i].count;
        head.memberships[i] = roster->memberships ? rows[i] : 0;
    }
    buffer_add(&bytes, (const char *)&head, sizeof head);
    buffer_add(&bytes, facts->conditions.data, facts->conditions.length);
    buffer_add(&bytes, facts->mark.data, facts->mark.length);
    ok = state_roster_put(state, PART_HEAD, (struct slice){bytes.data, bytes.length}, err);
    buffer_free(&bytes);
    return ok;
}

static bool
store_layer(const struct roster *roster, int layer, struct state *state, struct error *err)
{
    int part = layer * LAYER_PARTS;
    size_t from = layer == ROSTER_BASE ? 0 : roster->base;
    size_t count = layer == ROSTER_BASE ? roster->base : roster->count - roster->base;
    const struct roster_marks *marks = &roster->marks[layer];

    return state_roster_put(state, part + PART_ROWS,
                            bytes_of(roster->rows, from, count, sizeof *roster->rows), err) &&
           state_roster_put(state, part + PART_MEMBERSHIPS,
                            roster->memberships ? bytes_of(roster->memberships, from, count,
                                                           sizeof *roster->memberships)
                                                : slice_of(""),
                            err) &&
           state_roster_put(state, part + PART_MARKS,
                            bytes_of(marks->items, 0, marks->count, sizeof *marks->items), err);
}

static void
move_marks(struct roster_marks *to, struct roster_marks *from)
{
    if (to->count == 0) {
        const struct roster_marks empty = *to;

        *to = *from;
        *from = empty;
        return;
    }
    memory_grow(&to->items, &to->capacity, to->count + from->count, sizeof *to->items);
    if (from->count > 0)
        memcpy(to->items + to->count, from->items, from->count * sizeof *from->items);
    to->count += from->count;
    from->count = 0;
}

/* All rows that are not void become the base. */
static void
make_base(struct roster *roster)
{
    uint32_t *places = memory_alloc((roster->count + 1) * sizeof *places);
    uint32_t kept = 0;
    struct roster_marks *base = &roster->marks[ROSTER_BASE];
    struct roster_marks *later = &roster->marks[ROSTER_LATER];
    size_t marks = 0;

    for (size_t i = 0; i < roster->count; i++) {
        places[i] = roster->rows[i].verdict == ROSTER_VOID ? (uint32_t)ROSTER_NONE : kept;
        if (places[i] == ROSTER_NONE)
            continue;
        roster->rows[kept] = roster->rows[i];
        if (roster->memberships)
            roster->memberships[kept] = roster->memberships[i];
        kept++;
    }
    move_marks(base, later);
    for (size_t i = 0; i < base->count; i++) {
        uint32_t place = places[(uint32_t)base->items[i]];

        if (place != ROSTER_NONE)
            base->items[marks++] = base->items[i] >> 32 << 32 | place;
    }
    base->count = marks;
    sort_marks(base);
    roster->base = roster->count = kept;
    free(places);
}

bool
roster_store(struct roster *roster, struct state *state, time_t read_all, struct error *err)
{
    size_t later = roster->count - roster->base;
    bool whole = roster->base == 0 || later > roster->base / 8 + 64, ok;

    move_marks(&roster->marks[ROSTER_LATER], &roster->fresh);
    if (whole)
        make_base(roster);
    else
        sort_marks(&roster->marks[ROSTER_LATER]);
    ok = state_roster_begin(state, err) &&
         (!whole || store_layer(roster, ROSTER_BASE, state, err)) &&
         (!roster->has_changed || store_layer(roster, ROSTER_LATER, state, err)) &&
         store_head(roster, state, err) && state_roster_put_count(state, err) &&
         (!roster->has_new_groups ||
          state_roster_put(state, PART_GROUPS, roster->facts.groups, err)) &&
         (read_all == 0 || state_put_number(state, read_all_name, read_all, err));
    return state_roster_end(state, ok, err) && ok;
}

bool
roster_read_all_time(struct state *state, time_t *ret_time, struct error *err)
{
    int64_t number;
    bool ok = state_get_number(state, read_all_name, &number, err);

    *ret_time = (time_t)number;
    return ok;
}
