#include "mapping/filter_value.h"

#include "base/date.h"
#include "base/text.h"
#include "model/normal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
filter_is_integer(struct slice text)
{
    size_t at = text.length > 0 && text.data[0] == '-';

    if (at == text.length)
        return false;
    for (; at < text.length; at++)
        if (text.data[at] < '0' || text.data[at] > '9')
            return false;
    return true;
}

bool
filter_parse_bits(struct slice text, long long *ret_bits)
{
    char digits[24];

    if (!filter_is_integer(text) || text.length >= sizeof digits)
        return false;
    memcpy(digits, text.data, text.length);
    digits[text.length] = '\0';
    errno = 0;
    *ret_bits = strtoll(digits, NULL, 10);
    return errno == 0;
}

static bool
is_text(struct arena *arena, struct slice value)
{
    unsigned mended = 0;

    text_clean(arena, value, &mended);
    return mended == 0;
}

static bool
set_time(struct arena *arena, struct filter *filter, struct slice value)
{
    if (!date_parse_exact_time(text_tidy(arena, value), &filter->time))
        return false;
    filter->order = ORDER_TIME;
    return true;
}

/* As filter_set_value(), for a value that is text, whose text form is set. */
static const char *
set_form(struct arena *arena, struct filter *filter, enum matching_form form, struct slice value)
{
    switch (form) {
    case MATCHING_ANY:
        if (filter->kind == FILTER_EQUAL)
            filter->dn = normal_dn(arena, value);
        if (filter->kind != FILTER_EQUAL && filter_is_integer(filter->text))
            filter->order = ORDER_INTEGER;
        else
            set_time(arena, filter, value);
        return NULL;
    case MATCHING_DN:
        filter->dn = normal_dn(arena, value);
        return filter->dn.data ? NULL : "distinguishedNameMatch compares with a DN";
    case MATCHING_TIME:
        return set_time(arena, filter, value)
                   ? NULL
                   : "generalizedTimeMatch compares with a time such as 20260901000000Z";
    case MATCHING_BITS:
        return filter_parse_bits(filter->text, &filter->bits)
                   ? NULL
                   : "a bitwise rule compares with a whole number of at most 64 bits";
    case MATCHING_INTEGER:
        return filter_is_integer(filter->text) ? NULL : "integerMatch compares with a whole number";
    case MATCHING_TEXT:
    case MATCHING_BYTES:
        break;
    }
    return NULL;
}

const char *
filter_set_value(struct arena *arena, struct filter *filter, enum matching_form form,
                 struct slice value)
{
    if (filter->kind == FILTER_EQUAL && form == MATCHING_ANY && !is_text(arena, value))
        filter->kind = FILTER_BYTES;
    if (filter->kind == FILTER_BYTES) {
        filter->text = value;
        if (filter->subject.kind == SOURCE_ATTRIBUTE && !filter->dn_type.data)
            return NULL;
        return "bytes that are no text are compared with those of an attribute";
    }
    if (!is_text(arena, value))
        return "bytes that are no text are compared by '=' only";
    filter->text =
        filter->kind == FILTER_EXACT ? text_tidy(arena, value) : normal_text(arena, value);
    return set_form(arena, filter, form, value);
}

const char *
filter_set_parts(struct arena *arena, struct filter *filter, struct slice *parts, size_t count)
{
    struct slice *first = &parts[0], *last = &parts[count - 1];

    filter->kind = FILTER_SUBSTRINGS;
    filter->parts = parts;
    filter->part_count = count;
    if (count == 2 && first->length == 0 && last->length == 0)
        filter->kind = FILTER_PRESENT;
    for (size_t i = 0; i < count; i++) {
        if (!is_text(arena, parts[i]))
            return "bytes that are no text are compared as a whole, without '*'";
        parts[i] = normal_part(arena, parts[i]);
    }
    /* Values are compared without blanks at their ends. */
    if (first->length > 0 && first->data[0] == ' ')
        *first = (struct slice){first->data + 1, first->length - 1};
    if (last->length > 0 && last->data[last->length - 1] == ' ')
        last->length--;
    return NULL;
}
