/* How many records are held against the schema before they go out. */
#include "unit.h"

#include "run/sample.h"

static void
changed_people_are_looked_at_more_closely_than_everybody(void **state)
{
    static const struct {
        size_t count, of_everybody, of_part;
    } rows[] = {
        {0, 1000, 50},      {49, 1000, 50},      {1000, 1000, 50},     {1020, 1000, 51},
        {10000, 1000, 500}, {20000, 1000, 1000}, {250000, 1000, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sample_size(rows[i].count, false), rows[i].of_everybody);
        assert_int_equal(sample_size(rows[i].count, true), rows[i].of_part);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(changed_people_are_looked_at_more_closely_than_everybody),
};

UNIT_MAIN(tests)
