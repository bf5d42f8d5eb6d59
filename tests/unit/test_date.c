#include "unit.h"

#include "base/date.h"

#include <time.h>

static void
days_agree_with_the_c_library(void **state)
{
    (void)state;
    for (time_t day = -100000; day < 300000; day += 17) {
        time_t seconds = day * 86400 + 4711;
        struct date date = date_of_time(seconds);
        struct tm parts;

        gmtime_r(&seconds, &parts);
        assert_int_equal(date.year, parts.tm_year + 1900);
        assert_int_equal(date.month, parts.tm_mon + 1);
        assert_int_equal(date.day, parts.tm_mday);
        assert_true(date_to_time(date) == day * 86400);
    }
}

static void
dates_are_read_strictly(void **state)
{
    static const char *const bad[] = {"",           "2026-9-01",    "2026-02-30",  "20260901",
                                      "2026-13-01", "0000-01-01",   "2026-09-01z", "2025-02-29",
                                      "2026-09-0x", "2026-09-01ZZ", "2026-09-00",  "2026/09/01"};
    struct date date;

    (void)state;
    assert_true(date_parse(slice_of("2026-09-01"), &date));
    assert_true(date_parse(slice_of("2028-02-29Z"), &date));
    assert_int_equal(date.day, 29);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(date_parse(slice_of(bad[i]), &date));
}

static void
generalized_time_in_all_its_forms(void **state)
{
    static const struct {
        const char *text;
        time_t seconds;
    } good[] = {
        {"19700101000000Z", 0},          {"20260822123456.0Z", 1787402096},
        {"20260822123456Z", 1787402096}, {"20260822143456+0200", 1787402096},
        {"2026082212Z", 1787400000},     {"202608221234Z", 1787402040},
        {"202608221234.5Z", 1787402070}, {"2026082212,5Z", 1787401800},
        {"2026082207-05", 1787400000},   {"20161231235960Z", 1483228800},
    };
    static const char *const bad[] = {"",
                                      "20260822123456",
                                      "2026082212345Z",
                                      "20261322123456Z",
                                      "20260822253456Z",
                                      "20260822126056Z",
                                      "20260822123456.Z",
                                      "20260822123456+2",
                                      "20260822123456Zx",
                                      "2026-08-22",
                                      "20260822123456+0260"};
    time_t seconds;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(date_parse_generalized_time(slice_of(good[i].text), &seconds));
        assert_true(seconds == good[i].seconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(date_parse_generalized_time(slice_of(bad[i]), &seconds));
}

static void
times_are_exact_to_the_nanosecond(void **state)
{
    static const struct {
        const char *text;
        time_t seconds;
        long nanoseconds;
    } rows[] = {
        {"20260822123456.000000001Z", 1787402096, 1},
        {"20260822123456.9999999999999999999Z", 1787402096, 999999999},
        {"2026082212.57Z", 1787402052, 0},
        {"202608221234.000000001Z", 1787402040, 60},
        {"2026082212.3333333333333333Z", 1787401199, 999999999},
        {"19691231235959.25Z", -1, 250000000},
    };
    struct timespec time;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(date_parse_exact_time(slice_of(rows[i].text), &time));
        assert_true(time.tv_sec == rows[i].seconds);
        assert_int_equal(time.tv_nsec, rows[i].nanoseconds);
    }
    assert_false(date_parse_exact_time(slice_of("20260822123456.Z"), &time));
}

static struct date
sum(const char *text, long count, enum date_unit unit)
{
    struct date date = {0, 0, 0};

    assert_true(date_parse(slice_of(text), &date));
    assert_true(date_add(date, count, unit, &date));
    return date;
}

static void
assert_date(struct date date, const char *text)
{
    struct arena *arena = arena_new();

    assert_string_equal(date_format(arena, date), text);
    arena_free(arena);
}

static void
spans_are_added(void **state)
{
    struct date date = {9999, 12, 31};

    (void)state;
    assert_date(sum("2026-01-31", 1, DATE_MONTHS), "2026-02-28");
    assert_date(sum("2028-02-29", 1, DATE_YEARS), "2029-02-28");
    assert_date(sum("2026-03-01", -1, DATE_DAYS), "2026-02-28");
    assert_date(sum("2026-12-31", 1, DATE_WEEKS), "2027-01-07");
    assert_date(sum("2026-01-15", -13, DATE_MONTHS), "2024-12-15");
    assert_false(date_add(date, 1, DATE_DAYS, &date));
    assert_false(date_add(date, 1, DATE_MONTHS, &date));
    assert_false(date_add(date, -10000, DATE_YEARS, &date));
    assert_false(date_add(date, 999999999, DATE_DAYS, &date));
}

static void
spans_are_read(void **state)
{
    long count;
    enum date_unit unit;

    (void)state;
    assert_true(date_parse_span(slice_of("18m"), &count, &unit));
    assert_int_equal(count, 18);
    assert_int_equal(unit, DATE_MONTHS);
    assert_false(date_parse_span(slice_of("m"), &count, &unit));
    assert_false(date_parse_span(slice_of("1"), &count, &unit));
    assert_false(date_parse_span(slice_of("-1d"), &count, &unit));
    assert_false(date_parse_span(slice_of("1h"), &count, &unit));
}

static void
the_next_day_of_the_year_is_later(void **state)
{
    (void)state;
    assert_date(date_next((struct date){2026, 8, 31}, 8, 31), "2027-08-31");
    assert_date(date_next((struct date){2026, 8, 30}, 8, 31), "2026-08-31");
    assert_date(date_next((struct date){2026, 9, 1}, 8, 31), "2027-08-31");
    assert_date(date_next((struct date){2026, 2, 28}, 2, 29), "2027-02-28");
    assert_date(date_next((struct date){2027, 2, 28}, 2, 29), "2028-02-29");
}

static void
formats_of_strptime_are_read(void **state)
{
    struct date date;

    (void)state;
    assert_true(date_parse_format(slice_of("31.12.2026"), "%d.%m.%Y", &date));
    assert_date(date, "2026-12-31");
    assert_true(date_parse_format(slice_of("Dec 5, 2026"), "%b %d, %Y", &date));
    assert_date(date, "2026-12-05");
    assert_false(date_parse_format(slice_of("31.02.2026"), "%d.%m.%Y", &date));
    assert_false(date_parse_format(slice_of("31.12.2026 "), "%d.%m.%Yx", &date));
    assert_false(date_parse_format(slice_of("31.12.2026 and more"), "%d.%m.%Y", &date));
    /* The last second whose year strptime can hold. */
    assert_false(date_parse_format(slice_of("67768036191676799"), "%s", &date));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(days_agree_with_the_c_library),
    cmocka_unit_test(dates_are_read_strictly),
    cmocka_unit_test(generalized_time_in_all_its_forms),
    cmocka_unit_test(times_are_exact_to_the_nanosecond),
    cmocka_unit_test(spans_are_added),
    cmocka_unit_test(spans_are_read),
    cmocka_unit_test(the_next_day_of_the_year_is_later),
    cmocka_unit_test(formats_of_strptime_are_read),
};

UNIT_MAIN(tests)
