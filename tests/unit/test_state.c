/* What state keeps of people, packages and runs. */
#include "unit.h"

#include "state_fixture.h"

#include <string.h>

static bool
list_unsettled(struct state_fixture *fixture, struct state_package **ret_packages,
               size_t *ret_count)
{
    const struct state_query query = {.fates = 1u << STATE_PLANNED | 1u << STATE_RENAMING};

    return state_list_packages(fixture->state, &query, fixture->arena, ret_packages, ret_count,
                               &fixture->err);
}

static void
people_advance_with_the_delivery_alone(void **state)
{
    struct state_fixture *fixture = *state;
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k2:ben:1 k1:ana:1", STATE_SEND_RECORD);
    state_fixture_assert_people(fixture, "");
    assert_true(state_begin_rename(fixture->state, package, &fixture->err));
    state_fixture_assert_people(fixture, "");
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    state_fixture_assert_people(fixture, "");
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\nk2:ben:1 in 1\n");
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\nk2:ben:1 in 1\n");
}

static void
an_abandoned_package_changes_nobody(void **state)
{
    struct state_fixture *fixture = *state;
    struct state_package *packages;
    size_t count;
    int64_t first, second;

    state_fixture_begin_run(fixture);
    first = state_fixture_plan(fixture, "a.zip", "k1:ana:1", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, first, &fixture->err));
    second = state_fixture_plan(fixture, "b.zip", "k1:maria:2 k2:ben:1", STATE_SEND_RECORD);
    assert_true(list_unsettled(fixture, &packages, &count));
    assert_int_equal(count, 1);
    assert_string_equal(packages[0].name, "b.zip");
    assert_int_equal(packages[0].fate, STATE_PLANNED);
    assert_true(state_begin_rename(fixture->state, second, &fixture->err));
    assert_true(list_unsettled(fixture, &packages, &count));
    assert_int_equal(packages[0].fate, STATE_RENAMING);
    assert_true(state_abandon(fixture->state, second, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\n");
    assert_true(list_unsettled(fixture, &packages, &count));
    assert_int_equal(count, 0);
    /* Nothing of it comes back by a late delivery. */
    assert_true(state_deliver(fixture->state, second, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\n");
}

static void
a_rename_that_did_not_happen_is_undone(void **state)
{
    struct state_fixture *fixture = *state;
    struct state_package *packages;
    size_t count;
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k1:ana:1", STATE_SEND_RECORD);
    assert_true(state_begin_rename(fixture->state, package, &fixture->err));
    assert_true(state_undo_rename(fixture->state, package, &fixture->err));
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_true(list_unsettled(fixture, &packages, &count));
    assert_int_equal(count, 1);
    assert_int_equal(packages[0].fate, STATE_PLANNED);
    state_fixture_assert_people(fixture, "");
    /* Nothing was lost: it may still be seen to have arrived. */
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\n");
}

static void
a_plan_is_whole_or_not_there(void **state)
{
    struct state_fixture *fixture = *state;
    struct state_package package = {.name = "a.zip", .target = "t"};
    struct state_package *packages;
    struct state_person ana = state_fixture_person("k1", "ana", 1);
    size_t count;

    state_fixture_begin_run(fixture);
    package.run = fixture->run;
    assert_true(state_plan_begin(fixture->state, &fixture->err));
    assert_true(state_plan_package(fixture->state, &package, &fixture->err));
    ana.package = package.id;
    assert_true(state_plan_person(fixture->state, &ana, STATE_SEND_RECORD, &fixture->err));
    /* The same person twice in a package would mean that the run counted wrongly. */
    assert_false(state_plan_person(fixture->state, &ana, STATE_SEND_RECORD, &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_INTERNAL);
    assert_true(state_plan_end(fixture->state, false, &fixture->err));
    assert_true(state_list_packages(fixture->state, &(struct state_query){.fates = ~0u},
                                    fixture->arena, &packages, &count, &fixture->err));
    assert_int_equal(count, 0);
    state_fixture_plan(fixture, "a.zip", "k1:ana:1", STATE_SEND_RECORD);
}

/* Plans a package for everybody but `spared`, with `people` as records. */
static void
plan_cover(struct state_fixture *fixture, const char *name, const char *people,
           const struct slice *spared, size_t count)
{
    int64_t package = state_fixture_plan(fixture, name, people, STATE_SEND_RECORD);

    assert_true(state_plan_begin(fixture->state, &fixture->err));
    assert_true(state_plan_everybody(fixture->state, package, spared, count, &fixture->err));
    assert_true(state_plan_end(fixture->state, true, &fixture->err));
}

static void
what_each_kind_of_sending_leaves(void **state)
{
    struct state_fixture *fixture = *state;
    int64_t package;
    const struct state_absence gone[] = {{slice_of("k1"), 1}, {slice_of("k2"), 2}};

    state_fixture_begin_run(fixture);
    package =
        state_fixture_plan(fixture, "a.zip", "k1:ana:1 k2:ben:1 k3:cleo:1", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    assert_true(state_set_absences(fixture->state, gone, 2, &fixture->err));
    state_fixture_assert_people(fixture,
                                "k1:ana:1 in 1 absent 1\nk2:ben:1 in 1 absent 2\nk3:cleo:1 in 1\n");
    package = state_fixture_plan(fixture, "b.zip", "k1:x:9", STATE_SEND_AGAIN);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    package = state_fixture_plan(fixture, "c.zip", "k2:x:9", STATE_SEND_LAST);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_fixture_assert_people(fixture,
                                "k1:ana:1 in 2\nk2:ben:1 in 3 absent 2 expired\nk3:cleo:1 in 1\n");
    package = state_fixture_plan(fixture, "d.zip", "k2:ben:4", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 2\nk2:ben:4 in 4\nk3:cleo:1 in 1\n");
}

/* A full run's package: everybody goes out in it, but for those who are spared or have left. */
static void
a_package_may_cover_everybody(void **state)
{
    struct state_fixture *fixture = *state;
    const struct slice ben = slice_of("k2"), ana = slice_of("k1");
    const struct state_absence gone[] = {{ana, 1}, {ben, 1}};
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k1:ana:1 k2:ben:1 k3:cleo:1 k4:dan:1",
                                 STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    package = state_fixture_plan(fixture, "b.zip", "k4:dan:1", STATE_SEND_LAST);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    assert_true(state_set_absences(fixture->state, gone, 2, &fixture->err));
    plan_cover(fixture, "c.zip", "k3:cleo:2 k5:eve:1", &ben, 1);
    state_fixture_assert_people(fixture, "k1:ana:1 in 1 absent 1\nk2:ben:1 in 1 absent 1\n"
                                         "k3:cleo:1 in 1\nk4:dan:1 in 2 expired\n");
    assert_true(state_deliver(fixture->state, 3, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 3\nk2:ben:1 in 1 absent 1\n"
                                         "k3:cleo:2 in 3\nk4:dan:1 in 2 expired\nk5:eve:1 in 3\n");
    /* One that never arrives covers nobody, and what it spared stays as it was. */
    plan_cover(fixture, "d.zip", "k6:fay:1", &ana, 1);
    assert_true(state_begin_rename(fixture->state, 4, &fixture->err));
    assert_true(state_abandon(fixture->state, 4, &fixture->err));
    /* Of a later package only those know who are in it. */
    package = state_fixture_plan(fixture, "e.zip", "k3:x:9", STATE_SEND_AGAIN);
    state_fixture_assert_people(fixture, "k1:ana:1 in 3\nk2:ben:1 in 1 absent 1\n"
                                         "k3:cleo:2 in 3\nk4:dan:1 in 2 expired\nk5:eve:1 in 3\n");
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    plan_cover(fixture, "f.zip", "", &ana, 1);
    assert_true(state_deliver(fixture->state, 6, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 3\nk2:ben:1 in 6\n"
                                         "k3:cleo:2 in 6\nk4:dan:1 in 2 expired\nk5:eve:1 in 6\n");
}

static void
a_person_is_found_with_the_record(void **state)
{
    struct state_fixture *fixture = *state;
    struct state_person ana = state_fixture_person("k1", "ana", 1), found;
    struct state_package package = {.name = "a.zip", .target = "t"};
    struct state_census census;
    bool there;

    state_fixture_begin_run(fixture);
    package.run = fixture->run;
    ana.record = (struct slice){"de\0flated", 9};
    assert_true(state_plan_begin(fixture->state, &fixture->err));
    assert_true(state_plan_package(fixture->state, &package, &fixture->err));
    ana.package = package.id;
    assert_true(state_plan_person(fixture->state, &ana, STATE_SEND_RECORD, &fixture->err));
    assert_true(state_plan_end(fixture->state, true, &fixture->err));
    assert_true(state_deliver(fixture->state, package.id, &fixture->err));
    assert_true(state_find_person(fixture->state, slice_of("k1"), fixture->arena, &found, &there,
                                  &fixture->err));
    assert_true(there);
    assert_slice(found.match_id, "ana");
    assert_slice(found.fields, "fields");
    assert_true(slice_equal(found.record, ana.record));
    assert_true(found.delivered >= package.changed);
    assert_true(state_find_person(fixture->state, slice_of("k"), fixture->arena, &found, &there,
                                  &fixture->err));
    assert_false(there);
    assert_true(state_count_people(fixture->state, &census, &fixture->err));
    assert_int_equal(census.known, 1);
    assert_int_equal(census.absent, 0);
}

static void
runs_are_remembered(void **state)
{
    struct state_fixture *fixture = *state;
    struct state_run run = {.finished = 2000,
                            .outcome = "failed",
                            .exit_status = 69,
                            .error = "cannot connect",
                            .read = 5,
                            .held = 2};
    struct state_run *runs;
    size_t count;
    time_t last_full;

    state_fixture_begin_run(fixture);
    state_fixture_begin_run(fixture);
    run.id = fixture->run;
    run.full = true;
    assert_true(state_end_run(fixture->state, &run, &fixture->err));
    assert_true(state_last_full_run(fixture->state, &last_full, &fixture->err));
    assert_int_equal(last_full, 0);
    assert_true(state_list_runs(fixture->state, 10, fixture->arena, &runs, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(runs[0].id, run.id);
    assert_int_equal(runs[0].started, 1000);
    assert_int_equal(runs[0].finished, 2000);
    assert_string_equal(runs[0].outcome, "failed");
    assert_string_equal(runs[0].error, "cannot connect");
    assert_int_equal(runs[0].exit_status, 69);
    assert_int_equal(runs[0].read, 5);
    assert_int_equal(runs[0].held, 2);
    assert_int_equal(runs[1].finished, 0);
    run.outcome = "done";
    assert_true(state_end_run(fixture->state, &run, &fixture->err));
    assert_true(state_last_full_run(fixture->state, &last_full, &fixture->err));
    assert_int_equal(last_full, 1000);
}

static void
facts_are_kept(void **state)
{
    struct state_fixture *fixture = *state;
    struct slice text;

    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_true(state_get(fixture->state, "mapping", fixture->arena, &text, &fixture->err));
    assert_slice(text, NULL);
    assert_true(state_put(fixture->state, "mapping", slice_of("one"), &fixture->err));
    assert_true(state_put(fixture->state, "mapping", slice_of("two"), &fixture->err));
    assert_true(state_fixture_reopen(fixture, STATE_READ));
    assert_true(state_get(fixture->state, "mapping", fixture->arena, &text, &fixture->err));
    assert_slice(text, "two");
}

static void
who_waits_is_counted(void **state)
{
    const struct state_absence gone[] = {
        {slice_of("k1"), 1}, {slice_of("k2"), 3}, {slice_of("k3"), 1}, {slice_of("k4"), 7}};
    struct state_fixture *fixture = *state;
    struct state_waiting *waiting;
    struct state_census census;
    size_t count;

    state_fixture_begin_run(fixture);
    assert_true(
        state_deliver(fixture->state,
                      state_fixture_plan(fixture, "a.zip", "k1:a:1 k2:b:1 k3:c:1 k4:d:1 k5:e:1",
                                         STATE_SEND_RECORD),
                      &fixture->err));
    assert_true(
        state_list_waiting(fixture->state, fixture->arena, &waiting, &count, &fixture->err));
    assert_int_equal(count, 0);
    assert_true(state_set_absences(fixture->state, gone, 4, &fixture->err));
    assert_true(state_deliver(fixture->state,
                              state_fixture_plan(fixture, "b.zip", "k4:d:1", STATE_SEND_LAST),
                              &fixture->err));
    assert_true(
        state_list_waiting(fixture->state, fixture->arena, &waiting, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_int_equal(waiting[0].absent, 1);
    assert_int_equal(waiting[0].people, 2);
    assert_int_equal(waiting[1].absent, 3);
    assert_int_equal(waiting[1].people, 1);
    assert_true(state_count_people(fixture->state, &census, &fixture->err));
    assert_int_equal(census.known, 5);
    assert_int_equal(census.absent, 3);
    assert_int_equal(census.expired, 1);
}

/* What an import gave to Alma it gave to new users alone. */
static void
an_import_is_remembered_until_a_full_run(void **state)
{
    struct state_fixture *fixture = *state;
    struct state_run run = {
        .started = 1, .finished = 2, .mode = "import", .outcome = "done", .error = ""};
    bool imported;

    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_true(state_begin_run(fixture->state, &run, &run.id, &fixture->err));
    fixture->run = run.id;
    assert_true(state_has_imported(fixture->state, &imported, &fixture->err));
    assert_false(imported);
    assert_true(state_deliver(fixture->state,
                              state_fixture_plan(fixture, "a.zip", "k1:a:1", STATE_SEND_RECORD),
                              &fixture->err));
    run.full = true;
    assert_true(state_end_run(fixture->state, &run, &fixture->err));
    assert_true(state_has_imported(fixture->state, &imported, &fixture->err));
    assert_true(imported);
    run.mode = "synchronize";
    assert_true(state_begin_run(fixture->state, &run, &run.id, &fixture->err));
    assert_true(state_has_imported(fixture->state, &imported, &fixture->err));
    assert_true(imported);
    assert_true(state_end_run(fixture->state, &run, &fixture->err));
    assert_true(state_has_imported(fixture->state, &imported, &fixture->err));
    assert_false(imported);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, state_fixture_set_up, state_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(people_advance_with_the_delivery_alone),
    TEST(an_abandoned_package_changes_nobody),
    TEST(a_rename_that_did_not_happen_is_undone),
    TEST(a_plan_is_whole_or_not_there),
    TEST(what_each_kind_of_sending_leaves),
    TEST(a_package_may_cover_everybody),
    TEST(a_person_is_found_with_the_record),
    TEST(runs_are_remembered),
    TEST(facts_are_kept),
    TEST(who_waits_is_counted),
    TEST(an_import_is_remembered_until_a_full_run),
};

UNIT_MAIN(tests)
