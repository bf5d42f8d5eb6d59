/* Claims of a match identifier: kept, accepted, used up by a delivery and by nothing else. */
#include "unit.h"

#include "state_fixture.h"

#include <stdlib.h>
#include <string.h>

/* "key match_id owner former accepted", a blank between; accepted 0 or a time. */
static void
set_claims(struct state_fixture *fixture, const char *const *texts)
{
    struct state_claim claims[4];
    size_t count = 0;

    for (; *texts; texts++) {
        char *rest = arena_string(fixture->arena, *texts);
        struct state_claim *claim = &claims[count++];

        claim->key = slice_of(strsep(&rest, " "));
        claim->match_id = slice_of(strsep(&rest, " "));
        claim->owner = slice_of(strsep(&rest, " "));
        claim->former = slice_of(strsep(&rest, " "));
        claim->dn = slice_of("uid=somebody");
        claim->accepted = (time_t)strtol(rest, NULL, 10);
    }
    assert_true(state_set_claims(fixture->state, claims, count, &fixture->err));
}

#define CLAIMS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The same, a line each. */
static void
assert_claims(struct state_fixture *fixture, const char *expected)
{
    const char *found = "";
    struct state_claim *claims;
    size_t count;

    assert_true(state_list_claims(fixture->state, fixture->arena, &claims, &count, &fixture->err));
    for (size_t i = 0; i < count; i++) {
        assert_slice(claims[i].dn, "uid=somebody");
        found = arena_format(fixture->arena, "%s%.*s %.*s %.*s %.*s %lld\n", found,
                             SLICE_ARG(claims[i].key), SLICE_ARG(claims[i].match_id),
                             SLICE_ARG(claims[i].owner), SLICE_ARG(claims[i].former),
                             (long long)claims[i].accepted);
    }
    assert_string_equal(found, expected);
}

static void
deliver(struct state_fixture *fixture, const char *name, const char *people)
{
    int64_t package = state_fixture_plan(fixture, name, people, STATE_SEND_RECORD);

    assert_true(state_deliver(fixture->state, package, &fixture->err));
}

static void
each_run_sets_them_anew(void **state)
{
    struct state_fixture *fixture = *state;

    state_fixture_begin_run(fixture);
    assert_claims(fixture, "");
    set_claims(fixture, CLAIMS("k2 new k2 old 0", "k1 b k3 b 0", "k1 b k2 b 7"));
    assert_claims(fixture, "k1 b k2 b 7\nk1 b k3 b 0\nk2 new k2 old 0\n");
    assert_true(state_accept(fixture->state, slice_of("k1"), 9, &fixture->err));
    assert_claims(fixture, "k1 b k2 b 9\nk1 b k3 b 9\nk2 new k2 old 0\n");
    set_claims(fixture, CLAIMS("k2 newer k2 old 0"));
    assert_claims(fixture, "k2 newer k2 old 0\n");
    set_claims(fixture, CLAIMS(NULL));
    assert_claims(fixture, "");
}

static void
a_delivery_uses_up_what_was_accepted(void **state)
{
    struct state_fixture *fixture = *state;

    state_fixture_begin_run(fixture);
    deliver(fixture, "1", "k1:a:1 k2:b:2 k3:c:3");
    set_claims(fixture, CLAIMS("k2 new k2 b 5", "k4 a k1 a 5", "k5 c k3 c 0"));
    deliver(fixture, "2", "k2:new:4");
    assert_claims(fixture, "k4 a k1 a 5\nk5 c k3 c 0\n");
    state_fixture_assert_people(fixture, "k1:a:1 in 1\n"
                                         "k2:new:4 in 2\n"
                                         "k3:c:3 in 1\n");
    deliver(fixture, "3", "k4:a:5");
    assert_claims(fixture, "k5 c k3 c 0\n");
    state_fixture_assert_people(fixture, "k1::1 in 1 expired\n"
                                         "k2:new:4 in 2\n"
                                         "k3:c:3 in 1\n"
                                         "k4:a:5 in 3\n");
}

static void
a_plan_that_is_given_up_uses_nothing(void **state)
{
    struct state_fixture *fixture = *state;
    int64_t package;

    state_fixture_begin_run(fixture);
    deliver(fixture, "1", "k1:a:1");
    set_claims(fixture, CLAIMS("k4 a k1 a 5"));
    package = state_fixture_plan(fixture, "2", "k4:a:2", STATE_SEND_RECORD);
    assert_true(state_begin_rename(fixture->state, package, &fixture->err));
    assert_true(state_abandon(fixture->state, package, &fixture->err));
    assert_claims(fixture, "k4 a k1 a 5\n");
    state_fixture_assert_people(fixture, "k1:a:1 in 1\n");
}

/* In a swap each takes the other's: whichever package comes first. */
static void
who_has_another_identifier_by_now_keeps_it(void **state)
{
    struct state_fixture *fixture = *state;

    state_fixture_begin_run(fixture);
    deliver(fixture, "1", "k1:a:1 k2:b:2");
    set_claims(fixture, CLAIMS("k1 b k1 a 5", "k1 b k2 b 5", "k2 a k1 a 5", "k2 a k2 b 5"));
    deliver(fixture, "2", "k1:b:3");
    state_fixture_assert_people(fixture, "k1:b:3 in 2\n"
                                         "k2::2 in 1 expired\n");
    deliver(fixture, "3", "k2:a:4");
    state_fixture_assert_people(fixture, "k1:b:3 in 2\n"
                                         "k2:a:4 in 3\n");
    set_claims(fixture, CLAIMS("k1 a k2 a 6", "k2 b k1 b 6"));
    deliver(fixture, "4", "k1:a:1 k2:b:2");
    state_fixture_assert_people(fixture, "k1:a:1 in 4\n"
                                         "k2:b:2 in 4\n");
    assert_claims(fixture, "");
}

static void
new_keys_take_the_place_of_the_old(void **state)
{
    struct state_fixture *fixture = *state;
    const struct state_link links[] = {{slice_of("k1"), slice_of("n1")},
                                       {slice_of("k2"), slice_of("n2")}};

    state_fixture_begin_run(fixture);
    deliver(fixture, "1", "k1:a:1 k2:b:2 k3:c:3");
    set_claims(fixture, CLAIMS("n1 a k1 a 0"));
    assert_true(state_relink(fixture->state, links, 2, &fixture->err));
    state_fixture_assert_people(fixture, "k3:c:3 in 1\n"
                                         "n1:a:1 in 1\n"
                                         "n2:b:2 in 1\n");
    assert_claims(fixture, "");
}

static void
who_is_forgotten_claims_nothing_and_is_claimed_nowhere(void **state)
{
    struct state_fixture *fixture = *state;
    const struct slice key = slice_of("k1");

    state_fixture_begin_run(fixture);
    deliver(fixture, "1", "k1:a:1 k2:b:2");
    set_claims(fixture, CLAIMS("k1 z k1 a 0", "k2 a k1 a 0", "k2 z k2 b 0"));
    assert_true(state_forget(fixture->state, &key, 1, &fixture->err));
    assert_claims(fixture, "k2 z k2 b 0\n");
}

/* "key match_id", a blank between. */
static void
add_alias(struct state_fixture *fixture, const char *key, const char *match_id)
{
    const struct state_alias alias = {slice_of(key), slice_of(match_id)};

    assert_true(state_add_aliases(fixture->state, &alias, 1, &fixture->err));
}

static void
assert_aliases(struct state_fixture *fixture, const char *expected)
{
    const char *found = "";
    struct state_alias *aliases;
    size_t count;

    assert_true(
        state_list_aliases(fixture->state, fixture->arena, &aliases, &count, &fixture->err));
    for (size_t i = 0; i < count; i++)
        found = arena_format(fixture->arena, "%s%.*s %.*s\n", found, SLICE_ARG(aliases[i].key),
                             SLICE_ARG(aliases[i].match_id));
    assert_string_equal(found, expected);
}

static void
an_alias_stays_until_somebody_else_was_delivered_with_it(void **state)
{
    struct state_fixture *fixture = *state;
    const struct state_link link = {slice_of("k1"), slice_of("n1")};
    const struct slice key = slice_of("n1"), other = slice_of("k2");

    state_fixture_begin_run(fixture);
    deliver(fixture, "1", "k1:a:1");
    add_alias(fixture, "k1", "x");
    add_alias(fixture, "k1", "x");
    add_alias(fixture, "k1", "y");
    set_claims(fixture, CLAIMS("k2 X k1 X 0"));
    deliver(fixture, "2", "k2:b:1");
    assert_aliases(fixture, "k1 x\nk1 y\n");
    set_claims(fixture, CLAIMS("k2 X k1 X 5"));
    deliver(fixture, "3", "k3:c:1");
    assert_aliases(fixture, "k1 x\nk1 y\n");
    deliver(fixture, "4", "k2:X:2");
    assert_aliases(fixture, "k1 y\n");
    state_fixture_assert_people(fixture, "k1:a:1 in 1\n"
                                         "k2:X:2 in 4\n"
                                         "k3:c:1 in 3\n");
    assert_true(state_relink(fixture->state, &link, 1, &fixture->err));
    assert_aliases(fixture, "n1 y\n");
    add_alias(fixture, "k2", "z");
    assert_true(state_remove_people(fixture->state, &other, 1, &fixture->err));
    assert_aliases(fixture, "n1 y\n");
    assert_true(state_forget(fixture->state, &key, 1, &fixture->err));
    assert_aliases(fixture, "");
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, state_fixture_set_up, state_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(each_run_sets_them_anew),
    TEST(a_delivery_uses_up_what_was_accepted),
    TEST(a_plan_that_is_given_up_uses_nothing),
    TEST(who_has_another_identifier_by_now_keeps_it),
    TEST(new_keys_take_the_place_of_the_old),
    TEST(an_alias_stays_until_somebody_else_was_delivered_with_it),
    TEST(who_is_forgotten_claims_nothing_and_is_claimed_nowhere),
};

UNIT_MAIN(tests)
