#include "mapping/transform.h"

#include <errno.h>
#include <stdlib.h>

static struct slice
date_text(struct evaluation *evaluation, struct date date)
{
    return (struct slice){date_format(evaluation->arena, date), sizeof "YYYY-MM-DD" - 1};
}

static struct slice
unreadable(struct evaluation *evaluation, struct slice value, const char *why)
{
    evaluate_unreadable(evaluation, value, why);
    return SLICE_NONE;
}

/* Seconds that the zone of the first argument is before UTC; 0 where there is none. */
static long long
offset_of(const struct step *step)
{
    return step->argument_count > 0 ? step->arguments[0].as.seconds : 0;
}

/* The UTC day of a time, where it is in the years that a date can have. */
static struct slice
day_of(struct evaluation *evaluation, struct slice value, long long seconds)
{
    static const struct date first = {1, 1, 1}, last = {9999, 12, 31};

    if (seconds < date_to_time(first) || seconds >= date_to_time(last) + 86400)
        return unreadable(evaluation, value, "not in the years 1 to 9999");
    return date_text(evaluation, date_of_time((time_t)seconds));
}

static bool
parse_integer(struct slice text, long long *ret_number)
{
    char digits[24];
    char *end;

    if (text.length == 0 || text.length >= sizeof digits)
        return false;
    if (text.data[0] != '-' && (text.data[0] < '0' || text.data[0] > '9'))
        return false;
    memcpy(digits, text.data, text.length);
    digits[text.length] = '\0';
    errno = 0;
    *ret_number = strtoll(digits, &end, 10);
    return errno == 0 && end == digits + text.length;
}

struct slice
transform_date(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    const char *format = step->arguments[0].text.data;
    struct date date;

    if (date_parse_format(value, format, &date))
        return date_text(evaluation, date);
    return unreadable(evaluation, value,
                      arena_format(evaluation->arena, "not a date written '%s'", format));
}

struct slice
transform_generalized_time(struct evaluation *evaluation, const struct step *step,
                           struct slice value)
{
    time_t seconds;

    if (!date_parse_generalized_time(value, &seconds))
        return unreadable(evaluation, value, "not a GeneralizedTime, such as 20260901000000Z");
    return day_of(evaluation, value, seconds + offset_of(step));
}

/* Active Directory counts 100 nanoseconds from 1601; 0 and the largest number are "never"
 * (attribute accountExpires on learn.microsoft.com). An account that expires at the first instant
 * of a day worked through the day before, which is the day that Active Directory's own tools show;
 * hence the tick taken off. They write that instant in the zone of whoever sets it. By the zone's
 * winter time it is midnight in winter and an hour before it in summer: the same last day. */
struct slice
transform_filetime(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    static const long long never = 0x7fffffffffffffffLL, ticks_per_second = 10000000,
                           seconds_to_1970 = 11644473600LL;
    long long ticks;

    if (!parse_integer(value, &ticks) || ticks < 0)
        return unreadable(evaluation, value, "not a time of Active Directory (FILETIME)");
    if (ticks == 0 || ticks == never)
        return SLICE_NONE;
    return day_of(evaluation, value,
                  (ticks - 1) / ticks_per_second - seconds_to_1970 + offset_of(step));
}

struct slice
transform_unix_time(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    long long seconds;

    (void)step;
    if (!parse_integer(value, &seconds))
        return unreadable(evaluation, value, "not a number of seconds since 1970");
    return day_of(evaluation, value, seconds);
}

static struct slice
add(struct evaluation *evaluation, struct slice value, long count, enum date_unit unit)
{
    struct date date;

    if (!date_parse(value, &date))
        return unreadable(evaluation, value, "not a date written YYYY-MM-DD");
    if (!date_add(date, count, unit, &date))
        return unreadable(evaluation, value, "the sum leaves the years 1 to 9999");
    return date_text(evaluation, date);
}

struct slice
transform_plus(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    const struct argument *span = &step->arguments[0];

    return add(evaluation, value, span->as.span.count, span->as.span.unit);
}

struct slice
transform_minus(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    const struct argument *span = &step->arguments[0];

    return add(evaluation, value, -span->as.span.count, span->as.span.unit);
}

struct slice
transform_next(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    const struct argument *day = &step->arguments[0];
    struct date date;

    if (!date_parse(value, &date))
        return unreadable(evaluation, value, "not a date written YYYY-MM-DD");
    date = date_next(date, day->as.day.month, day->as.day.day);
    if (!date_is_valid(date))
        return unreadable(evaluation, value, "the next such day is not in the years 1 to 9999");
    return date_text(evaluation, date);
}
