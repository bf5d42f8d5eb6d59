#include "alma/value.h"

#include "base/date.h"

enum { DATE_LENGTH = sizeof "2026-09-01" - 1 };

static const char *const wanted[] = {
    [FIELD_DATE] = "a date as YYYY-MM-DD",
    [FIELD_DATE_TIME] = "a date as YYYY-MM-DD or a time as YYYY-MM-DDThh:mm:ssZ",
    [FIELD_BOOLEAN] = "true or false",
    [FIELD_ITEMS] = NULL,
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
take_character(struct slice *text, char wanted_character)
{
    if (text->length == 0 || text->data[0] != wanted_character)
        return false;
    text->data++;
    text->length--;
    return true;
}

/* Two digits off the front, as a number; -1: they are not there. */
static int
take_number(struct slice *text)
{
    int number;

    if (text->length < 2 || !is_digit(text->data[0]) || !is_digit(text->data[1]))
        return -1;
    number = (text->data[0] - '0') * 10 + (text->data[1] - '0');
    text->data += 2;
    text->length -= 2;
    return number;
}

static bool
take_number_to(struct slice *text, int most)
{
    int number = take_number(text);

    return number >= 0 && number <= most;
}

static bool
take_fraction(struct slice *text)
{
    size_t before;

    if (!take_character(text, '.'))
        return true;
    before = text->length;
    while (text->length && is_digit(text->data[0])) {
        text->data++;
        text->length--;
    }
    return text->length < before;
}

static bool
is_zone(struct slice text)
{
    enum { MOST_MINUTES = 14 * 60 };
    int hours, minutes;

    if (text.length == 0 || slice_equal(text, slice_of("Z")))
        return true;
    if (!take_character(&text, '+') && !take_character(&text, '-'))
        return false;
    hours = take_number(&text);
    if (hours < 0 || !take_character(&text, ':'))
        return false;
    minutes = take_number(&text);
    return minutes >= 0 && minutes <= 59 && hours * 60 + minutes <= MOST_MINUTES &&
           text.length == 0;
}

static bool
is_date_time(struct slice text)
{
    struct slice day = {text.data, DATE_LENGTH};
    struct slice rest;
    struct date date;

    if (text.length <= DATE_LENGTH + 1)
        return date_parse(text, &date);
    rest = (struct slice){text.data + DATE_LENGTH, text.length - DATE_LENGTH};
    return date_parse(day, &date) && take_character(&rest, 'T') && take_number_to(&rest, 23) &&
           take_character(&rest, ':') && take_number_to(&rest, 59) && take_character(&rest, ':') &&
           take_number_to(&rest, 59) && take_fraction(&rest) && is_zone(rest);
}

bool
value_is_true(struct slice text)
{
    return slice_equal_nocase(text, slice_of("true"));
}

bool
value_is_valid(enum field_kind kind, struct slice text)
{
    struct date date;

    switch (kind) {
    case FIELD_DATE:
        return date_parse(text, &date);
    case FIELD_DATE_TIME:
        return is_date_time(text);
    case FIELD_BOOLEAN:
        return value_is_true(text) || slice_equal_nocase(text, slice_of("false"));
    case FIELD_TEXT:
    case FIELD_CODE:
    case FIELD_CODES:
    case FIELD_ITEMS:
        break;
    }
    return true;
}

const char *
value_wanted(enum field_kind kind)
{
    return wanted[kind];
}
