#include "mapping/mapping.h"

#include "base/text.h"
#include "mapping/codes.h"
#include "mapping/written.h"

#include <stdlib.h>

bool
mapping_fills(const struct mapping *mapping, int field, int item)
{
    const struct item_rules *items = mapping->lists[field];

    if (item < 0)
        return mapping->fields[field] || items;
    for (size_t i = 0; items && i < items->count; i++)
        for (size_t j = 0; j < items->items[i].rule_count; j++)
            if (items->items[i].rules[j].field == item)
                return true;
    return false;
}

bool
mapping_requires(const struct mapping *mapping, int field)
{
    if (mapping->match_list < 0 && field == user_field_find("primary_id"))
        return true;
    for (size_t i = 0; i < mapping->requirement_count; i++)
        if (mapping->requirements[i].field == field)
            return true;
    return field == mapping->match_list;
}

struct gathering {
    struct arena *arena;
    const struct codes *permitted; /* NULL: the mapping does not list them */
    struct slice *items;
    size_t count, capacity;
};

static void
add_code(struct gathering *gathering, struct slice code)
{
    memory_grow(&gathering->items, &gathering->capacity, gathering->count + 1,
                sizeof *gathering->items);
    gathering->items[gathering->count++] = code;
}

static void
take_text(void *context, struct slice text, struct position where)
{
    struct gathering *gathering = context;
    const struct codes *permitted = gathering->permitted;
    struct slice code = text_tidy(gathering->arena, text);

    (void)where;
    if (code.length == 0)
        return;
    if (!permitted || permitted->otherwise == CODES_WARN || codes_permits(permitted, code))
        add_code(gathering, code);
    else if (permitted->otherwise == CODES_REPLACE)
        add_code(gathering, permitted->replacement);
}

static int
compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Each once, in byte order, in the arena. */
static void
settle(struct gathering *gathering, struct mapping_codes *ret_codes)
{
    const char **codes = arena_alloc(gathering->arena, gathering->count * sizeof *codes);

    if (gathering->count)
        qsort(gathering->items, gathering->count, sizeof *gathering->items, compare);
    for (size_t i = 0; i < gathering->count; i++)
        if (i == 0 || !slice_equal(gathering->items[i], gathering->items[i - 1]))
            codes[ret_codes->count++] =
                arena_copy(gathering->arena, gathering->items[i].data, gathering->items[i].length);
    ret_codes->codes = codes;
    free(gathering->items);
}

struct mapping_codes
mapping_codes(const struct mapping *mapping, int field, int item, struct arena *arena)
{
    struct gathering gathering = {.arena = arena};
    struct written_texts texts = {.take = take_text, .context = &gathering};
    struct mapping_codes codes = {0};

    for (size_t i = 0; i < mapping->codes_count; i++)
        if (mapping->codes[i].field == field && mapping->codes[i].item == item)
            gathering.permitted = &mapping->codes[i];
    written_texts_each(mapping, field, item, &texts);
    codes.others = texts.open_by;
    if (gathering.permitted && texts.open_by) {
        for (size_t i = 0; i < gathering.permitted->count; i++)
            add_code(&gathering, gathering.permitted->items[i]);
        if (gathering.permitted->otherwise != CODES_WARN)
            codes.others = NULL;
    }
    settle(&gathering, &codes);
    return codes;
}
