/* date: calendar days and LDAP's times.
 *
 * A date is a day in the proleptic Gregorian calendar, without a zone; Alma takes it as
 * YYYY-MM-DDZ (xs:date; the samples of Ex Libris carry the Z). Years run from 1 to 9999.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>
#include <time.h>

struct date {
    int year;  /* 1 to 9999 */
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

bool date_is_valid(struct date date);

/* The UTC day of a time. */
struct date date_of_time(time_t seconds);

/* The seconds of 00:00 UTC of that day. */
time_t date_to_time(struct date date);

/* "2026-09-01", with or without a trailing "Z". False on anything else. */
bool date_parse(struct slice text, struct date *ret_date);

/* RFC 4517 section 3.3.13 GeneralizedTime in all its forms (minutes and seconds may be missing,
 * fraction of what stands last after '.' or ',', Z or an offset), as UTC seconds; a fraction of a
 * second is left out. */
bool date_parse_generalized_time(struct slice text, time_t *ret_seconds);

/* The same to the nanosecond, for comparing. */
bool date_parse_exact_time(struct slice text, struct timespec *ret_time);

/* Reads `text` by a strptime(3) format in the C locale; the whole text must be used. */
bool date_parse_format(struct slice text, const char *format, struct date *ret_date);

/* Ten characters, NUL-terminated, in the arena: "2026-09-01". */
char *date_format(struct arena *arena, struct date date);

enum date_unit { DATE_DAYS, DATE_WEEKS, DATE_MONTHS, DATE_YEARS };

/* `count` may be negative. A day that the month does not have becomes the month's last.
 * False when the result leaves the years 1 to 9999. */
bool date_add(struct date date, long count, enum date_unit unit, struct date *ret_date);

/* "30d", "2w", "6m", "1y". */
bool date_parse_span(struct slice text, long *ret_count, enum date_unit *ret_unit);

/* The first day with this month and day that is later than `date` (29 February falls on the 28th
 * in common years). */
struct date date_next(struct date date, int month, int day);

#endif
