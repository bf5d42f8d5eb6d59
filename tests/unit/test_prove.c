/* Finished packages are read again: whatever is wrong in one stops the run. */
#include "unit.h"

#include "package_fixture.h"
#include "run/identifiers.h"
#include "run/prove.h"

#include <string.h>
#include <unistd.h>

enum { PEOPLE = 4 };

struct scene {
    struct package_fixture *fixture;
    struct person people[PEOPLE];
    const struct person *planned[PEOPLE];
    struct prove prove;
};

#define PRIMARY(value) "<primary_id>" value "</primary_id>\n"
#define RECORD(identifiers) "<user>\n" identifiers "</user>\n"
#define NUMBERS(...) "<user_identifiers>\n" __VA_ARGS__ "</user_identifiers>\n"
#define NUMBER(type, value)                                                                        \
    "<user_identifier><id_type>" type "</id_type><value>" value "</value></user_identifier>\n"

/* Packages of these records; the people planned have the match identifiers. */
static void
build(struct scene *scene, struct package_fixture *fixture, const char *const *records,
      const char *const *match_ids, size_t count)
{
    struct slice last = SLICE_NONE;

    scene->fixture = fixture;
    for (size_t i = 0; i < count; i++) {
        package_fixture_add(fixture, slice_of(records[i]));
        last = slice_of(match_ids[i]);
        scene->people[i] = (struct person){.identity = identifier_hash(last, fixture->arena)};
        scene->planned[i] = &scene->people[i];
    }
    fixture->options.records_per_file = 2;
    assert_true(package_fixture_build(fixture));
    scene->prove = (struct prove){&fixture->packages, scene->planned, count, "primary_id", NULL};
}

static void
assert_fails(struct scene *scene, const char *why)
{
    struct error err = ERROR_INIT;

    assert_false(prove_packages(&scene->prove, &err));
    assert_int_equal(err.code, ERROR_INTERNAL);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static const char *const records[] = {
    RECORD(PRIMARY("ana") NUMBERS(NUMBER("BARCODE", "1"))),
    RECORD(PRIMARY("bo") NUMBERS(NUMBER("BARCODE", "2") NUMBER("UNIV_ID", "u2"))),
    RECORD(PRIMARY("cy")),
};
static const char *const names[] = {"ana", "BO", "cy"};

static void
good_packages_pass(void **state)
{
    struct error err = ERROR_INIT;
    struct scene scene;

    build(&scene, *state, records, names, 3);
    assert_true(prove_packages(&scene.prove, &err));
}

static void
the_match_identifier_may_be_of_a_type(void **state)
{
    static const char *const types[] = {"u2"};
    struct error err = ERROR_INIT;
    struct scene scene;

    build(&scene, *state, records + 1, types, 1);
    scene.prove.match_id = "UNIV_ID";
    assert_true(prove_packages(&scene.prove, &err));
    scene.prove.match_id = "INST_ID";
    assert_fails(&scene, "record 1 has no match identifier 'INST_ID'");
}

static void
a_record_of_somebody_else_fails(void **state)
{
    static const char *const others[] = {"ana", "cy", "bo"};
    struct scene scene;

    build(&scene, *state, records, others, 3);
    assert_fails(&scene, "record 2 is not that of the person planned there");
}

static void
records_too_many_or_too_few_fail(void **state)
{
    struct scene scene;

    build(&scene, *state, records, names, 3);
    scene.prove.count = 2;
    assert_fails(&scene, "record 3 is not that of the person");
    scene.prove.count = 4;
    assert_fails(&scene, "hold 3 records in place of 4");
    scene.prove.count = 3;
    scene.fixture->packages.items[0].records = 2;
    assert_fails(&scene, "holds 3 records in place of 2");
}

static void
an_identifier_of_two_people_fails(void **state)
{
    static const char *const twice[] = {RECORD(PRIMARY("ana")),
                                        RECORD(PRIMARY("bo") NUMBERS(NUMBER("BARCODE", "ANA")))};
    struct scene scene;

    build(&scene, *state, twice, names, 2);
    assert_fails(&scene, "an identifier is in the packages twice");
}

static void
an_empty_or_too_long_identifier_fails(void **state)
{
    static const char *const empty = RECORD(PRIMARY(""));
    struct package_fixture *fixture = *state;
    char value[300], record[400];
    const char *text = record, *name = value;
    struct scene scene;

    memset(value, 'x', sizeof value);
    value[256] = '\0';
    snprintf(record, sizeof record, RECORD(PRIMARY("%s")), value);
    build(&scene, fixture, &text, &name, 1);
    assert_fails(&scene, "the match identifier of record 1 is too long");
    fixture->count = 0;
    fixture->options.prefix = "next";
    assert_true(spool_restart(fixture->spool, &fixture->err));
    build(&scene, fixture, &empty, names, 1);
    assert_fails(&scene, "record 1 has no match identifier");
}

/* Each byte in turn is another one: it is found, or it does not matter for what Alma reads. */
static void
a_damaged_package_fails(void **state)
{
    struct scene scene;
    const char *path;
    FILE *file;
    long size;

    build(&scene, *state, records, names, 3);
    path = scene.fixture->packages.items[0].path;
    file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    for (long at = 60; at < 160; at += 7) {
        int byte;

        fseek(file, at, SEEK_SET);
        byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x55, file);
        fflush(file);
        assert_fails(&scene, "finished packages failed their last check, nothing is delivered");
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
        fflush(file);
    }
    assert_int_equal(ftruncate(fileno(file), size / 2), 0);
    assert_fails(&scene, "cannot read");
    fclose(file);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, package_fixture_set_up, package_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(good_packages_pass),
    TEST(the_match_identifier_may_be_of_a_type),
    TEST(a_record_of_somebody_else_fails),
    TEST(records_too_many_or_too_few_fail),
    TEST(an_identifier_of_two_people_fails),
    TEST(an_empty_or_too_long_identifier_fails),
    TEST(a_damaged_package_fails),
};

UNIT_MAIN(tests)
