/* Which photos lie where, and what was seen of entries. */
#include "unit.h"

#include "base/buffer.h"
#include "state/database.h"
#include "state/photo.h"
#include "state_fixture.h"

#include <string.h>

static void
put(struct state_fixture *fixture, int64_t depot, const char *name, const char *key, bool open,
    uint64_t bytes)
{
    const struct state_photo photo = {
        .name = slice_of(name),
        .key = slice_of(key),
        .open = open,
        .doubtful = open && bytes > 0,
        .bytes = bytes,
        .source = {1},
        .sha256 = {2},
        .delivered = 100,
    };

    assert_true(state_photo_put(fixture->state, depot, &photo, &fixture->err));
}

static bool
add_line(void *context, const struct state_photo *photo, struct error *err)
{
    (void)err;
    buffer_format(context, "%.*s of '%.*s'%s%s\n", SLICE_ARG(photo->name), SLICE_ARG(photo->key),
                  photo->open ? " open" : "", photo->doubtful ? " doubtful" : "");
    return true;
}

static void
assert_photos(struct state_fixture *fixture, int64_t depot, const char *expected)
{
    struct buffer lines = BUFFER_INIT;

    assert_true(state_each_photo(fixture->state, depot, add_line, &lines, &fixture->err));
    buffer_add(&lines, "", 1);
    assert_string_equal(lines.data, expected);
    buffer_free(&lines);
}

static int64_t
depot_of(struct state_fixture *fixture, const char *name, uint64_t elsewhere)
{
    int64_t depot;
    uint64_t others;

    assert_true(state_photo_depot(fixture->state, name, &depot, &others, &fixture->err));
    assert_int_equal(others, elsewhere);
    return depot;
}

static void
photos_are_known_by_their_depot(void **state)
{
    struct state_fixture *fixture = *state;
    int64_t here, there;
    uint64_t count;

    state_fixture_begin_run(fixture);
    here = depot_of(fixture, "/srv/photos", 0);
    put(fixture, here, "b.JPG", "kb", false, 10);
    put(fixture, here, "A.JPG", "ka", true, 0);
    put(fixture, here, "c.JPG", "kc", true, 7);
    assert_photos(fixture, here,
                  "A.JPG of 'ka' open\nb.JPG of 'kb'\nc.JPG of 'kc' open doubtful\n");
    there = depot_of(fixture, "sftp://x", 3);
    assert_photos(fixture, there, "");
    put(fixture, there, "b.JPG", "kb", false, 10);
    put(fixture, here, "c.JPG", "kd", false, 8);
    assert_true(state_photo_remove(fixture->state, here, slice_of("A.JPG"), &fixture->err));
    assert_photos(fixture, here, "b.JPG of 'kb'\nc.JPG of 'kd'\n");
    assert_true(state_count_photos(fixture->state, &count, &fixture->err));
    assert_int_equal(count, 3);
}

static void
what_was_forgotten_is_ours_and_nobodys(void **state)
{
    struct state_fixture *fixture = *state;
    const struct state_photo_look look = {
        .key = slice_of("kb"), .version = slice_of("version-of-b"), .source = {1}};
    int64_t here;
    bool has;

    state_fixture_begin_run(fixture);
    here = depot_of(fixture, "/srv/photos", 0);
    put(fixture, here, "b.JPG", "kb", false, 10);
    assert_true(state_photo_look_put(fixture->state, &look, &fixture->err));
    assert_true(state_has_photo(fixture->state, slice_of("kb"), &has, &fixture->err) && has);
    assert_true(state_forget(fixture->state, &look.key, 1, &fixture->err));
    assert_photos(fixture, here, "b.JPG of '' open\n");
    assert_true(state_has_photo(fixture->state, slice_of("kb"), &has, &fixture->err) && !has);
    assert_false(state_fixture_contains(fixture, "version-of-b"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(photos_are_known_by_their_depot, state_fixture_set_up,
                                        state_fixture_tear_down),
        cmocka_unit_test_setup_teardown(what_was_forgotten_is_ours_and_nobodys,
                                        state_fixture_set_up, state_fixture_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
