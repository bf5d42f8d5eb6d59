#include "unit.h"

#include "base/file.h"
#include "base/probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The last probe, with its texts copied. */
struct told {
    unsigned count;
    struct probe probe;
    char text[1024], hint[1024];
};

static void
take(void *context, const struct probe *probe)
{
    struct told *told = context;

    told->count++;
    told->probe = *probe;
    snprintf(told->text, sizeof told->text, "%s", probe->text);
    snprintf(told->hint, sizeof told->hint, "%s", probe->hint);
}

static void
test_success_has_no_hint(void **state)
{
    struct told told = {0};

    (void)state;
    probe_ok(&(struct probe_sink){take, &told}, "stage.what", "all %d are there", 3);
    assert_int_equal(told.count, 1);
    assert_string_equal(told.probe.name, "stage.what");
    assert_int_equal(told.probe.verdict, PROBE_OK);
    assert_string_equal(told.text, "all 3 are there");
    assert_string_equal(told.hint, "");
}

static void
test_a_warning_says_what_to_do(void **state)
{
    struct told told = {0};

    (void)state;
    probe_warn(&(struct probe_sink){take, &told}, "stage.what", "Do it.", "'%s' is missing", "x");
    assert_int_equal(told.probe.verdict, PROBE_WARNING);
    assert_int_equal(told.probe.code, ERROR_NONE);
    assert_string_equal(told.text, "'x' is missing");
    assert_string_equal(told.hint, "Do it.");
}

static void
test_an_error_fails_or_is_a_doubt(void **state)
{
    struct error err = ERROR_INIT;
    struct told told = {0};

    (void)state;
    error_set(&err, ERROR_WRITE, "it is full");
    error_hint(&err, "Make room.");
    probe_fail(&(struct probe_sink){take, &told}, "stage.what", &err);
    assert_int_equal(told.probe.verdict, PROBE_FAILURE);
    assert_int_equal(told.probe.code, ERROR_WRITE);
    probe_doubt(&(struct probe_sink){take, &told}, "stage.what", &err);
    assert_int_equal(told.probe.verdict, PROBE_WARNING);
    assert_int_equal(told.probe.code, ERROR_NONE);
    assert_string_equal(told.text, "it is full");
    assert_string_equal(told.hint, "Make room.");
}

static void
test_a_long_text_is_cut(void **state)
{
    struct told told = {0};
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    probe_ok(&(struct probe_sink){take, &told}, "stage.what", "%s", text);
    assert_int_equal(strlen(told.text), sizeof told.text - 1);
}

static void
test_what_may_be_made(void **state)
{
    char folder[] = "/tmp/ldap2alma-probe-XXXXXX";
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;
    const char *file;
    FILE *made;

    (void)state;
    assert_non_null(mkdtemp(folder));
    file = arena_format(arena, "%s/file", folder);
    made = fopen(file, "w");
    assert_non_null(made);
    fclose(made);
    assert_string_equal(file_existing(arena, arena_format(arena, "%s/a/b/c", folder)), folder);
    assert_string_equal(file_existing(arena, file), file);
    assert_string_equal(file_existing(arena, "no/such/folder"), ".");
    assert_true(file_may_make_folder(arena_format(arena, "%s/a/b/c", folder), &err));
    assert_false(file_may_make_folder(arena_format(arena, "%s/a", file), &err));
    assert_int_equal(err.code, ERROR_WRITE);
    unlink(file);
    rmdir(folder);
    arena_free(arena);
}

static void
test_names_of_verdicts(void **state)
{
    (void)state;
    assert_string_equal(probe_verdict_name(PROBE_OK), "ok");
    assert_string_equal(probe_verdict_name(PROBE_WARNING), "warning");
    assert_string_equal(probe_verdict_name(PROBE_FAILURE), "failure");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_success_has_no_hint),
    cmocka_unit_test(test_a_warning_says_what_to_do),
    cmocka_unit_test(test_an_error_fails_or_is_a_doubt),
    cmocka_unit_test(test_a_long_text_is_cut),
    cmocka_unit_test(test_what_may_be_made),
    cmocka_unit_test(test_names_of_verdicts),
};

UNIT_MAIN(tests)
