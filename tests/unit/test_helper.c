#include "unit.h"

#include "base/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const shout[] = {"/bin/sh", "-c", "tr a-z A-Z; echo $X_NAME", NULL};
static const char *const fail[] = {"/bin/sh", "-c", "echo no >&2; exit 3", NULL};
static const char *const wait_long[] = {"/bin/sh", "-c", "sleep 1000", NULL};
static const char *const missing[] = {"/nowhere/program", NULL};
static const char *const other[] = {"/bin/sh", "-c", "true", NULL};
static const struct helper_program programs[] = {
    {shout, 60}, {fail, 60}, {wait_long, 0}, {missing, 60}};

static struct helper *
begin(void)
{
    struct error err = ERROR_INIT;
    struct helper *helper = helper_start(programs, sizeof programs / sizeof *programs, "X_", &err);

    assert_non_null(helper);
    return helper;
}

static bool
run(struct helper *helper, const char *const *arguments, const char *variable, struct buffer *out,
    struct error *err)
{
    const char *variables[] = {variable, NULL};
    struct program program = {arguments, variables, {"hello\n", 6}, 60};

    *err = ERROR_INIT;
    return helper_run(helper, &program, out, err);
}

static void
runs_what_it_knows(void **state)
{
    struct helper *helper = begin();
    struct buffer out = BUFFER_INIT;
    struct error err;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(run(helper, shout, "X_NAME=one", &out, &err));
        assert_int_equal(out.length, strlen("HELLO\none\n"));
        assert_memory_equal(out.data, "HELLO\none\n", out.length);
        assert_false(run(helper, fail, NULL, &out, &err));
        assert_int_equal(err.code, ERROR_UNAVAILABLE);
        assert_string_equal(err.text, "ended with the exit status 3");
        assert_memory_equal(out.data, "no\n", out.length);
        assert_false(run(helper, wait_long, NULL, &out, &err));
        assert_string_equal(err.text, "took longer than 0 s, and was ended");
        assert_false(run(helper, missing, NULL, &out, &err));
        /* Under valgrind, which has no vfork, only the status 127 tells. */
        assert_true(err.code == ERROR_CONFIG || strstr(err.text, "127"));
    }
    buffer_free(&out);
    helper_stop(helper);
}

/* Whoever asks for something else is not our program any more, and is not answered again. */
static void
runs_nothing_else(void **state)
{
    static const char *const preload = "LD_PRELOAD=/tmp/evil.so";
    struct buffer out = BUFFER_INIT;
    struct error err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct helper *helper = begin();

        assert_false(
            run(helper, i == 0 ? other : shout, i == 0 ? "X_NAME=one" : preload, &out, &err));
        assert_string_equal(err.text, "cannot be started: the helper process has ended");
        assert_false(run(helper, shout, "X_NAME=one", &out, &err));
        assert_int_equal(err.code, ERROR_INTERNAL);
        helper_stop(helper);
    }
    buffer_free(&out);
}

/* It holds nothing of ours: what we close is closed. */
static void
lets_go(void **state)
{
    int line[2];
    char byte;
    struct helper *helper;

    (void)state;
    assert_int_equal(pipe(line), 0);
    helper = begin();
    close(line[1]);
    assert_int_equal(read(line[0], &byte, 1), 0);
    close(line[0]);
    helper_stop(helper);
    helper_stop(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_what_it_knows),
        cmocka_unit_test(runs_nothing_else),
        cmocka_unit_test(lets_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
