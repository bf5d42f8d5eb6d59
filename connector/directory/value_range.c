#include "directory/value_range.h"

#include <string.h>

enum { DIGITS_MOST = 18 }; /* of a number that fits */

/* Takes the digits in front. */
static bool
take_number(struct slice *text, uint64_t *ret_number)
{
    size_t digits = 0;

    *ret_number = 0;
    for (; digits < text->length && text->data[digits] >= '0' && text->data[digits] <= '9';
         digits++)
        if (digits < DIGITS_MOST)
            *ret_number = *ret_number * 10 + (uint64_t)(text->data[digits] - '0');
    text->data += digits;
    text->length -= digits;
    return digits > 0 && digits <= DIGITS_MOST;
}

static bool
parse(struct slice text, struct value_range *range)
{
    if (!take_number(&text, &range->low) || text.length == 0 || text.data[0] != '-')
        return false;
    text.data++;
    text.length--;
    range->last = slice_equal(text, slice_of("*"));
    return range->last ||
           (take_number(&text, &range->high) && text.length == 0 && range->low <= range->high);
}

bool
value_range_find(struct slice description, struct value_range *ret_range)
{
    static const struct slice mark = {";range=", 7};

    for (size_t at = 0; at + mark.length <= description.length; at++) {
        size_t begin = at + mark.length, end = begin;

        if (!slice_equal_nocase((struct slice){description.data + at, mark.length}, mark))
            continue;
        while (end < description.length && description.data[end] != ';')
            end++;
        *ret_range =
            (struct value_range){.before = {description.data, at},
                                 .after = {description.data + end, description.length - end}};
        if (!parse((struct slice){description.data + begin, end - begin}, ret_range)) {
            ret_range->low = 1;
            ret_range->high = 0;
            ret_range->last = false;
        }
        return true;
    }
    return false;
}

struct slice
value_range_plain(const struct value_range *range, char ret_plain[VALUE_RANGE_PLAIN_BYTES])
{
    struct slice plain = {ret_plain, range->before.length + range->after.length};

    if (plain.length > VALUE_RANGE_PLAIN_BYTES)
        return (struct slice){ret_plain, 0};
    memcpy(ret_plain, range->before.data, range->before.length);
    memcpy(ret_plain + range->before.length, range->after.data, range->after.length);
    return plain;
}
