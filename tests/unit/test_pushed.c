/* People who were handed over: who is found by what, and what is left of whom. */
#include "unit.h"

#include "base/buffer.h"
#include "state/pushed.h"
#include "state_fixture.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

struct scene {
    struct state_fixture *fixture;
    struct pushed *store;
};

#define ID "0123456789abcde" /* and one more byte */

static struct scene
begin(void **state)
{
    struct scene scene = {.fixture = *state};

    scene.store = pushed_open(scene.fixture->path, "staff", PUSHED_WRITE, &scene.fixture->err);
    assert_non_null(scene.store);
    return scene;
}

static void
assert_refused(struct scene *scene, enum error_code code, const char *text)
{
    assert_int_equal(scene->fixture->err.code, code);
    assert_non_null(strstr(scene->fixture->err.text, text));
    scene->fixture->err = ERROR_INIT;
}

/* Texts with their last NUL, as identifiers have one each. */
#define IDENTIFIERS(text) ((struct slice){(text), sizeof(text)})

static struct pushed_person
person(const char *id, const char *place, struct slice identifiers)
{
    return (struct pushed_person){
        .id = slice_of(id),
        .place = slice_of(place),
        .dn = slice_of(place),
        .match_id = slice_of(identifiers.data),
        .identifiers = identifiers,
        .entry = slice_of("dn: x\n\n"),
    };
}

/* Puts in a transaction of its own, in place of whoever has the id. */
static void
put(struct scene *scene, const struct pushed_person *now)
{
    struct pushed_person before;
    struct error *err = &scene->fixture->err;
    bool found;

    assert_true(pushed_begin(scene->store, err));
    assert_true(pushed_find(scene->store, PUSHED_BY_ID, now->id, scene->fixture->arena, &before,
                            &found, err));
    assert_true(pushed_put(scene->store, &before, now, err));
    assert_true(pushed_end(scene->store, true, err));
}

static void
remove_id(struct scene *scene, const char *id, bool yields)
{
    struct pushed_person before;
    struct error *err = &scene->fixture->err;
    bool found;

    assert_true(pushed_begin(scene->store, err));
    assert_true(pushed_find(scene->store, PUSHED_BY_ID, slice_of(id), scene->fixture->arena,
                            &before, &found, err));
    assert_true(found);
    assert_true(pushed_remove(scene->store, &before, yields, err));
    assert_true(pushed_end(scene->store, true, err));
}

/* The id of who is found, "": nobody. */
static struct slice
who(struct scene *scene, enum pushed_by by, const char *what)
{
    struct pushed_person found;
    bool is_found;

    assert_true(pushed_find(scene->store, by, slice_of(what), scene->fixture->arena, &found,
                            &is_found, &scene->fixture->err));
    assert_true(is_found == (found.row != 0));
    return is_found ? found.id : slice_of("");
}

static bool
add_person(void *context, const struct pushed_person *person, struct error *err)
{
    (void)err;
    buffer_format(context, "%lld %.*s%s\n", (long long)person->change, SLICE_ARG(person->id),
                  person->entry.data ? "" : " removed");
    return true;
}

static bool
refuse_person(void *context, const struct pushed_person *person, struct error *err)
{
    (void)context, (void)person;
    return error_set(err, ERROR_DATA, "no more");
}

static void
assert_since(struct scene *scene, int64_t change, const char *expected)
{
    struct buffer lines = BUFFER_INIT;
    uint64_t count, told = 0;

    assert_true(pushed_each_since(scene->store, change, add_person, &lines, &scene->fixture->err));
    assert_true(pushed_count_since(scene->store, change, &count, &scene->fixture->err));
    buffer_add(&lines, "", 1);
    assert_string_equal(lines.data, expected);
    for (const char *line = expected; (line = strchr(line, '\n')); line++)
        told++;
    assert_int_equal(count, told);
    buffer_free(&lines);
}

static void
people_are_found_by_what_they_have(void **state)
{
    struct scene scene = begin(state);
    struct pushed_person ana = person(ID "a", "uid=ana",
                                      IDENTIFIERS("ana\0"
                                                  "17")),
                         bo = person(ID "b", "uid=bo", IDENTIFIERS("bo")), found;
    bool is_found;

    put(&scene, &ana);
    put(&scene, &bo);
    assert_slice(who(&scene, PUSHED_BY_ID, ID "a"), ID "a");
    assert_slice(who(&scene, PUSHED_BY_PLACE, "uid=bo"), ID "b");
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "17"), ID "a");
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "1"), "");
    assert_slice(who(&scene, PUSHED_BY_PLACE, "uid=ana,"), "");
    assert_true(pushed_find(scene.store, PUSHED_BY_IDENTIFIER, slice_of("ana"),
                            scene.fixture->arena, &found, &is_found, &scene.fixture->err));
    assert_slice(found.entry, "dn: x\n\n");
    assert_slice(found.match_id, "ana");
    assert_int_equal(found.identifiers.length, sizeof "ana\0"
                                                      "17");
    assert_false(found.own_id);
    pushed_close(scene.store);
}

static void
identifiers_that_one_loses_are_free(void **state)
{
    struct scene scene = begin(state);
    struct pushed_person ana = person(ID "a", "uid=ana",
                                      IDENTIFIERS("ana\0"
                                                  "17")),
                         later = person(ID "a", "uid=ana",
                                        IDENTIFIERS("ana\0"
                                                    "18")),
                         bo = person(ID "b", "uid=bo", IDENTIFIERS("17"));

    put(&scene, &ana);
    put(&scene, &later);
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "17"), "");
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "18"), ID "a");
    put(&scene, &bo);
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "17"), ID "b");
    pushed_close(scene.store);
}

static void
of_who_was_removed_id_and_place_stay(void **state)
{
    struct scene scene = begin(state);
    struct pushed_person ana = person(ID "a", "uid=ana", IDENTIFIERS("ana-identifier")),
                         bo = person(ID "b", "uid=ana", IDENTIFIERS("bo")), found;
    bool is_found;

    ana.entry = slice_of("dn: x\ndescription: told-nobody\n\n");
    put(&scene, &ana);
    remove_id(&scene, ID "a", false);
    assert_slice(who(&scene, PUSHED_BY_PLACE, "uid=ana"), ID "a");
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "ana-identifier"), "");
    assert_true(pushed_find(scene.store, PUSHED_BY_ID, slice_of(ID "a"), scene.fixture->arena,
                            &found, &is_found, &scene.fixture->err));
    assert_null(found.entry.data);
    assert_null(found.match_id.data);
    assert_null(found.identifiers.data);

    put(&scene, &ana);
    remove_id(&scene, ID "a", true);
    assert_slice(who(&scene, PUSHED_BY_PLACE, "uid=ana"), "");
    put(&scene, &bo);
    assert_slice(who(&scene, PUSHED_BY_PLACE, "uid=ana"), ID "b");
    pushed_close(scene.store);
    assert_false(state_fixture_contains(scene.fixture, "told-nobody"));
    assert_false(state_fixture_contains(scene.fixture, "ana-identifier"));
}

static void
changes_have_numbers_that_grow(void **state)
{
    struct scene scene = begin(state);
    struct pushed_person ana = person(ID "a", "uid=ana", IDENTIFIERS("ana")),
                         bo = person(ID "b", "uid=bo", IDENTIFIERS("bo"));
    struct pushed_census census;
    struct error *err = &scene.fixture->err;
    int64_t newest;

    assert_true(pushed_count(scene.store, &census, err));
    assert_true(census.kept == 0 && census.newest == 0);
    put(&scene, &ana);
    put(&scene, &bo);
    put(&scene, &ana);
    assert_since(&scene, 0, "2 " ID "b\n3 " ID "a\n");
    remove_id(&scene, ID "b", false);
    assert_since(&scene, 2, "3 " ID "a\n4 " ID "b removed\n");
    assert_since(&scene, 4, "");
    pushed_close(scene.store);

    scene = begin(state);
    put(&scene, &bo);
    assert_since(&scene, 3, "5 " ID "b\n");
    assert_true(pushed_count(scene.store, &census, err) &&
                pushed_newest(scene.store, &newest, err));
    assert_true(census.kept == 2 && census.newest == 5 && newest == 5);
    assert_false(pushed_each(scene.store, refuse_person, NULL, err));
    assert_refused(&scene, ERROR_DATA, "no more");
    pushed_close(scene.store);
}

static void
what_is_undone_was_never_there(void **state)
{
    struct scene scene = begin(state);
    const struct pushed_person nobody = {.row = 0};
    struct pushed_person ana = person(ID "a", "uid=ana", IDENTIFIERS("ana")),
                         twin = person(ID "b", "uid=ana", IDENTIFIERS("bo"));
    struct error *err = &scene.fixture->err;

    assert_true(pushed_begin(scene.store, err));
    assert_true(pushed_put(scene.store, &nobody, &ana, err));
    assert_true(pushed_end(scene.store, false, err));
    assert_since(&scene, 0, "");
    put(&scene, &ana);
    assert_since(&scene, 0, "1 " ID "a\n");

    assert_true(pushed_begin(scene.store, err));
    assert_false(pushed_put(scene.store, &nobody, &twin, err));
    assert_int_not_equal(err->code, ERROR_NONE);
    *err = ERROR_INIT;
    (void)pushed_end(scene.store, false, err);
    *err = ERROR_INIT;
    assert_since(&scene, 0, "1 " ID "a\n");
    pushed_close(scene.store);
}

static void
a_reader_sees_one_moment(void **state)
{
    struct scene scene = begin(state), reader = scene;
    struct pushed_person ana = person(ID "a", "uid=ana", IDENTIFIERS("ana")),
                         bo = person(ID "b", "uid=bo", IDENTIFIERS("bo"));
    struct error *err = &scene.fixture->err;

    put(&scene, &ana);
    reader.store = pushed_open(scene.fixture->path, "staff", PUSHED_READ, err);
    assert_non_null(reader.store);
    assert_true(pushed_begin_look(reader.store, err));
    put(&scene, &bo);
    assert_since(&reader, 0, "1 " ID "a\n");
    pushed_end_look(reader.store);
    assert_since(&reader, 0, "1 " ID "a\n2 " ID "b\n");
    assert_false(pushed_set_mapping(reader.store, slice_of("m"), err));
    assert_int_not_equal(err->code, ERROR_NONE);
    *err = ERROR_INIT;
    pushed_close(reader.store);
    pushed_close(scene.store);
}

static void
another_mapping_gives_other_identifiers(void **state)
{
    struct scene scene = begin(state);
    struct pushed_person ana = person(ID "a", "uid=ana", IDENTIFIERS("ana")),
                         bo = person(ID "b", "uid=bo", IDENTIFIERS("bo")), now, before;
    struct error *err = &scene.fixture->err;
    struct arena *arena = scene.fixture->arena;
    struct slice mapping;
    bool found;

    put(&scene, &ana);
    put(&scene, &bo);
    assert_true(pushed_get_mapping(scene.store, arena, &mapping, err));
    assert_null(mapping.data);
    assert_true(pushed_begin(scene.store, err));
    assert_true(pushed_forget_identifiers(scene.store, err));
    assert_true(pushed_find(scene.store, PUSHED_BY_ID, ana.id, arena, &before, &found, err));
    now = person(ID "a", "uid=ana", IDENTIFIERS("17"));
    assert_true(pushed_identify(scene.store, &before, &now, err));
    assert_true(pushed_find(scene.store, PUSHED_BY_ID, bo.id, arena, &before, &found, err));
    now = person(ID "b", "uid=bo",
                 IDENTIFIERS("17\0"
                             "18"));
    assert_true(pushed_identify(scene.store, &before, &now, err));
    assert_true(pushed_set_mapping(scene.store, slice_of("another"), err));
    assert_true(pushed_end(scene.store, true, err));

    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "ana"), "");
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "17"), ID "a"); /* who came first */
    assert_slice(who(&scene, PUSHED_BY_IDENTIFIER, "18"), ID "b");
    assert_since(&scene, 0, "1 " ID "a\n2 " ID "b\n");
    assert_true(pushed_get_mapping(scene.store, arena, &mapping, err));
    assert_slice(mapping, "another");
    pushed_close(scene.store);
}

static void
refusals_are_counted(void **state)
{
    struct scene scene = begin(state);
    struct error *err = &scene.fixture->err;
    struct pushed_refusals refusals;

    assert_true(pushed_get_refusals(scene.store, &refusals, err));
    assert_true(refusals.count == 0 && refusals.last == 0);
    for (uint64_t count = 1; count <= 2; count++) {
        assert_true(pushed_begin(scene.store, err));
        assert_true(pushed_add_refusals(scene.store, count, err));
        assert_true(pushed_end(scene.store, true, err));
    }
    pushed_close(scene.store);
    scene = begin(state);
    assert_true(pushed_get_refusals(scene.store, &refusals, err));
    assert_int_equal(refusals.count, 3);
    assert_true(refusals.last > 0);
    pushed_close(scene.store);
}

static void
each_store_has_a_mark(void **state)
{
    struct scene scene = begin(state);
    struct arena *arena = scene.fixture->arena;
    struct error *err = &scene.fixture->err;
    struct slice first, again, other;
    struct pushed *second;

    assert_string_equal(pushed_path(scene.store), scene.fixture->path);
    assert_true(pushed_is_there(scene.fixture->path));
    assert_true(pushed_mark(scene.store, arena, &first, err));
    pushed_close(scene.store);
    scene = begin(state);
    assert_true(pushed_mark(scene.store, arena, &again, err));
    second = pushed_open(arena_format(arena, "%s/other", scene.fixture->folder), "staff",
                         PUSHED_WRITE, err);
    assert_non_null(second);
    assert_true(pushed_mark(second, arena, &other, err));
    assert_int_equal(first.length, 32);
    assert_true(slice_equal(first, again));
    assert_false(slice_equal(first, other));
    pushed_close(second);
    pushed_close(scene.store);
}

static void
files_that_are_no_store_are_refused(void **state)
{
    struct scene scene = {.fixture = *state};
    const char *path = scene.fixture->path;
    struct error *err = &scene.fixture->err;

    assert_false(pushed_is_there(path));
    assert_null(pushed_open(path, "staff", PUSHED_READ, err));
    assert_refused(&scene, ERROR_DATA, "store of pushed people");
    assert_false(pushed_is_there(path));
    scene = begin(state);
    pushed_close(scene.store);
    assert_null(pushed_open(path, "students", PUSHED_WRITE, err));
    assert_refused(&scene, ERROR_CONFIG, "belongs to the feed 'staff', not to 'students'");
    assert_int_equal(chmod(path, 0640), 0);
    assert_null(pushed_open(path, "staff", PUSHED_READ, err));
    assert_refused(&scene, ERROR_PERMISSION, "is open to others");
}

static void
what_does_not_belong_together_is_damage(void **state)
{
    static const struct {
        const char *sql, *text;
    } cases[] = {
        {"INSERT INTO identifier VALUES (x'31', 99)", "1 identifiers of nobody"},
        {"DELETE FROM identifier; UPDATE person SET entry = NULL",
         "1 people who were removed and have identifiers"},
    };
    struct pushed_person ana = person(ID "a", "uid=ana", IDENTIFIERS("ana"));

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene scene = begin(state);
        sqlite3 *db;

        put(&scene, &ana);
        assert_true(pushed_check(scene.store, &scene.fixture->err));
        assert_int_equal(sqlite3_open(scene.fixture->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_false(pushed_check(scene.store, &scene.fixture->err));
        assert_refused(&scene, ERROR_DATA, cases[i].text);
        pushed_close(scene.store);
        assert_int_equal(remove(scene.fixture->path), 0);
    }
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, state_fixture_set_up, state_fixture_tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(people_are_found_by_what_they_have),
        TEST(identifiers_that_one_loses_are_free),
        TEST(of_who_was_removed_id_and_place_stay),
        TEST(changes_have_numbers_that_grow),
        TEST(what_is_undone_was_never_there),
        TEST(a_reader_sees_one_moment),
        TEST(another_mapping_gives_other_identifiers),
        TEST(refusals_are_counted),
        TEST(each_store_has_a_mark),
        TEST(files_that_are_no_store_are_refused),
        TEST(what_does_not_belong_together_is_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
