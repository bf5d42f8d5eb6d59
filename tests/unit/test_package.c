#include "unit.h"

#include "base/buffer.h"
#include "base/file.h"
#include "package_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

/* What a package should hold: the documents that a plain loop over the records makes. */
static struct slice
expected_document(struct package_fixture *fixture, size_t first, size_t count)
{
    struct buffer text = BUFFER_INIT;
    struct slice result;

    buffer_add(&text, fixture->options.document_begin.data, fixture->options.document_begin.length);
    for (size_t i = first; i < first + count; i++) {
        struct spool_record place = fixture->records[i];

        assert_true(spool_read(fixture->spool, place.offset, buffer_reserve(&text, place.length),
                               place.length, &fixture->err));
        text.length += place.length;
    }
    buffer_add(&text, fixture->options.document_end.data, fixture->options.document_end.length);
    result = arena_slice(fixture->arena, (struct slice){text.data, text.length});
    buffer_free(&text);
    return result;
}

static void
assert_member(struct package_fixture *fixture, zip_t *zip, zip_uint64_t index,
              struct slice expected)
{
    char name[32];
    char *data = arena_bytes(fixture->arena, expected.length + 1);
    zip_file_t *file = zip_fopen_index(zip, index, 0);

    snprintf(name, sizeof name, "users-%04d.xml", (int)index + 1);
    assert_string_equal(zip_get_name(zip, index, 0), name);
    assert_non_null(file);
    assert_int_equal(zip_fread(file, data, expected.length + 1), expected.length);
    assert_true(slice_equal((struct slice){data, expected.length}, expected));
    assert_int_equal(zip_fclose(file), 0);
}

/* Every record is in the packages, once, in its order, in documents as large as allowed. */
static void
assert_packages_hold_all(struct package_fixture *fixture)
{
    unsigned records_per_file = fixture->options.records_per_file;
    size_t first = 0;

    for (size_t i = 0; i < fixture->packages.count; i++) {
        struct package *package = &fixture->packages.items[i];
        zip_t *zip = zip_open(package->path, ZIP_RDONLY | ZIP_CHECKCONS, NULL);
        size_t before = first;

        assert_non_null(zip);
        assert_int_equal(zip_get_num_entries(zip, 0), package->files);
        assert_in_range(package->files, 1, fixture->options.files_per_package);
        for (uint64_t file = 0; file < package->files; file++) {
            size_t left = fixture->count - first;
            size_t count = left < records_per_file ? left : records_per_file;

            assert_member(fixture, zip, file, expected_document(fixture, first, count));
            first += count;
        }
        assert_int_equal(package->records, first - before);
        zip_discard(zip);
    }
    assert_int_equal(first, fixture->count);
}

static void
records_are_split_at_the_limits(void **state)
{
    static const struct {
        size_t records;
        unsigned records_per_file, files_per_package;
        size_t packages;
    } cases[] = {{1, 1, 1, 1},   {2, 1, 1, 2},   {3, 2, 1, 2},   {4, 2, 2, 1},  {5, 2, 2, 2},
                 {10, 10, 1, 1}, {11, 10, 1, 2}, {100, 7, 3, 5}, {9, 1, 50, 1}, {7, 100, 50, 1}};
    struct package_fixture *fixture = *state;

    package_fixture_add_many(fixture, 100);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture->count = cases[i].records;
        fixture->options.prefix = arena_format(fixture->arena, "case%zu", i);
        fixture->options.records_per_file = cases[i].records_per_file;
        fixture->options.files_per_package = cases[i].files_per_package;
        assert_true(package_fixture_build(fixture));
        assert_int_equal(fixture->packages.count, cases[i].packages);
        assert_packages_hold_all(fixture);
    }
}

static void
no_records_make_no_package(void **state)
{
    struct package_fixture *fixture = *state;

    assert_true(package_fixture_build(fixture));
    assert_int_equal(fixture->packages.count, 0);
    assert_int_equal(package_fixture_count_files(fixture), 0);
}

static void
packages_are_described(void **state)
{
    struct package_fixture *fixture = *state;
    char digest[DIGEST_TEXT_BYTES];
    struct package *package;
    struct stat info;

    package_fixture_add_many(fixture, 5);
    assert_true(package_fixture_build(fixture));
    package = &fixture->packages.items[0];
    assert_string_equal(package->name, "test-01.zip");
    assert_string_equal(package->path, package_fixture_path(fixture, "test-01.zip"));
    assert_int_equal(stat(package->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(package->bytes, info.st_size);
    assert_true(digest_file(package->path, digest, &fixture->err));
    assert_string_equal(package->sha256, digest);
    assert_int_equal(package_fixture_count_files(fixture), 1);
}

static void
names_keep_their_order(void **state)
{
    struct package_fixture *fixture = *state;

    fixture->options.records_per_file = 1;
    fixture->options.files_per_package = 1;
    fixture->options.max_packages = 1000;
    package_fixture_add_many(fixture, 100);
    fixture->count = 99;
    assert_true(package_fixture_build(fixture));
    assert_string_equal(fixture->packages.items[0].name, "test-01.zip");
    assert_string_equal(fixture->packages.items[98].name, "test-99.zip");
    fixture->count = 100;
    fixture->options.prefix = "more";
    assert_true(package_fixture_build(fixture));
    assert_string_equal(fixture->packages.items[0].name, "more-001.zip");
    assert_string_equal(fixture->packages.items[99].name, "more-100.zip");
}

static void
chosen_records_go_out_in_the_given_order(void **state)
{
    static const size_t chosen[] = {4, 5, 6, 1, 9, 8, 0};
    struct package_fixture *fixture = *state;
    struct spool_record records[7];

    package_fixture_add_many(fixture, 10);
    for (size_t i = 0; i < 7; i++)
        records[i] = fixture->records[chosen[i]];
    memcpy(fixture->records, records, sizeof records);
    fixture->count = 7;
    assert_true(package_fixture_build(fixture));
    assert_slice(expected_document(fixture, 0, 7),
                 "<users>\n<5/><6/><7/><2/><10/><9/><1/></users>\n");
    assert_packages_hold_all(fixture);
}

static void
what_lies_between_records_is_left_out(void **state)
{
    struct package_fixture *fixture = *state;

    for (size_t i = 0; i < 600; i++) {
        package_fixture_add(fixture, package_fixture_noise(fixture, i * i % 9001));
        fixture->count--;
        package_fixture_add(fixture, package_fixture_noise(fixture, i * 7919 % 3001));
    }
    fixture->options.records_per_file = 599;
    assert_true(package_fixture_build(fixture));
    assert_packages_hold_all(fixture);
}

static void
documents_of_any_size_come_back(void **state)
{
    /* Around the packager's buffers of 256 KiB, and far beyond. */
    static const size_t sizes[] = {0,      1,      262126, 262127, 262128,  262129, 262143,
                                   262144, 262145, 524271, 524272, 1 << 20, 5000000};
    struct package_fixture *fixture = *state;

    fixture->options.records_per_file = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, sizes[i]));
    assert_true(package_fixture_build(fixture));
    assert_packages_hold_all(fixture);
    fixture->options.records_per_file = 100;
    fixture->options.prefix = "together";
    assert_true(package_fixture_build(fixture));
    assert_packages_hold_all(fixture);
}

static void
a_package_keeps_below_its_size(void **state)
{
    struct package_fixture *fixture = *state;

    fixture->options.records_per_file = 1;
    fixture->options.max_size = 100000;
    for (size_t i = 0; i < 30; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, 10000 + i * 1000));
    assert_true(package_fixture_build(fixture));
    assert_in_range(fixture->packages.count, 5, 15);
    for (size_t i = 0; i < fixture->packages.count; i++) {
        assert_in_range(fixture->packages.items[i].bytes, 1, 100000);
        /* No more packages than needed: this one and the next one's first file are too large. */
        assert_true(i + 1 == fixture->packages.count ||
                    fixture->packages.items[i].bytes + 38000 > 100000);
    }
    assert_packages_hold_all(fixture);
}

static void
a_document_beyond_the_size_is_an_error(void **state)
{
    struct package_fixture *fixture = *state;

    fixture->options.max_size = 50000;
    package_fixture_add_many(fixture, 99);
    package_fixture_add(fixture, package_fixture_noise(fixture, 100000));
    package_fixture_add_many(fixture, 5);
    assert_false(package_fixture_build(fixture));
    assert_int_equal(fixture->err.code, ERROR_CONFIG);
    assert_non_null(strstr(fixture->err.text, "a document of 100 people makes a package of "));
    assert_non_null(strstr(fixture->err.text, " bytes, max_size is 50000"));
    assert_string_equal(fixture->err.hint, "Lower records_per_file (100) or raise max_size.");
    assert_int_equal(package_fixture_count_files(fixture), 0);
}

static void
too_many_packages_are_an_error(void **state)
{
    struct package_fixture *fixture = *state;

    fixture->options.records_per_file = 1;
    fixture->options.files_per_package = 2;
    fixture->options.max_packages = 3;
    package_fixture_add_many(fixture, 7);
    fixture->count = 6;
    assert_true(package_fixture_build(fixture));
    fixture->count = 7;
    fixture->options.prefix = "more";
    assert_false(package_fixture_build(fixture));
    assert_int_equal(fixture->err.code, ERROR_CONFIG);
    assert_string_equal(fixture->err.text, "7 people make 4 packages, max_packages is 3");
    assert_int_equal(package_fixture_count_files(fixture), 3);
}

static unsigned
number_at(struct slice file, size_t offset, unsigned bytes)
{
    unsigned number = 0;

    for (unsigned i = bytes; i-- > 0;)
        number = number << 8 | (unsigned char)file.data[offset + i];
    return number;
}

/* APPNOTE.TXT section 4.3.7: what a reader finds that goes through the file front to back. */
static void
local_headers_know_the_sizes(void **state)
{
    struct package_fixture *fixture = *state;
    struct slice file;
    size_t offset = 0;

    fixture->options.records_per_file = 3;
    package_fixture_add_many(fixture, 9);
    assert_true(package_fixture_build(fixture));
    assert_true(
        file_read(fixture->arena, fixture->packages.items[0].path, 1 << 20, &file, &fixture->err));
    for (int i = 0; i < 3; i++) {
        unsigned flags = number_at(file, offset + 6, 2);
        struct slice document = expected_document(fixture, (size_t)i * 3, 3);

        assert_int_equal(number_at(file, offset, 4), 0x04034b50);
        assert_int_equal(number_at(file, offset + 4, 2), 20);
        assert_int_equal(flags & 0x0008, 0);
        assert_int_equal(number_at(file, offset + 8, 2), 8);
        assert_int_equal(number_at(file, offset + 10, 2), 3 << 11);
        assert_int_equal(number_at(file, offset + 12, 2), (2026 - 1980) << 9 | 9 << 5 | 1);
        assert_int_equal(number_at(file, offset + 22, 4), document.length);
        assert_int_equal(number_at(file, offset + 28, 2), 0);
        offset += 30 + number_at(file, offset + 26, 2) + number_at(file, offset + 18, 4);
    }
    assert_int_equal(number_at(file, offset, 4), 0x02014b50);
}

static void
assert_same_package(struct package_fixture *fixture, const char *prefix, const char *sha256)
{
    fixture->options.prefix = prefix;
    assert_true(package_fixture_build(fixture));
    assert_string_equal(fixture->packages.items[0].sha256, sha256);
}

static void
the_same_people_make_the_same_bytes(void **state)
{
    struct package_fixture *fixture = *state;
    char sha256[DIGEST_TEXT_BYTES];

    fixture->options.records_per_file = 400;
    for (size_t i = 0; i < 1000; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, 1000 + i));
    assert_true(package_fixture_build(fixture));
    memcpy(sha256, fixture->packages.items[0].sha256, sizeof sha256);
    assert_same_package(fixture, "again", sha256);
    fixture->options.threads = 4;
    assert_same_package(fixture, "threads", sha256);
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    assert_same_package(fixture, "zone", sha256);
    unsetenv("TZ");
    /* Elsewhere in the spool, with others in between. */
    fixture->count = 0;
    for (size_t i = 0; i < 1000; i++) {
        package_fixture_add(fixture, slice_of("somebody else"));
        fixture->count--;
        package_fixture_add(fixture, package_fixture_noise(fixture, 1000 + i));
    }
    assert_same_package(fixture, "elsewhere", sha256);
    fixture->options.time += 60;
    fixture->options.prefix = "later";
    assert_true(package_fixture_build(fixture));
    assert_string_not_equal(fixture->packages.items[0].sha256, sha256);
}

static void
several_threads_pack_the_same(void **state)
{
    struct package_fixture *fixture = *state;

    fixture->options.threads = 3;
    fixture->options.records_per_file = 10;
    package_fixture_add_many(fixture, 1234);
    fixture->options.max_packages = 1000;
    assert_true(package_fixture_build(fixture));
    assert_packages_hold_all(fixture);
}

/* A file of that name is somebody's package: it stays, and what was built beside it goes. */
static void
nothing_is_replaced(void **state)
{
    struct package_fixture *fixture = *state;
    char *path = package_fixture_path(fixture, "test-02.zip");
    struct slice content;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs("not ours", file);
    fclose(file);
    fixture->options.records_per_file = 1;
    fixture->options.files_per_package = 1;
    package_fixture_add_many(fixture, 3);
    assert_false(package_fixture_build(fixture));
    assert_int_equal(fixture->err.code, ERROR_WRITE);
    assert_string_equal(fixture->err.text,
                        arena_format(fixture->arena, "cannot make '%s': File exists", path));
    assert_int_equal(package_fixture_count_files(fixture), 1);
    assert_true(file_read(fixture->arena, path, 100, &content, &fixture->err));
    assert_slice(content, "not ours");
}

static void
a_place_outside_the_spool_is_an_error(void **state)
{
    struct package_fixture *fixture = *state;

    fixture->options.threads = 2;
    fixture->options.records_per_file = 1;
    package_fixture_add_many(fixture, 50);
    fixture->records[25].offset = 1000000;
    assert_false(package_fixture_build(fixture));
    assert_int_equal(fixture->err.code, ERROR_INTERNAL);
    assert_non_null(strstr(fixture->err.text, "spool: cannot read back"));
    assert_int_equal(package_fixture_count_files(fixture), 0);
}

static void
touch(struct package_fixture *fixture, const char *name)
{
    int fd = open(package_fixture_path(fixture, name), O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    close(fd);
}

static void
what_a_killed_build_left_is_removed(void **state)
{
    static const char *const leftovers[] = {".test-01.zip.part", ".test-01.zip.part.aBcDeF",
                                            ".ldap2alma-aBcDeF"};
    static const char *const others[] = {"test-01.zip", "test-01.zip.part", ".hidden", "lock"};
    struct package_fixture *fixture = *state;

    for (size_t i = 0; i < 3; i++)
        touch(fixture, leftovers[i]);
    for (size_t i = 0; i < 4; i++)
        touch(fixture, others[i]);
    package_clean(fixture->folder, NULL);
    assert_int_equal(package_fixture_count_files(fixture), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(access(package_fixture_path(fixture, others[i]), F_OK), 0);
    package_clean("/nonexistent", NULL);
}

static bool
build_fails_with(struct package_fixture *fixture, const char *text)
{
    if (package_fixture_build(fixture) || fixture->err.code != ERROR_WRITE ||
        !strstr(fixture->err.text, text)) {
        fprintf(stderr, "# got '%s', expected '%s'\n", fixture->err.text, text);
        return false;
    }
    return package_fixture_count_files(fixture) == 0;
}

static bool
build_past_a_limit(struct package_fixture *fixture)
{
    const struct rlimit limit = {250000, 250000};

    signal(SIGXFSZ, SIG_IGN);
    return setrlimit(RLIMIT_FSIZE, &limit) == 0 && build_fails_with(fixture, "File too large");
}

static void
a_limit_on_file_sizes_is_told(void **state)
{
    struct package_fixture *fixture = *state;

    for (size_t i = 0; i < 4; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, 100000));
    assert_true(package_fixture_in_child(build_past_a_limit, fixture));
}

static bool
build_on_a_small_disk(struct package_fixture *fixture)
{
    char *folder = package_fixture_path(fixture, "disk");

    /* Without the right to mount there is nothing to test here. */
    if (mkdir(folder, 0700) < 0 ||
        unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0 ||
        mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", folder, "tmpfs", 0, "size=600k") < 0) {
        printf("# cannot mount a small disk: %s\n", strerror(errno));
        return true;
    }
    snprintf(fixture->folder, sizeof fixture->folder, "%s", folder);
    return build_fails_with(fixture, "No space left on device") && fixture->err.hint[0];
}

static void
a_full_disk_is_told(void **state)
{
    struct package_fixture *fixture = *state;

    /* 400 kB deflated fit, the ZIP beside them does not. */
    for (size_t i = 0; i < 4; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, 100000));
    assert_true(package_fixture_in_child(build_on_a_small_disk, fixture));
    rmdir(package_fixture_path(fixture, "disk"));
    /* Then not even the documents fit. */
    for (size_t i = 0; i < 4; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, 1000000));
    assert_true(package_fixture_in_child(build_on_a_small_disk, fixture));
    rmdir(package_fixture_path(fixture, "disk"));
}

static bool
build_without_rights(struct package_fixture *fixture)
{
    enum { NOBODY = 65534 };

    if (geteuid() == 0 && (setegid(NOBODY) < 0 || seteuid(NOBODY) < 0))
        return false;
    fixture->err = ERROR_INIT;
    return !package_fixture_build(fixture) && fixture->err.code == ERROR_WRITE &&
           strcmp(fixture->err.text,
                  arena_format(fixture->arena,
                               "cannot make a temporary file in '%s': Permission denied",
                               fixture->folder)) == 0;
}

static void
a_folder_that_cannot_be_written_is_told(void **state)
{
    struct package_fixture *fixture = *state;

    package_fixture_add_many(fixture, 3);
    assert_int_equal(chmod(fixture->folder, 0555), 0);
    assert_true(package_fixture_in_child(build_without_rights, fixture));
    assert_int_equal(chmod(fixture->folder, 0700), 0);
}

static void
remember_progress(void *context, const struct progress *progress)
{
    struct progress *last = context;

    assert_true(progress->done > last->done);
    *last = *progress;
}

static void
progress_counts_people(void **state)
{
    struct package_fixture *fixture = *state;
    struct progress last = {0};
    struct messenger messenger = {.progress = remember_progress, .context = &last};

    package_fixture_add_many(fixture, 250);
    assert_true(package_build(fixture->spool, fixture->records, fixture->count, &fixture->options,
                              fixture->arena, &messenger, &fixture->packages, &fixture->err));
    assert_int_equal(last.done, 250);
    assert_int_equal(last.total, 250);
    assert_string_equal(last.phase, "packing");
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, package_fixture_set_up, package_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(records_are_split_at_the_limits),
    TEST(no_records_make_no_package),
    TEST(packages_are_described),
    TEST(names_keep_their_order),
    TEST(chosen_records_go_out_in_the_given_order),
    TEST(what_lies_between_records_is_left_out),
    TEST(documents_of_any_size_come_back),
    TEST(a_package_keeps_below_its_size),
    TEST(a_document_beyond_the_size_is_an_error),
    TEST(too_many_packages_are_an_error),
    TEST(local_headers_know_the_sizes),
    TEST(the_same_people_make_the_same_bytes),
    TEST(several_threads_pack_the_same),
    TEST(nothing_is_replaced),
    TEST(a_place_outside_the_spool_is_an_error),
    TEST(what_a_killed_build_left_is_removed),
    TEST(a_limit_on_file_sizes_is_told),
    TEST(a_full_disk_is_told),
    TEST(a_folder_that_cannot_be_written_is_told),
    TEST(progress_counts_people),
};

UNIT_MAIN(tests)
