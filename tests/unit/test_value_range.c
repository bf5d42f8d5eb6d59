#include "unit.h"

#include "directory/value_range.h"

static void
ranges_are_taken_apart(void **state)
{
    static const struct {
        const char *description, *plain;
        uint64_t low, high;
        bool last;
    } cases[] = {
        {"member;range=0-1499", "member", 0, 1499, false},
        {"member;range=1500-*", "member", 1500, 0, true},
        {"MEMBER;Range=7-7", "MEMBER", 7, 7, false},
        {"member;range=0-9;x-a", "member;x-a", 0, 9, false},
        {"member;x-a;range=0-*", "member;x-a", 0, 0, true},
        {"member;range=999999999999999998-999999999999999999", "member", 999999999999999998,
         999999999999999999, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char plain[VALUE_RANGE_PLAIN_BYTES];
        struct value_range range;

        assert_true(value_range_find(slice_of(cases[i].description), &range));
        assert_slice(value_range_plain(&range, plain), cases[i].plain);
        assert_int_equal(range.low, cases[i].low);
        assert_int_equal(range.high, cases[i].high);
        assert_int_equal(range.last, cases[i].last);
    }
}

static void
other_options_are_no_range(void **state)
{
    static const char *const cases[] = {"",          "member",       "member;x-range=0-9",
                                        "range=0-9", "member;range", "member;lang-fr"};
    struct value_range range;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_false(value_range_find(slice_of(cases[i]), &range));
}

/* What nobody can have asked for begins behind its end. */
static void
a_range_without_sense_has_no_values(void **state)
{
    static const char *const cases[] = {"member;range=",
                                        "member;range=0",
                                        "member;range=0-",
                                        "member;range=-9",
                                        "member;range=9-0",
                                        "member;range=*-*",
                                        "member;range=0-9x",
                                        "member;range=+0-9",
                                        "member;range=0-**",
                                        "member;range=0000000000000000000-1",
                                        "member;range=0-18446744073709551616",
                                        "member;range= 0-9",
                                        "member;range=0-9 "};
    struct value_range range;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(value_range_find(slice_of(cases[i]), &range));
        assert_false(range.last);
        assert_true(range.low > range.high);
    }
}

static void
a_name_that_is_too_long_is_nobodys(void **state)
{
    char description[VALUE_RANGE_PLAIN_BYTES + 32], plain[VALUE_RANGE_PLAIN_BYTES];
    struct value_range range;

    (void)state;
    memset(description, 'a', sizeof description);
    memcpy(description + VALUE_RANGE_PLAIN_BYTES, ";range=0-9", 11);
    assert_true(value_range_find(slice_of(description), &range));
    assert_int_equal(value_range_plain(&range, plain).length, VALUE_RANGE_PLAIN_BYTES);
    memcpy(description + VALUE_RANGE_PLAIN_BYTES, "a;range=0-9", 12);
    assert_true(value_range_find(slice_of(description), &range));
    assert_int_equal(value_range_plain(&range, plain).length, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ranges_are_taken_apart),
    cmocka_unit_test(other_options_are_no_range),
    cmocka_unit_test(a_range_without_sense_has_no_values),
    cmocka_unit_test(a_name_that_is_too_long_is_nobodys),
};

UNIT_MAIN(tests)
