#include "unit.h"

#include "base/buffer.h"
#include "base/file.h"
#include "package_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

/* What the reader got: every name and document. */
struct heard {
    struct buffer text;
    size_t documents;
    size_t read_most; /* of each document */
    bool refuse;
};

static bool
hear(void *context, const char *name, int fd, struct error *err)
{
    struct heard *heard = context;
    size_t got = 0;

    heard->documents++;
    buffer_format(&heard->text, "%s: ", name);
    while (got < heard->read_most) {
        char chunk[4096];
        size_t left = heard->read_most - got;
        ssize_t length = read(fd, chunk, left < sizeof chunk ? left : sizeof chunk);

        if (length <= 0)
            break;
        buffer_add(&heard->text, chunk, (size_t)length);
        got += (size_t)length;
    }
    return !heard->refuse || error_set(err, ERROR_DATA, "'%s' is refused", name);
}

static bool
read_package(struct package_fixture *fixture, const char *path, struct heard *heard)
{
    fixture->err = ERROR_INIT;
    return package_read(path, hear, heard, &fixture->err);
}

static const char *
build(struct package_fixture *fixture)
{
    assert_true(package_fixture_build(fixture));
    return fixture->packages.items[0].path;
}

static void
documents_come_back_in_order(void **state)
{
    struct package_fixture *fixture = *state;
    struct heard heard = {.read_most = SIZE_MAX};

    fixture->options.records_per_file = 2;
    package_fixture_add_many(fixture, 5);
    assert_true(read_package(fixture, build(fixture), &heard));
    buffer_add(&heard.text, "", 1);
    assert_string_equal(heard.text.data, "users-0001.xml: <users>\n<1/><2/></users>\n"
                                         "users-0002.xml: <users>\n<3/><4/></users>\n"
                                         "users-0003.xml: <users>\n<5/></users>\n");
    buffer_free(&heard.text);
}

static void
large_documents_come_back(void **state)
{
    struct package_fixture *fixture = *state;
    struct heard heard = {.read_most = SIZE_MAX};

    package_fixture_add(fixture, package_fixture_noise(fixture, 3000000));
    assert_true(read_package(fixture, build(fixture), &heard));
    assert_int_equal(heard.text.length, strlen("users-0001.xml: <users>\n</users>\n") + 3000000);
    buffer_free(&heard.text);
}

/* A reader may stop early, of a document or of all: nobody is left hanging or killed. */
static void
readers_may_stop(void **state)
{
    struct package_fixture *fixture = *state;
    struct heard part = {.read_most = 10}, none = {.refuse = true};
    const char *path;

    fixture->options.records_per_file = 1;
    for (int i = 0; i < 3; i++)
        package_fixture_add(fixture, package_fixture_noise(fixture, 1000000));
    path = build(fixture);
    assert_true(read_package(fixture, path, &part));
    assert_int_equal(part.documents, 3);
    assert_false(read_package(fixture, path, &none));
    assert_int_equal(none.documents, 1);
    assert_string_equal(fixture->err.text, "'users-0001.xml' is refused");
    buffer_free(&part.text);
    buffer_free(&none.text);
}

static void
write_file(const char *path, struct slice content)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.length, file), content.length);
    assert_int_equal(fclose(file), 0);
}

static void
assert_unreadable(struct package_fixture *fixture, const char *doing, const char *path,
                  const char *reason)
{
    struct heard heard = {.read_most = SIZE_MAX};

    assert_false(read_package(fixture, path, &heard));
    assert_int_equal(fixture->err.code, ERROR_DATA);
    assert_string_equal(fixture->err.text,
                        arena_format(fixture->arena, "cannot %s '%s': %s", doing, path, reason));
    buffer_free(&heard.text);
}

static void
what_is_no_package_is_told(void **state)
{
    struct package_fixture *fixture = *state;
    char *path = package_fixture_path(fixture, "other.zip");

    assert_unreadable(fixture, "read", "/nonexistent.zip", "No such file");
    write_file(path, slice_of("this is no ZIP"));
    assert_unreadable(fixture, "read", path, "Not a zip archive");
}

/* Whatever the reader thinks of a document, damage is what is told. */
static void
damage_is_found(void **state)
{
    struct package_fixture *fixture = *state;
    struct heard heard = {.refuse = true, .read_most = SIZE_MAX};
    const char *path;
    struct slice content;
    char *bytes;

    package_fixture_add(fixture, package_fixture_noise(fixture, 100000));
    path = build(fixture);
    assert_true(file_read(fixture->arena, path, 1 << 20, &content, &fixture->err));
    bytes = arena_copy(fixture->arena, content.data, content.length);
    bytes[40000] ^= 0x20;
    write_file(path, (struct slice){bytes, content.length});
    assert_false(read_package(fixture, path, &heard));
    assert_memory_equal(fixture->err.text, "cannot unpack '", 15);
    buffer_free(&heard.text);
    write_file(path, (struct slice){content.data, content.length - 10});
    assert_unreadable(fixture, "read", path, "Not a zip archive");
}

static void
a_wrong_checksum_is_found(void **state)
{
    struct package_fixture *fixture = *state;
    const char *path;
    struct slice content;
    char *bytes;

    package_fixture_add_many(fixture, 10);
    path = build(fixture);
    assert_true(file_read(fixture->arena, path, 1 << 20, &content, &fixture->err));
    bytes = arena_copy(fixture->arena, content.data, content.length);
    /* The checksum in the local header and in the directory, so that they still agree. */
    bytes[14] ^= 1;
    for (size_t i = 30; i + 46 < content.length; i++)
        if (memcmp(bytes + i, "PK\001\002", 4) == 0)
            bytes[i + 16] ^= 1;
    write_file(path, (struct slice){bytes, content.length});
    assert_unreadable(fixture, "unpack", path, "CRC error");
}

/* Others' packages may hold folders, and documents that are not compressed. */
static void
folders_in_a_package_are_passed_over(void **state)
{
    struct package_fixture *fixture = *state;
    char *path = package_fixture_path(fixture, "other.zip");
    zip_t *zip = zip_open(path, ZIP_CREATE, NULL);
    struct heard heard = {.read_most = SIZE_MAX};
    zip_source_t *source;

    assert_non_null(zip);
    assert_true(zip_dir_add(zip, "folder", 0) >= 0);
    source = zip_source_buffer(zip, "<users/>", 8, 0);
    assert_non_null(source);
    assert_true(zip_file_add(zip, "folder/a.xml", source, 0) >= 0);
    assert_int_equal(zip_set_file_compression(zip, 1, ZIP_CM_STORE, 0), 0);
    assert_int_equal(zip_close(zip), 0);
    assert_true(read_package(fixture, path, &heard));
    buffer_add(&heard.text, "", 1);
    assert_string_equal(heard.text.data, "folder/a.xml: <users/>");
    buffer_free(&heard.text);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, package_fixture_set_up, package_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(documents_come_back_in_order),
    TEST(large_documents_come_back),
    TEST(readers_may_stop),
    TEST(what_is_no_package_is_told),
    TEST(damage_is_found),
    TEST(a_wrong_checksum_is_found),
    TEST(folders_in_a_package_are_passed_over),
};

UNIT_MAIN(tests)
