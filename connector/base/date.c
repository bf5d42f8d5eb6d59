#include "base/date.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool
date_is_valid(struct date date)
{
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= days_of_month(date.year, date.month);
}

/* Days since 1970-01-01 by Gauss' counting of years from March, so that the leap day is last. */
static int64_t
day_number(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static struct date
date_of_day_number(int64_t number)
{
    int64_t days = number + 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct date date;

    date.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = (int)(month < 10 ? month + 3 : month - 9);
    date.year = (int)(year_of_era + era * 400 + (date.month <= 2));
    return date;
}

struct date
date_of_time(time_t seconds)
{
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);

    return date_of_day_number(days);
}

time_t
date_to_time(struct date date)
{
    return (time_t)(day_number(date) * 86400);
}

/* `count` digits as a number, or -1. */
static int
digits(const char *text, size_t count)
{
    int number = 0;

    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

bool
date_parse(struct slice text, struct date *ret_date)
{
    struct date date;

    if (text.length == 11 && text.data[10] == 'Z')
        text.length--;
    if (text.length != 10 || text.data[4] != '-' || text.data[7] != '-')
        return false;
    date = (struct date){digits(text.data, 4), digits(text.data + 5, 2), digits(text.data + 8, 2)};
    if (!date_is_valid(date))
        return false;
    *ret_date = date;
    return true;
}

/* Two more digits, where there are some; `most` is the largest value allowed. */
static bool
optional_pair(struct slice text, size_t *at, int most, int *ret_value)
{
    int value;

    if (*at + 2 > text.length || text.data[*at] < '0' || text.data[*at] > '9')
        return true;
    value = digits(text.data + *at, 2);
    if (value < 0 || value > most)
        return false;
    *at += 2;
    *ret_value = value;
    return true;
}

/* The digits behind '.' or ',', as a share of `unit` seconds. False when malformed. */
static bool
fraction(struct slice text, size_t *at, int64_t unit, struct timespec *ret_time)
{
    /* Digits that count; with an hour's seconds they still fit 64 bits. */
    enum { DIGITS_MOST = 15 };
    static const int64_t whole = 1000000000000000;
    int64_t share = 0, place = whole;
    size_t start;

    *ret_time = (struct timespec){0};
    if (*at >= text.length || (text.data[*at] != '.' && text.data[*at] != ','))
        return true;
    for (start = ++*at; *at < text.length && digits(text.data + *at, 1) >= 0; ++*at)
        if (*at - start < DIGITS_MOST)
            share += (place /= 10) * digits(text.data + *at, 1);
    ret_time->tv_sec = (time_t)(share * unit / whole);
    ret_time->tv_nsec = (long)(share * unit % whole / (whole / 1000000000));
    return *at > start;
}

/* "Z", "+HH" or "-HHMM" to the end of the text. */
static bool
zone_seconds(struct slice text, size_t at, long *ret_seconds)
{
    int hours, minutes = 0;
    size_t rest = text.length - at;

    if (rest == 1 && text.data[at] == 'Z') {
        *ret_seconds = 0;
        return true;
    }
    if ((rest != 3 && rest != 5) || (text.data[at] != '+' && text.data[at] != '-'))
        return false;
    hours = digits(text.data + at + 1, 2);
    if (rest == 5)
        minutes = digits(text.data + at + 3, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_seconds = (hours * 60L + minutes) * 60 * (text.data[at] == '-' ? -1 : 1);
    return true;
}

bool
date_parse_exact_time(struct slice text, struct timespec *ret_time)
{
    struct date date;
    struct timespec rest;
    int hour, minute = -1, second = -1;
    long zone;
    size_t at = 10;

    if (text.length < 11)
        return false;
    date = (struct date){digits(text.data, 4), digits(text.data + 4, 2), digits(text.data + 6, 2)};
    hour = digits(text.data + 8, 2);
    if (!date_is_valid(date) || hour < 0 || hour > 23)
        return false;
    if (!optional_pair(text, &at, 59, &minute))
        return false;
    if (minute >= 0 && !optional_pair(text, &at, 60, &second))
        return false;
    if (!fraction(text, &at,
                  minute < 0   ? 3600
                  : second < 0 ? 60
                               : 1,
                  &rest) ||
        !zone_seconds(text, at, &zone))
        return false;
    ret_time->tv_sec = date_to_time(date) + hour * 3600L + (minute > 0 ? minute * 60L : 0) +
                       (second > 0 ? second : 0) + rest.tv_sec - zone;
    ret_time->tv_nsec = rest.tv_nsec;
    return true;
}

bool
date_parse_generalized_time(struct slice text, time_t *ret_seconds)
{
    struct timespec time;

    if (!date_parse_exact_time(text, &time))
        return false;
    *ret_seconds = time.tv_sec;
    return true;
}

bool
date_parse_format(struct slice text, const char *format, struct date *ret_date)
{
    char copy[64];
    struct tm parts = {.tm_mday = 1};
    locale_t c_locale;
    const char *end;
    struct date date;

    if (text.length >= sizeof copy || memchr(text.data, '\0', text.length))
        return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c_locale)
        return false;
    end = strptime_l(copy, format, &parts, c_locale);
    freelocale(c_locale);
    if (!end || *end != '\0' || parts.tm_year > 9999)
        return false;
    date = (struct date){parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday};
    if (!date_is_valid(date))
        return false;
    *ret_date = date;
    return true;
}

char *
date_format(struct arena *arena, struct date date)
{
    char *text = arena_bytes(arena, 11);
    int parts[] = {date.year / 1000,
                   date.year / 100 % 10,
                   date.year / 10 % 10,
                   date.year % 10,
                   -1,
                   date.month / 10,
                   date.month % 10,
                   -1,
                   date.day / 10,
                   date.day % 10};

    for (size_t i = 0; i < 10; i++)
        text[i] = (char)(parts[i] < 0 ? '-' : '0' + parts[i]);
    text[10] = '\0';
    return text;
}

static bool
add_months(struct date date, int64_t months, struct date *ret_date)
{
    int64_t number = (int64_t)date.year * 12 + date.month - 1 + months;

    if (number < 12 || number >= 10000 * 12)
        return false;
    date.year = (int)(number / 12);
    date.month = (int)(number % 12) + 1;
    if (date.day > days_of_month(date.year, date.month))
        date.day = days_of_month(date.year, date.month);
    *ret_date = date;
    return true;
}

bool
date_add(struct date date, long count, enum date_unit unit, struct date *ret_date)
{
    enum { DAYS_MOST = 10000 * 366 };
    int64_t days;
    struct date sum;

    if (count > DAYS_MOST || count < -DAYS_MOST)
        return false;
    if (unit == DATE_MONTHS || unit == DATE_YEARS)
        return add_months(date, unit == DATE_YEARS ? (int64_t)count * 12 : count, ret_date);
    days = day_number(date) + (unit == DATE_WEEKS ? (int64_t)count * 7 : count);
    if (days < day_number((struct date){1, 1, 1}) || days > day_number((struct date){9999, 12, 31}))
        return false;
    sum = date_of_day_number(days);
    *ret_date = sum;
    return true;
}

bool
date_parse_span(struct slice text, long *ret_count, enum date_unit *ret_unit)
{
    static const char units[] = {
        [DATE_DAYS] = 'd', [DATE_WEEKS] = 'w', [DATE_MONTHS] = 'm', [DATE_YEARS] = 'y'};
    const char *unit;
    int count;

    if (text.length < 2 || text.length > 7)
        return false;
    count = digits(text.data, text.length - 1);
    unit = memchr(units, text.data[text.length - 1], sizeof units);
    if (count < 0 || !unit)
        return false;
    *ret_count = count;
    *ret_unit = (enum date_unit)(unit - units);
    return true;
}

struct date
date_next(struct date date, int month, int day)
{
    struct date next = {date.year, month, day};

    if (month < date.month || (month == date.month && day <= date.day))
        next.year++;
    if (next.day > days_of_month(next.year, month))
        next.day = days_of_month(next.year, month);
    /* 29 February asked on 28 February of a common year is that very day, not a later one. */
    if (next.year == date.year && next.month == date.month && next.day == date.day) {
        next = (struct date){date.year + 1, month, day};
        if (next.day > days_of_month(next.year, month))
            next.day = days_of_month(next.year, month);
    }
    return next;
}
