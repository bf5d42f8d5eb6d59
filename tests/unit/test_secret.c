#include "unit.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/l2a-secret-XXXXXX";
static char path[64];

static int
make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/secret", folder);
    return 0;
}

static int
drop_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void
put(const char *text, size_t length, mode_t mode)
{
    FILE *file;

    unlink(path); /* the last one may be read-only, even for us */
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static bool
load(struct secret *secret, struct error *err)
{
    const struct secret_source source = {.file = path};

    *secret = (struct secret){NULL, 0, 0};
    *err = ERROR_INIT;
    return secret_load(&source, "the password of the bind", secret, err);
}

static void
one_trailing_newline_is_ignored(void **state)
{
    static const struct {
        const char *text, *secret;
    } cases[] = {
        {"s3cret\n", "s3cret"}, {"s3cret", "s3cret"}, {" a \n\n", " a \n"}, {"x\r\n", "x"}};
    struct secret secret;
    struct error err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put(cases[i].text, strlen(cases[i].text), 0600);
        assert_true(load(&secret, &err));
        assert_string_equal(secret.data, cases[i].secret);
        assert_int_equal(secret.length, strlen(cases[i].secret));
        secret_wipe(&secret);
        assert_null(secret.data);
        secret_wipe(&secret);
    }
}

static void
assert_refused(enum error_code code, const char *text)
{
    struct secret secret;
    struct error err;
    char expected[256];

    assert_false(load(&secret, &err));
    snprintf(expected, sizeof expected, text, path);
    assert_string_equal(err.text, expected);
    assert_int_equal(err.code, code);
    assert_null(secret.data);
}

static void
unusable_secrets_are_refused(void **state)
{
    char *large = memset(malloc(70000), 'x', 70000);

    (void)state;
    put("", 0, 0600);
    assert_refused(ERROR_CONFIG, "the password of the bind is empty");
    put("\n", 1, 0600);
    assert_refused(ERROR_CONFIG, "the password of the bind is empty");
    put("a\0b", 3, 0600);
    assert_refused(ERROR_CONFIG, "the password of the bind holds a NUL byte");
    put(large, 70000, 0600);
    assert_refused(ERROR_CONFIG, "the password of the bind is longer than 65534 bytes");
    put("x", 1, 0640);
    assert_refused(ERROR_PERMISSION,
                   "the password of the bind is in '%s', which others may read (mode 0640)");
    put("x", 1, 0604);
    assert_refused(ERROR_PERMISSION,
                   "the password of the bind is in '%s', which others may read (mode 0604)");
    unlink(path);
    assert_refused(ERROR_CONFIG, "cannot read the password of the bind from '%s': "
                                 "No such file or directory");
    free(large);
}

static void
credentials_and_variables_are_read(void **state)
{
    struct secret_source source = {.credential = "secret"};
    struct secret secret = {NULL, 0, 0};
    struct error err = ERROR_INIT;

    (void)state;
    put("from systemd\n", 13, 0440);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_false(secret_load(&source, "the password", &secret, &err));
    assert_string_equal(err.text, "the password is the credential 'secret', but there are no "
                                  "credentials here");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    assert_true(secret_load(&source, "the password", &secret, &err));
    assert_string_equal(secret.data, "from systemd");
    secret_wipe(&secret);
    source.credential = "../secret";
    assert_false(secret_load(&source, "the password", &secret, &err));
    source = (struct secret_source){.environment = "L2A_TEST_SECRET"};
    assert_false(secret_load(&source, "the password", &secret, &err));
    assert_string_equal(err.text,
                        "the password is the variable 'L2A_TEST_SECRET', which is not set");
    setenv("L2A_TEST_SECRET", "from here", 1);
    assert_true(secret_load(&source, "the password", &secret, &err));
    assert_string_equal(secret.data, "from here");
    secret_wipe(&secret);
}

static void
files_are_read_and_hashed(void **state)
{
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;
    struct slice text;
    char digest[DIGEST_TEXT_BYTES];

    (void)state;
    put("abc", 3, 0600);
    assert_true(file_read(arena, path, 3, &text, &err));
    assert_slice(text, "abc");
    assert_false(file_read(arena, path, 2, &text, &err));
    assert_false(file_read(arena, folder, 100, &text, &err));
    assert_true(digest_file(path, digest, &err));
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(file_relative_to(arena, "/etc/l/a.yaml", "b/c"), "/etc/l/b/c");
    assert_string_equal(file_relative_to(arena, "/etc/l/a.yaml", "/b"), "/b");
    assert_string_equal(file_relative_to(arena, "a.yaml", "b"), "b");
    assert_string_equal(file_folder(arena, "/a"), "/");
    assert_string_equal(file_folder(arena, "a"), ".");
    assert_string_equal(file_folder(arena, "/a/b"), "/a");
    assert_string_equal(file_name("/a/b"), "b");
    arena_free(arena);
}

static void
a_file_for_others_is_looked_at(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    put("keys", 4, 0600);
    assert_true(secret_check_file(path, "the keytab", &err));
    put("keys", 4, 0640);
    assert_false(secret_check_file(path, "the keytab", &err));
    assert_int_equal(err.code, ERROR_PERMISSION);
    assert_non_null(strstr(err.text, "others may read (mode 0640)"));
    unlink(path);
    assert_false(secret_check_file(path, "the keytab", &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "cannot read the keytab from"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_for_others_is_looked_at),
    cmocka_unit_test(one_trailing_newline_is_ignored),
    cmocka_unit_test(unusable_secrets_are_refused),
    cmocka_unit_test(credentials_and_variables_are_read),
    cmocka_unit_test(files_are_read_and_hashed),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
