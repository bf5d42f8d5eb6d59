#include "mapping/values.h"

#include "base/text.h"

#include <stdlib.h>

bool
values_is_blank(struct arena *arena, struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c > ' ' && c < 0x7f)
            return false;
    }
    return text.length == 0 || text_tidy(arena, text).length == 0;
}

struct slice *
values_room(struct arena *arena, size_t count)
{
    return (struct slice *)(void *)arena_bytes(arena, count * sizeof(struct slice));
}

struct values
values_of(struct arena *arena, struct slice text, unsigned marks)
{
    struct slice *item = values_room(arena, 1);

    *item = text;
    return (struct values){item, 1, true, marks};
}

struct slice
values_one(const struct values *values)
{
    struct slice least;

    if (values->count == 0)
        return SLICE_NONE;
    least = values->items[0];
    if (!values->settled)
        for (size_t i = 1; i < values->count; i++)
            if (slice_compare(values->items[i], least) < 0)
                least = values->items[i];
    return least;
}

static int
compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

void
values_settle(struct values *values, struct arena *arena)
{
    struct slice *items;
    size_t used = 0;

    if (!values->settled && values->count > 1) {
        items = values_room(arena, values->count);
        memcpy(items, values->items, values->count * sizeof *items);
        qsort(items, values->count, sizeof *items, compare);
        for (size_t i = 0; i < values->count; i++)
            if (i == 0 || !slice_equal(items[i], items[used - 1]))
                items[used++] = items[i];
        values->items = items;
        values->count = used;
    }
    values->settled = true;
}

static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice
values_trim(struct slice text)
{
    while (text.length > 0 && is_space(text.data[text.length - 1]))
        text.length--;
    while (text.length > 0 && is_space(text.data[0]))
        text = (struct slice){text.data + 1, text.length - 1};
    return text;
}
