#include "unit.h"

#include "state_fixture.h"

#include <stdlib.h>
#include <string.h>

int
state_fixture_set_up(void **state)
{
    struct state_fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->arena = arena_new();
    strcpy(fixture->folder, "/tmp/l2a-state-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    fixture->path = arena_format(fixture->arena, "%s/state.db", fixture->folder);
    *state = fixture;
    return 0;
}

int
state_fixture_tear_down(void **state)
{
    struct state_fixture *fixture = *state;
    char *command = arena_format(fixture->arena, "rm -r '%s'", fixture->folder);

    state_close(fixture->state);
    assert_int_equal(system(command), 0);
    arena_free(fixture->arena);
    test_free(fixture);
    return 0;
}

bool
state_fixture_reopen(struct state_fixture *fixture, enum state_access access)
{
    state_close(fixture->state);
    fixture->err = ERROR_INIT;
    fixture->state = state_open(fixture->path, "staff", access, &fixture->err);
    return fixture->state != NULL;
}

void
state_fixture_begin_run(struct state_fixture *fixture)
{
    const struct state_run run = {.started = 1000, .mode = "synchronize", .full = true};

    if (!fixture->state)
        assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_true(state_begin_run(fixture->state, &run, &fixture->run, &fixture->err));
}

struct state_person
state_fixture_person(const char *key, const char *match_id, int digest)
{
    struct state_person person = {.key = slice_of(key), .match_id = slice_of(match_id)};

    memset(person.digest, digest, STATE_DIGEST_BYTES);
    person.fields = slice_of("fields");
    return person;
}

int64_t
state_fixture_plan(struct state_fixture *fixture, const char *name, const char *people,
                   enum state_sending sending)
{
    struct state_package package = {
        .run = fixture->run, .name = name, .target = "/srv/alma", .records = 1, .bytes = 10};
    char key[16], match_id[16];
    int digest, used;

    assert_true(state_plan_begin(fixture->state, &fixture->err));
    assert_true(state_plan_package(fixture->state, &package, &fixture->err));
    for (; sscanf(people, " %15[^:]:%15[^:]:%d%n", key, match_id, &digest, &used) == 3;
         people += used) {
        struct state_person next = state_fixture_person(key, match_id, digest);

        next.package = package.id;
        assert_true(state_plan_person(fixture->state, &next, sending, &fixture->err));
    }
    assert_true(state_plan_end(fixture->state, true, &fixture->err));
    return package.id;
}

struct listing {
    struct arena *arena;
    char *text;
};

static bool
list_person(void *context, const struct state_person *person, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    listing->text = arena_format(
        listing->arena, "%s%.*s:%.*s:%d in %d%s%s\n", listing->text, SLICE_ARG(person->key),
        SLICE_ARG(person->match_id), person->digest[0], (int)person->package,
        person->absent ? arena_format(listing->arena, " absent %u", person->absent) : "",
        person->expired ? " expired" : "");
    return true;
}

void
state_fixture_assert_people(struct state_fixture *fixture, const char *expected)
{
    struct listing listing = {fixture->arena, arena_string(fixture->arena, "")};

    assert_true(state_each_person(fixture->state, list_person, &listing, &fixture->err));
    assert_string_equal(listing.text, expected);
}

bool
state_fixture_contains(struct state_fixture *fixture, const char *needle)
{
    char *command =
        arena_format(fixture->arena, "cat '%s'* | grep -aqF '%s'", fixture->path, needle);

    return system(command) == 0;
}
