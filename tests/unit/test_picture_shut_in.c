#include "unit.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sanitizers need more memory than there is, so they are not held to a bound. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

/* As what the process ends that is shut in and does this; 128 + a signal. */
static int
try(const char *action)
{
    char path[] = BUILD_FOLDER "/tests/support/picture_captive", *name = strdup(action);
    char *words[] = {path, name, NULL}, *none[] = {NULL};
    posix_spawn_file_actions_t files;
    int status;
    pid_t pid;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_RDWR, 0);
    assert_int_equal(posix_spawn(&pid, path, &files, NULL, words, none), 0);
    posix_spawn_file_actions_destroy(&files);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    free(name);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
who_is_shut_in_can_still_work(void **state)
{
    (void)state;
    assert_int_equal(try("nothing"), 0);
    assert_int_equal(try("memory"), 0);
    assert_int_equal(try("answer"), 0);
#ifndef SANITIZED
    assert_int_equal(try("too-much-memory"), 1);
#endif
}

/* As with `ulimit -v` and `ulimit -t`: who may not raise them goes on below them. */
static void
lower_limits_of_the_caller_stay(void **state)
{
    int status;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        const struct rlimit memory = {400 << 20, 400 << 20}, seconds = {5, 5};

        prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE);
        setrlimit(RLIMIT_CPU, &seconds);
#ifndef SANITIZED
        setrlimit(RLIMIT_AS, &memory);
#endif
        (void)memory;
        _exit(try("memory"));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* A second wall behind the filter, where the kernel has it. */
static void
landlock_keeps_files_away(void **state)
{
    (void)state;
#ifndef SANITIZED
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
        print_message("# this kernel has no Landlock\n");
    else
        assert_int_equal(try("open-early"), 1);
#endif
}

static rlim_t
limit_of(pid_t pid, __rlimit_resource_t resource)
{
    struct rlimit limit;

    assert_int_equal(prlimit(pid, resource, NULL, &limit), 0);
    assert_int_equal(limit.rlim_cur, limit.rlim_max);
    return limit.rlim_max;
}

/* As it is seen from outside while it is shut in. */
static void
nothing_is_left_to_it(void **state)
{
    static const __rlimit_resource_t none[] = {RLIMIT_CORE,  RLIMIT_FSIZE,   RLIMIT_NOFILE,
                                               RLIMIT_NPROC, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE};
    char path[] = BUILD_FOLDER "/tests/support/picture_captive", name[] = "wait", byte, text[64];
    char *words[] = {path, name, NULL}, *nothing[] = {NULL};
    int lines[2], status;
    pid_t pid;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, lines), 0);
    pid = fork();
    if (pid == 0) {
        dup2(lines[1], 0);
        dup2(lines[1], 1);
        close(lines[0]);
        close(lines[1]);
        execve(path, words, nothing);
        _exit(70);
    }
    close(lines[1]);
    assert_int_equal(read(lines[0], &byte, 1), 1);
    snprintf(text, sizeof text, "/proc/%d/fd/1", (int)pid);
    assert_int_equal(readlink(text, &byte, 1), -1); /* closed, or not to be looked at */
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(limit_of(pid, none[i]), 0);
    assert_in_range(limit_of(pid, RLIMIT_CPU), 1, 20);
    assert_int_equal(write(lines[0], "x", 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(lines[0]);
}

static void
anything_else_ends_it(void **state)
{
    static const char *const actions[] = {"open",          "open-directly", "create",
                                          "unlink",        "socket",        "send-descriptor",
                                          "fork",          "execute",       "ptrace",
                                          "kill",          "release",       "read-memory",
                                          "run-memory",    "make-runnable", "share-memory",
                                          "more-limits",   "undo",          "ring",
                                          "read-elsewhere"};

    (void)state;
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (try(actions[i]) != 128 + SIGSYS) {
            print_error("'%s' ended with %d\n", actions[i], try(actions[i]));
            fail();
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_shut_in_can_still_work),
        cmocka_unit_test(lower_limits_of_the_caller_stay),
        cmocka_unit_test(landlock_keeps_files_away),
        cmocka_unit_test(nothing_is_left_to_it),
        cmocka_unit_test(anything_else_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
