/* A roster is loaded whether or not there is a thread to be had for it. */
#include "unit.h"

#include "package/thread.h"
#include "run/roster_loading.h"
#include "state/database.h"
#include "state_fixture.h"

#include <errno.h>

enum { PEOPLE = 3 };

static bool threads_are_to_be_had;

/* In the place of package/thread.c. */
int
thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context)
{
    return threads_are_to_be_had ? pthread_create(ret_thread, NULL, run, context) : EAGAIN;
}

static struct roster *
store_and_open(struct state_fixture *fixture)
{
    static const struct membership nowhere;
    struct roster *roster = roster_new();

    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct roster_row row = {.id = {(unsigned char)i}, .verdict = ROSTER_FIT};

        roster_append(roster, &row, &nowhere);
    }
    assert_true(roster_store(roster, fixture->state, 1, &fixture->err));
    roster_free(roster);
    assert_true(roster_open(fixture->state, &roster, &fixture->err));
    assert_non_null(roster);
    return roster;
}

static void
test_rows_are_loaded(void **context)
{
    struct state_fixture *fixture = *context;

    for (int with_thread = 0; with_thread < 2; with_thread++) {
        struct roster *roster = store_and_open(fixture);
        struct roster_loaded loaded;

        threads_are_to_be_had = with_thread;
        roster_loading_end(roster_loading_begin(roster, fixture->state), &loaded);
        assert_true(loaded.ok);
        assert_true(loaded.good);
        assert_int_equal(loaded.err.code, ERROR_NONE);
        assert_int_equal(loaded.sums.here, PEOPLE);
        assert_int_equal(roster_count(roster), PEOPLE);
        roster_free(roster);
    }
}

static void
test_rows_that_are_of_no_use(void **context)
{
    struct state_fixture *fixture = *context;

    for (int with_thread = 0; with_thread < 2; with_thread++) {
        struct roster *roster = store_and_open(fixture);
        struct roster_loaded loaded;

        assert_int_equal(
            sqlite3_exec(fixture->state->db, "DELETE FROM roster WHERE part = 1", NULL, NULL, NULL),
            SQLITE_OK);
        threads_are_to_be_had = with_thread;
        roster_loading_end(roster_loading_begin(roster, fixture->state), &loaded);
        assert_true(loaded.ok);
        assert_false(loaded.good);
        roster_free(roster);
    }
}

static int
set_up(void **context)
{
    int result = state_fixture_set_up(context);

    state_fixture_begin_run(*context);
    return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, state_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(test_rows_are_loaded),
    TEST(test_rows_that_are_of_no_use),
};

UNIT_MAIN(tests)
