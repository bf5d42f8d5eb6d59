#include "unit.h"

#include "base/file.h"
#include "base/lock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char folder[32];
    char path[64];
    struct error err;
};

static int
set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    strcpy(fixture->folder, "/tmp/l2a-lock-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof fixture->path, "%s/lock", fixture->folder);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    unlink(fixture->path);
    rmdir(fixture->folder);
    test_free(fixture);
    return 0;
}

static void
the_second_is_told_who_is_first(void **state)
{
    struct fixture *fixture = *state;
    struct lock *lock = lock_take(fixture->path, "the feed 'x'", &fixture->err);
    char expected[128];
    struct stat info;

    assert_non_null(lock);
    assert_int_equal(stat(fixture->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_null(lock_take(fixture->path, "the feed 'x'", &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_LOCKED);
    snprintf(expected, sizeof expected, "another run of the feed 'x' is at work (pid %ld, since 2",
             (long)getpid());
    assert_int_equal(strncmp(fixture->err.text, expected, strlen(expected)), 0);
    lock_release(lock);
    lock = lock_take(fixture->path, "the feed 'x'", &fixture->err);
    assert_non_null(lock);
    lock_release(lock);
}

static void
who_looks_takes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct lock_holder holder;
    struct lock *lock;

    assert_false(lock_is_held(fixture->path, &holder));
    lock = lock_take(fixture->path, "x", &fixture->err);
    assert_non_null(lock);
    assert_true(lock_is_held(fixture->path, &holder));
    assert_int_equal(holder.pid, getpid());
    assert_in_range(holder.since, 1, time(NULL));
    lock_release(lock);
    assert_false(lock_is_held(fixture->path, &holder));
    assert_int_equal(holder.pid, 0);
    lock = lock_take(fixture->path, "x", &fixture->err);
    assert_non_null(lock);
    lock_release(lock);
}

static void
a_look_is_refused_as_taking_it_would_be(void **state)
{
    struct fixture *fixture = *state;
    struct lock *lock;

    assert_true(lock_look(fixture->path, "the feed 'x'", &fixture->err));
    assert_int_equal(access(fixture->path, F_OK), -1);
    lock = lock_take(fixture->path, "the feed 'x'", &fixture->err);
    assert_non_null(lock);
    assert_false(lock_look(fixture->path, "the feed 'x'", &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_LOCKED);
    assert_non_null(strstr(fixture->err.text, "another run of the feed 'x' is at work (pid "));
    lock_release(lock);
    assert_true(lock_look(fixture->path, "the feed 'x'", &fixture->err));
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(symlink("elsewhere", fixture->path), 0);
    assert_false(lock_look(fixture->path, "the feed 'x'", &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_WRITE);
}

static void
it_goes_with_the_process(void **state)
{
    static struct lock *lock; /* so that the child still has it when it ends */
    struct fixture *fixture = *state;
    pid_t child = fork();
    int status;

    if (child == 0) {
        lock = lock_take(fixture->path, "x", &fixture->err);
        _exit(lock ? 7 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    lock = lock_take(fixture->path, "x", &fixture->err);
    assert_non_null(lock);
    lock_release(lock);
}

static void
a_link_is_not_followed(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(symlink("elsewhere", fixture->path), 0);
    assert_null(lock_take(fixture->path, "x", &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_WRITE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(the_second_is_told_who_is_first, set_up, tear_down),
    cmocka_unit_test_setup_teardown(who_looks_takes_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_look_is_refused_as_taking_it_would_be, set_up, tear_down),
    cmocka_unit_test_setup_teardown(it_goes_with_the_process, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_link_is_not_followed, set_up, tear_down),
};

UNIT_MAIN(tests)
