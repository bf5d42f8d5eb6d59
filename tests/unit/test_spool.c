#include "unit.h"

#include "package/package.h"
#include "package/scratch.h"
#include "package_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void
assert_record(struct package_fixture *fixture, size_t index, struct slice expected)
{
    struct spool_record place = fixture->records[index];
    char *data = arena_bytes(fixture->arena, place.length + 1);

    assert_true(spool_read(fixture->spool, place.offset, data, place.length, &fixture->err));
    assert_true(slice_equal((struct slice){data, place.length}, expected));
}

static void
records_come_back(void **state)
{
    struct package_fixture *fixture = *state;
    struct slice large = package_fixture_noise(fixture, 5000000);
    struct slice small = slice_of("small"), empty = slice_of("");
    const struct slice records[] = {small, empty, large, small, large, small};

    for (size_t i = 0; i < 6; i++) {
        package_fixture_add(fixture, records[i]);
        assert_record(fixture, i, records[i]);
    }
    for (size_t i = 6; i-- > 0;)
        assert_record(fixture, i, records[i]);
}

static void
records_lie_one_behind_the_other(void **state)
{
    struct package_fixture *fixture = *state;
    uint64_t offset = 0;

    for (size_t i = 0; i < 2000; i++) {
        struct slice record = package_fixture_noise(fixture, 500 + i * 3);

        package_fixture_add(fixture, record);
        assert_int_equal(fixture->records[i].offset, offset);
        assert_int_equal(fixture->records[i].length, record.length);
        offset += record.length;
    }
    for (size_t i = 0; i < 2000; i += 97)
        assert_record(fixture, i, package_fixture_noise(fixture, 500 + i * 3));
}

static void
a_restart_forgets(void **state)
{
    struct package_fixture *fixture = *state;

    package_fixture_add(fixture, package_fixture_noise(fixture, 3000000));
    package_fixture_add(fixture, slice_of("pending"));
    assert_true(spool_restart(fixture->spool, &fixture->err));
    fixture->count = 0;
    package_fixture_add(fixture, slice_of("anew"));
    assert_int_equal(fixture->records[0].offset, 0);
    assert_record(fixture, 0, slice_of("anew"));
    /* What was there before is gone. */
    assert_false(spool_read(fixture->spool, 4, (char[1]){0}, 1, &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_INTERNAL);
}

static void
the_file_has_no_name_and_one_reader(void **state)
{
    struct package_fixture *fixture = *state;
    struct scratch scratch;
    struct stat info;

    assert_true(scratch_open(&scratch, fixture->folder, &fixture->err));
    assert_int_equal(fstat(scratch.fd, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_nlink, 0);
    scratch_close(&scratch);
    assert_int_equal(package_fixture_count_files(fixture), 0);
}

static void
a_missing_folder_is_told(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    assert_null(spool_open("/nonexistent/spool", &err));
    assert_int_equal(err.code, ERROR_WRITE);
    assert_string_equal(err.text, "spool: cannot make a temporary file in '/nonexistent/spool': No "
                                  "such file or directory");
    assert_non_null(strstr(err.hint, "has to exist"));
    spool_close(NULL);
}

/* A limit on the size of files stands for a disk that is full. */
static bool
append_past_a_limit(struct package_fixture *fixture)
{
    const struct rlimit limit = {2000000, 2000000};
    struct spool_record place;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return false;
    for (int i = 0; i < 100; i++)
        if (!spool_append(fixture->spool, package_fixture_noise(fixture, 100000), &place,
                          &fixture->err))
            break;
    return fixture->err.code == ERROR_WRITE &&
           strcmp(fixture->err.text, arena_format(fixture->arena,
                                                  "spool: temporary file: cannot write '%s': File "
                                                  "too large",
                                                  fixture->folder)) == 0 &&
           strstr(fixture->err.hint, "MB are free in");
}

static void
a_full_disk_is_told(void **state)
{
    assert_true(package_fixture_in_child(append_past_a_limit, *state));
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, package_fixture_set_up, package_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(records_come_back),        TEST(records_lie_one_behind_the_other),
    TEST(a_restart_forgets),        TEST(the_file_has_no_name_and_one_reader),
    TEST(a_missing_folder_is_told), TEST(a_full_disk_is_told),
};

UNIT_MAIN(tests)
