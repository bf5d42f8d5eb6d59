/* What the last read knew: kept in state in layers, and what of it is found again. */
#include "unit.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "run/roster.h"
#include "state/database.h"
#include "state/roster.h"
#include "state_fixture.h"

#include <stdlib.h>
#include <string.h>

static const struct membership nowhere;

static struct roster_row
row_of(unsigned number, enum roster_verdict verdict)
{
    struct roster_row row = {.due = number, .verdict = (unsigned char)verdict};

    memcpy(row.id, &number, sizeof number);
    return row;
}

static struct directory_id
id_of(unsigned number)
{
    const struct roster_row row = row_of(number, ROSTER_FIT);

    return roster_id(&row);
}

/* State's roster; NULL: it has none that is of use. */
static struct roster *
load(struct state_fixture *fixture)
{
    struct roster *roster;
    bool good;

    assert_true(roster_open(fixture->state, &roster, &fixture->err));
    if (!roster)
        return NULL;
    assert_true(roster_load(roster, fixture->state, &good, &fixture->err));
    if (good)
        return roster;
    roster_free(roster);
    return NULL;
}

static void
store(struct state_fixture *fixture, struct roster *roster, time_t read_all)
{
    assert_true(roster_store(roster, fixture->state, read_all, &fixture->err));
    roster_free(roster);
}

static enum roster_verdict
verdict_of(struct roster *roster, unsigned number)
{
    const struct directory_id id = id_of(number);
    uint32_t found = roster_find(roster, &id);

    return found == ROSTER_NONE ? ROSTER_VOID
                                : (enum roster_verdict)roster_row(roster, found)->verdict;
}

/* The sum of the numbers of all who have the mark. */
static unsigned
marked(struct roster *roster, uint32_t hash)
{
    unsigned sum = 0;
    uint32_t found;

    for (size_t cursor = 0; (found = roster_marked(roster, hash, &cursor)) != ROSTER_NONE;)
        sum += roster_row(roster, found)->due;
    return sum;
}

/* People 0 to `count` - 1, each with a mark of their own and one with their neighbour. */
static struct roster *
make(unsigned count)
{
    struct roster *roster = roster_new();

    for (unsigned i = 0; i < count; i++) {
        const struct roster_row row = row_of(i, ROSTER_FIT);
        uint32_t number = roster_append(roster, &row, &nowhere);

        roster_mark(roster, number, 1000 + i);
        roster_mark(roster, number, 5000 + i / 2);
    }
    return roster;
}

static void
test_what_is_stored_is_loaded(void **context)
{
    struct state_fixture *fixture = *context;
    struct roster *roster = make(7);
    struct roster_sums sums;
    time_t read_all;

    assert_null(load(fixture));
    roster_facts(roster)->run = 17;
    roster_facts(roster)->had[3] = 5;
    roster_set_texts(roster, slice_of("as it was"), slice_of("to go on from"));
    store(fixture, roster, 4711);
    assert_true(roster_read_all_time(fixture->state, &read_all, &fixture->err));
    assert_int_equal(read_all, 4711);

    roster = load(fixture);
    assert_int_equal(roster_facts(roster)->run, 17);
    assert_int_equal(roster_facts(roster)->had[3], 5);
    assert_slice(roster_facts(roster)->conditions, "as it was");
    assert_slice(roster_facts(roster)->mark, "to go on from");
    assert_int_equal(verdict_of(roster, 6), ROSTER_FIT);
    assert_int_equal(verdict_of(roster, 7), ROSTER_VOID);
    assert_int_equal(marked(roster, 1005), 5);
    assert_int_equal(marked(roster, 5002), 4 + 5);
    assert_int_equal(marked(roster, 999), 0);
    assert_null(roster_membership(roster, 0));
    roster_sum(roster, &sums);
    assert_int_equal(sums.here, 7);
    assert_int_equal(sums.fit, 7);
    assert_int_equal(sums.by_search[0], 7);
    roster_free(roster);
}

static struct slice
part(struct state_fixture *fixture, int number)
{
    void *bytes;
    size_t length;
    struct slice copy;

    assert_true(state_roster_part(fixture->state, number, &bytes, &length, &fixture->err));
    copy = arena_slice(fixture->arena, (struct slice){bytes, length});
    free(bytes);
    return copy;
}

static void
test_what_came_later_replaces(void **context)
{
    struct state_fixture *fixture = *context;
    struct roster_row row = row_of(2, ROSTER_HELD);
    struct slice before;
    struct roster *roster;
    uint32_t number;

    store(fixture, make(7), 1);
    before = part(fixture, 1);
    roster = load(fixture);
    row.due = 200;
    number = roster_replace(roster, &row, &nowhere);
    roster_mark(roster, number, 1003);
    row = row_of(9, ROSTER_AWAY);
    roster_replace(roster, &row, &nowhere);
    store(fixture, roster, 0);
    assert_true(slice_equal(part(fixture, 1), before)); /* little is written */

    roster = load(fixture);
    assert_int_equal(verdict_of(roster, 2), ROSTER_HELD);
    assert_int_equal(verdict_of(roster, 9), ROSTER_AWAY);
    assert_int_equal(marked(roster, 1002), 0);
    assert_int_equal(marked(roster, 1003), 3 + 200);
    assert_int_equal(marked(roster, 5001), 3);
    roster_free(roster);
}

/* Against a list that is as simple as can be. */
static void
test_many_changes(void **context)
{
    enum { PEOPLE = 300, ROUNDS = 40, CHANGES = 20 };
    struct state_fixture *fixture = *context;
    struct {
        enum roster_verdict verdict;
        uint32_t hash;
    } people[PEOPLE] = {{ROSTER_VOID, 0}};
    unsigned chance = 1;

    store(fixture, make(PEOPLE / 2), 1);
    for (unsigned i = 0; i < PEOPLE / 2; i++)
        people[i].verdict = ROSTER_FIT, people[i].hash = 1000 + i;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct roster *roster = load(fixture);

        for (unsigned i = 0; i < PEOPLE; i++) {
            assert_int_equal(verdict_of(roster, i), people[i].verdict);
            if (people[i].verdict != ROSTER_VOID)
                assert_int_equal(marked(roster, people[i].hash), i);
        }
        for (unsigned i = 0; i < CHANGES; i++) {
            unsigned who = (chance = chance * 1103515245 + 12345) / 65536 % PEOPLE;
            enum roster_verdict verdict = 1 + chance / 4096 % (ROSTER_VERDICT_COUNT - 1);
            const struct roster_row row = row_of(who, verdict);

            people[who].verdict = verdict;
            people[who].hash = 10000 * (round + 1) + who;
            roster_mark(roster, roster_replace(roster, &row, &nowhere), people[who].hash);
        }
        store(fixture, roster, 0);
    }
}

static void
test_memberships(void **context)
{
    struct state_fixture *fixture = *context;
    const struct roster_row first = row_of(1, ROSTER_FIT), second = row_of(2, ROSTER_FIT);
    const struct membership known = {{7, 8}, 9};
    struct roster *roster = roster_new();

    roster_append(roster, &first, &nowhere);
    roster_append(roster, &second, &known);
    store(fixture, roster, 1);
    roster = load(fixture);
    assert_int_equal(roster_membership(roster, 0)->sum, 0);
    assert_int_equal(roster_membership(roster, 1)->sum, 9);
    roster_replace(roster, &first, &known);
    store(fixture, roster, 0);
    roster = load(fixture);
    assert_int_equal(roster_membership(roster, 2)->names[1], 8);
    roster_free(roster);
}

static void
test_what_does_not_fit_is_none(void **context)
{
    static const char *const damages[] = {
        "UPDATE roster SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE part = 1",
        "UPDATE roster SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE part = 3",
        "UPDATE roster SET bytes = x'00' WHERE part = 0",
        "UPDATE roster SET bytes = bytes || x'00' WHERE part = 0",
        "DELETE FROM roster WHERE part = 1",
        "UPDATE roster SET bytes = zeroblob(length(bytes)) WHERE part = 0",
        /* A mark of nobody, a verdict that there is not. */
        "UPDATE roster SET bytes = substr(bytes, 1, length(bytes) - 8) || x'ffffffffffffffff'"
        "  WHERE part = 3",
        "UPDATE roster SET bytes = x'00000000000000000000000000000000' || x'00000000ffff0000'"
        "  || substr(bytes, 25) WHERE part = 1",
    };
    struct state_fixture *fixture = *context;
    const struct roster_row row = row_of(1, ROSTER_FIT);
    struct roster *roster;

    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        store(fixture, make(7), 1);
        assert_int_equal(sqlite3_exec(fixture->state->db, damages[i], NULL, NULL, NULL), SQLITE_OK);
        assert_null(load(fixture));
    }
    roster = make(7);
    roster_append(roster, &row, &nowhere); /* two have one id */
    store(fixture, roster, 1);
    assert_null(load(fixture));
}

static void
test_who_forgets_forgets_it(void **context)
{
    struct state_fixture *fixture = *context;
    const struct slice key = slice_of("Eana");
    const struct state_link link = {slice_of("Eana"), slice_of("Ebob")};

    store(fixture, make(7), 1);
    assert_true(state_forget(fixture->state, &key, 1, &fixture->err));
    assert_null(load(fixture));
    store(fixture, make(7), 1);
    assert_true(state_relink(fixture->state, &link, 1, &fixture->err));
    assert_null(load(fixture));
}

static bool
add_text(void *context, const struct state_person *person, struct error *err)
{
    (void)err;
    buffer_format(context, "%.*s:%u ", SLICE_ARG(person->key), person->absent);
    return true;
}

static void
test_those_who_are_not_simply_there(void **context)
{
    struct state_fixture *fixture = *context;
    const struct state_absence absences[] = {{slice_of("b"), 2}, {slice_of("d"), 1}};
    const struct slice keys[] = {slice_of("a"), slice_of("b"), slice_of("x")};
    struct buffer text = BUFFER_INIT;
    struct state_census census;
    struct slice *absent;
    size_t count;

    assert_true(state_deliver(
        fixture->state,
        state_fixture_plan(fixture, "one", "a:A:1 b:B:1 c:C:1 d:D:1", STATE_SEND_RECORD),
        &fixture->err));
    assert_true(state_set_absences(fixture->state, absences, 2, &fixture->err));
    assert_true(state_deliver(fixture->state,
                              state_fixture_plan(fixture, "two", "d:D:1", STATE_SEND_LAST),
                              &fixture->err));
    assert_true(state_count_settled(fixture->state, &census, &fixture->err));
    assert_int_equal(census.known, 4);
    assert_int_equal(census.expired, 1);
    assert_int_equal(census.absent, 1);
    assert_true(state_list_absent(fixture->state, fixture->arena, &absent, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_slice(absent[0], "b");
    assert_true(state_each_of(fixture->state, keys, 3, add_text, &text, &fixture->err));
    assert_slice(((struct slice){text.data, text.length}), "a:0 b:2 ");
    buffer_free(&text);
}

static void
assert_known(struct state_fixture *fixture, uint64_t known)
{
    struct state_census census;

    assert_true(state_count_settled(fixture->state, &census, &fixture->err));
    assert_int_equal(census.known, known);
}

static void
keep_count(struct state_fixture *fixture)
{
    assert_true(state_roster_begin(fixture->state, &fixture->err) &&
                state_roster_put_count(fixture->state, &fixture->err));
    assert_true(state_roster_end(fixture->state, true, &fixture->err));
}

static void
note_trouble(void *context, const struct state_trouble *trouble)
{
    *(int *)context += strcmp(trouble->what, "a number of people that is wrong") == 0;
}

/* A number that is kept is the one that counting gives, whatever happens to people. */
static void
test_the_count_of_people(void **context)
{
    struct state_fixture *fixture = *context;
    const struct slice gone = slice_of("a");
    int64_t package;
    int troubles = 0;

    assert_known(fixture, 0);
    package = state_fixture_plan(fixture, "one", "a:A:1 b:B:1 c:C:1", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    assert_known(fixture, 3);
    keep_count(fixture);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 3);

    /* One is there already; a plan that is given up takes the new one away. */
    package = state_fixture_plan(fixture, "two", "c:C:2 d:D:1", STATE_SEND_RECORD);
    assert_known(fixture, 4);
    assert_true(state_abandon(fixture->state, package, &fixture->err));
    assert_known(fixture, 3);

    /* A run that dies with a plan leaves no number behind. */
    keep_count(fixture);
    package = state_fixture_plan(fixture, "three", "e:E:1 f:F:1", STATE_SEND_RECORD);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 5);
    assert_true(state_abandon(fixture->state, package, &fixture->err));
    keep_count(fixture);
    assert_true(state_find_trouble(fixture->state, note_trouble, &troubles, &fixture->err));
    assert_int_equal(troubles, 0);
    assert_known(fixture, 3);

    /* Nor does one that is given up later, when people with it were counted. */
    package = state_fixture_plan(fixture, "four", "g:G:1", STATE_SEND_RECORD);
    keep_count(fixture);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 4);
    assert_true(state_abandon(fixture->state, package, &fixture->err));
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 3);

    assert_true(state_remove_people(fixture->state, &gone, 1, &fixture->err));
    assert_known(fixture, 2);
    keep_count(fixture);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 2);
    assert_true(state_remove_people(fixture->state, &gone, 1, &fixture->err));
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 2);

    assert_true(state_roster_put(fixture->state, -1, slice_of("4"), &fixture->err));
    assert_true(state_find_trouble(fixture->state, note_trouble, &troubles, &fixture->err));
    assert_int_equal(troubles, 1);

    /* Whoever reads everybody has not asked for it, and counts anew. */
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 4);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    keep_count(fixture);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_known(fixture, 2);
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
    TEST(test_what_is_stored_is_loaded),
    TEST(test_what_came_later_replaces),
    TEST(test_many_changes),
    TEST(test_memberships),
    TEST(test_what_does_not_fit_is_none),
    TEST(test_who_forgets_forgets_it),
    TEST(test_those_who_are_not_simply_there),
    TEST(test_the_count_of_people),
};

UNIT_MAIN(tests)
