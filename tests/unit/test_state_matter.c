/* What is the matter with whom: since when, and when it is over. */
#include "unit.h"

#include "base/buffer.h"
#include "state/database.h"
#include "state/matter.h"
#include "state_fixture.h"

#include <string.h>

/* "KEY:CODE KEY:CODE:FIELD …": what a run met. */
static void
meet(struct state_fixture *fixture, time_t now, const char *matters)
{
    char key[16], code[16], field[16];
    const char *at = matters;

    while (*at) {
        struct state_matter matter = {.since = now, .dn = slice_of("uid=ana")};
        int used = 0;

        field[0] = '\0';
        assert_int_equal(sscanf(at, " %15[^:]:%15[^: ]%n", key, code, &used), 2);
        at += used;
        if (sscanf(at, ":%15[^ ]%n", field, &used) == 1)
            at += used;
        matter.key = slice_of(key);
        matter.code = code;
        matter.field = field;
        matter.text = slice_of(arena_format(fixture->arena, "at %ld", (long)now));
        assert_true(state_matter_meet(fixture->state, fixture->run, &matter, &fixture->err));
    }
}

/* Keys say themselves what became of their owner. */
static enum state_solved
how(void *context, const struct state_matter *matter)
{
    static const char *const words[] = {"stays", "fit", "skipped", "gone", "over"};

    (void)context;
    for (int i = 0; i < STATE_SOLVED_COUNT; i++)
        if (slice_equal(matter->key, slice_of(words[i])))
            return (enum state_solved)i;
    return STATE_SOLVED_FIT;
}

/* A run that met these matters; `solve`: it ended well. */
static void
run(struct state_fixture *fixture, time_t now, const char *matters, bool solve)
{
    state_fixture_begin_run(fixture);
    assert_true(state_matters_begin(fixture->state, &fixture->err));
    meet(fixture, now, matters);
    if (solve)
        assert_true(state_matters_solve(fixture->state, fixture->run, how, NULL, &fixture->err));
    assert_true(state_matters_end(fixture->state, true, &fixture->err));
}

static bool
list_matter(void *context, const struct state_matter *matter, struct error *err)
{
    struct buffer *out = context;

    (void)err;
    buffer_format(out, "%.*s:%s%s%s since %ld", SLICE_ARG(matter->key), matter->code,
                  matter->field[0] ? ":" : "", matter->field, (long)matter->since);
    if (matter->solved)
        buffer_format(out, " solved %d", (int)matter->solved);
    else
        buffer_format(out, " %.*s", SLICE_ARG(matter->text));
    buffer_add_text(out, "\n");
    return true;
}

static void
assert_matters(struct state *state, const char *expected)
{
    struct buffer out = BUFFER_INIT;
    struct error err = ERROR_INIT;

    assert_true(state_each_matter(state, list_matter, &out, &err));
    buffer_add(&out, "", 1);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static void
since_stays_while_it_is_the_matter(void **state)
{
    struct state_fixture *fixture = *state;
    time_t since;

    run(fixture, 10, "k1:required:a k1:required:b k2:duplicate", true);
    run(fixture, 20, "k1:required:a k1:required:b k3:duplicate", true);
    assert_matters(fixture->state, "k2:duplicate since 10 solved 1\n"
                                   "k1:required:a since 10 at 20\n"
                                   "k1:required:b since 10 at 20\n"
                                   "k3:duplicate since 20 at 20\n");
    assert_true(
        state_matter_since(fixture->state, slice_of("k1"), "required", "a", &since, &fixture->err));
    assert_int_equal(since, 10);
    assert_true(
        state_matter_since(fixture->state, slice_of("k2"), "duplicate", "", &since, &fixture->err));
    assert_int_equal(since, 0);
}

static void
what_is_solved_is_told_once_and_begins_anew(void **state)
{
    struct state_fixture *fixture = *state;

    run(fixture, 10, "k1:required k2:required", true);
    run(fixture, 20, "", true);
    assert_matters(fixture->state,
                   "k1:required since 10 solved 1\nk2:required since 10 solved 1\n");
    run(fixture, 30, "k1:required", true);
    assert_matters(fixture->state, "k1:required since 30 at 30\n");
}

static void
another_matter_solves_nobody(void **state)
{
    struct state_fixture *fixture = *state;

    run(fixture, 10, "k1:required k1:too_long:a", true);
    run(fixture, 20, "k1:too_long:b", true);
    assert_matters(fixture->state, "k1:too_long:b since 20 at 20\n");
}

static void
the_first_of_several_counts(void **state)
{
    struct state_fixture *fixture = *state;

    state_fixture_begin_run(fixture);
    assert_true(state_matters_begin(fixture->state, &fixture->err));
    meet(fixture, 10, "k1:too_long:a");
    meet(fixture, 11, "k1:too_long:a");
    assert_true(state_matters_end(fixture->state, true, &fixture->err));
    assert_matters(fixture->state, "k1:too_long:a since 10 at 10\n");
}

static void
a_run_that_was_stopped_solves_nothing(void **state)
{
    struct state_fixture *fixture = *state;

    run(fixture, 10, "k1:required k2:required", true);
    run(fixture, 20, "k2:required k3:required", false);
    assert_matters(fixture->state, "k1:required since 10 at 10\n"
                                   "k2:required since 10 at 20\n"
                                   "k3:required since 20 at 20\n");
}

static void
it_is_told_how_it_was_solved(void **state)
{
    struct state_fixture *fixture = *state;

    run(fixture, 10, "stays:a fit:a skipped:a gone:a over:a", true);
    run(fixture, 20, "", true);
    assert_matters(fixture->state, "fit:a since 10 solved 1\n"
                                   "gone:a since 10 solved 3\n"
                                   "over:a since 10 solved 4\n"
                                   "skipped:a since 10 solved 2\n"
                                   "stays:a since 10 at 10\n");
}

static void
a_failure_leaves_what_was(void **state)
{
    struct state_fixture *fixture = *state;

    run(fixture, 10, "k1:required", true);
    state_fixture_begin_run(fixture);
    assert_true(state_matters_begin(fixture->state, &fixture->err));
    meet(fixture, 20, "k1:required k2:required");
    assert_true(state_matters_solve(fixture->state, fixture->run, how, NULL, &fixture->err));
    assert_true(state_matters_end(fixture->state, false, &fixture->err));
    assert_matters(fixture->state, "k1:required since 10 at 10\n");
}

static void
what_a_later_version_wrote_is_over(void **state)
{
    struct state_fixture *fixture = *state;

    run(fixture, 10, "k1:required", true);
    assert_true(
        database_run(fixture->state, "UPDATE matter SET solved = 77", "write", &fixture->err));
    assert_matters(fixture->state, "k1:required since 10 solved 4\n");
}

static void
who_is_forgotten_is_in_no_text_of_others(void **state)
{
    static const struct state_matter matters[] = {
        {.key = {"k1", 2},
         .code = "duplicate",
         .field = "",
         .dn = {"uid=wilhelmina", 14},
         .text = {"'w' is also the match identifier of 'uid=ben'", 45}},
        {.key = {"k2", 2},
         .code = "duplicate",
         .field = "",
         .dn = {"uid=ben", 7},
         .text = {"'w' is also the match identifier of 'uid=wilhelmina'", 52}},
        {.key = {"k3", 2}, .code = "required", .field = "", .text = {"no value", 8}},
    };
    const struct slice key = slice_of("k1");
    struct state_fixture *fixture = *state;

    state_fixture_begin_run(fixture);
    assert_true(state_matters_begin(fixture->state, &fixture->err));
    for (size_t i = 0; i < 3; i++)
        assert_true(state_matter_meet(fixture->state, fixture->run, &matters[i], &fixture->err));
    assert_true(state_matters_end(fixture->state, true, &fixture->err));
    assert_true(state_fixture_contains(fixture, "wilhelmina"));
    assert_true(state_forget(fixture->state, &key, 1, &fixture->err));
    assert_false(state_fixture_contains(fixture, "wilhelmina"));
    assert_matters(fixture->state, "k2:duplicate since 0 \nk3:required since 0 no value\n");
}

#define STATE_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, state_fixture_set_up, state_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    STATE_TEST(since_stays_while_it_is_the_matter),
    STATE_TEST(what_is_solved_is_told_once_and_begins_anew),
    STATE_TEST(another_matter_solves_nobody),
    STATE_TEST(the_first_of_several_counts),
    STATE_TEST(a_run_that_was_stopped_solves_nothing),
    STATE_TEST(it_is_told_how_it_was_solved),
    STATE_TEST(a_failure_leaves_what_was),
    STATE_TEST(what_a_later_version_wrote_is_over),
    STATE_TEST(who_is_forgotten_is_in_no_text_of_others),
};

UNIT_MAIN(tests)
