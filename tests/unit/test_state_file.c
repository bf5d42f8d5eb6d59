/* The file of the state: who may have it, what it refuses, what it survives, and that it forgets.
 */
#include "unit.h"

#include "base/buffer.h"
#include "state/database.h"
#include "state_fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
who_is_forgotten_leaves_no_trace(void **state)
{
    const struct slice keys[] = {slice_of("k1"), slice_of("k3"), slice_of("k9")};
    struct state_fixture *fixture = *state;
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k1:wilhelmina:1 k2:ben:1 k3:theodora:1",
                                 STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_fixture_plan(fixture, "b.zip", "k1:wilhelmina:2", STATE_SEND_RECORD);
    assert_true(state_fixture_contains(fixture, "wilhelmina"));
    assert_true(state_forget(fixture->state, keys, 3, &fixture->err));
    assert_false(state_fixture_contains(fixture, "wilhelmina"));
    assert_false(state_fixture_contains(fixture, "theodora"));
    state_fixture_assert_people(fixture, "k2:ben:1 in 1\n");
    assert_true(state_fixture_contains(fixture, "ben"));
}

static void
the_file_is_its_owners(void **state)
{
    struct state_fixture *fixture = *state;
    struct stat info;

    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_int_equal(stat(fixture->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(stat(arena_format(fixture->arena, "%s-wal", fixture->path), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(chmod(fixture->path, 0640), 0);
    assert_false(state_fixture_reopen(fixture, STATE_WRITE));
    assert_int_equal(fixture->err.code, ERROR_PERMISSION);
    assert_string_equal(fixture->err.text,
                        arena_format(fixture->arena, "the state '%s' is open to others (mode 0640)",
                                     fixture->path));
}

static void
one_writer_and_readers_beside(void **state)
{
    struct state_fixture *fixture = *state;
    struct state *other;
    struct state_census census;
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k1:ana:1", STATE_SEND_RECORD);
    assert_null(state_open(fixture->path, "staff", STATE_WRITE, &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_LOCKED);
    other = state_open(fixture->path, "staff", STATE_READ, &fixture->err);
    assert_non_null(other);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    assert_true(state_count_people(other, &census, &fixture->err));
    assert_int_equal(census.known, 1);
    assert_false(state_put(other, "a", slice_of("b"), &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_PERMISSION);
    state_close(other);
}

static void
another_feed_is_refused(void **state)
{
    struct state_fixture *fixture = *state;

    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    state_close(fixture->state);
    fixture->state = state_open(fixture->path, "students", STATE_WRITE, &fixture->err);
    assert_null(fixture->state);
    assert_int_equal(fixture->err.code, ERROR_CONFIG);
    assert_string_equal(fixture->err.text,
                        arena_format(fixture->arena,
                                     "the state '%s' belongs to the feed 'staff', not to "
                                     "'students'",
                                     fixture->path));
}

static void
write_file(struct state_fixture *fixture, off_t at, const char *text)
{
    int fd = open(fixture->path, O_WRONLY | O_CREAT, 0600);

    assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
    close(fd);
}

static void
a_foreign_file_is_refused(void **state)
{
    struct state_fixture *fixture = *state;
    sqlite3 *foreign;

    write_file(fixture, 0, "name,group\nana,STAFF\n");
    assert_false(state_fixture_reopen(fixture, STATE_WRITE));
    assert_int_equal(fixture->err.code, ERROR_DATA);
    assert_string_equal(fixture->err.hint, "This is no state of ldap2alma. Name another file as "
                                           "'state' in the settings.");
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(sqlite3_open(fixture->path, &foreign), SQLITE_OK);
    assert_int_equal(sqlite3_exec(foreign, "CREATE TABLE x (a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(foreign);
    assert_int_equal(chmod(fixture->path, 0600), 0);
    assert_false(state_fixture_reopen(fixture, STATE_WRITE));
    assert_int_equal(fixture->err.code, ERROR_DATA);
    assert_false(state_fixture_reopen(fixture, STATE_READ));
}

static void
a_damaged_file_is_refused(void **state)
{
    struct state_fixture *fixture = *state;
    struct stat info;
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k1:ana:1 k2:ben:1", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    assert_true(state_check(fixture->state, &fixture->err));
    state_close(fixture->state);
    fixture->state = NULL;
    assert_int_equal(stat(fixture->path, &info), 0);
    for (off_t page = 4096; page < info.st_size; page += 4096)
        write_file(fixture, page, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    assert_false(state_fixture_reopen(fixture, STATE_WRITE));
    assert_int_equal(fixture->err.code, ERROR_DATA);
}

/* Whose traces cannot be taken out of the log, because another program reads it, is told. */
static void
a_reader_keeps_traces_in_the_log(void **state)
{
    const struct slice key = slice_of("k1");
    struct state_fixture *fixture = *state;
    sqlite3 *reader;

    state_fixture_begin_run(fixture);
    assert_true(state_deliver(
        fixture->state, state_fixture_plan(fixture, "a.zip", "k1:wilhelmina:1", STATE_SEND_RECORD),
        &fixture->err));
    assert_int_equal(sqlite3_open(fixture->path, &reader), SQLITE_OK);
    assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT * FROM person", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_busy_timeout(fixture->state->db, 1);
    assert_false(state_forget(fixture->state, &key, 1, &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_LOCKED);
    state_fixture_assert_people(fixture, "");
    sqlite3_close(reader);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    assert_false(state_fixture_contains(fixture, "wilhelmina"));
}

static void
count_trouble(void *context, const struct state_trouble *trouble)
{
    struct buffer *told = context;

    buffer_format(told, "%d %s\n", (int)trouble->count, trouble->what);
    assert_int_equal(trouble->remedy[strlen(trouble->remedy) - 1], '.');
}

static void
what_does_not_fit_together_is_found(void **state)
{
    static const char *const harm[] = {
        "INSERT INTO pending (package, key, sending) VALUES (1, 'k9', 0)",
        "UPDATE person SET package = 2 WHERE key = x'6b31'",
        "UPDATE person SET digest = x'00' WHERE key = x'6b32'",
        "INSERT INTO record VALUES ('k8', 'x')",
        "UPDATE package SET fate = 9 WHERE id = 2",
    };
    struct state_fixture *fixture = *state;
    struct buffer told = BUFFER_INIT;

    state_fixture_begin_run(fixture);
    assert_true(state_deliver(
        fixture->state, state_fixture_plan(fixture, "a.zip", "k1:a:1 k2:b:1", STATE_SEND_RECORD),
        &fixture->err));
    state_fixture_plan(fixture, "b.zip", "k3:c:1", STATE_SEND_RECORD);
    assert_true(state_find_trouble(fixture->state, count_trouble, &told, &fixture->err));
    assert_int_equal(told.length, 0);
    for (size_t i = 0; i < sizeof harm / sizeof harm[0]; i++)
        assert_true(database_run(fixture->state, harm[i], "harm", &fixture->err));
    assert_true(state_find_trouble(fixture->state, count_trouble, &told, &fixture->err));
    buffer_add(&told, "", 1);
    assert_string_equal(told.data, "1 people on their way in a package that is settled\n"
                                   "2 people whose package was never delivered\n"
                                   "1 people whose rows are damaged\n"
                                   "1 last records of nobody\n"
                                   "1 packages of no known fate\n");
    buffer_free(&told);
}

static void
a_reader_needs_a_file(void **state)
{
    struct state_fixture *fixture = *state;

    assert_false(state_fixture_reopen(fixture, STATE_READ));
    assert_int_equal(fixture->err.code, ERROR_DATA);
    assert_int_not_equal(access(fixture->path, F_OK), 0);
}

/* An older file goes through the steps that it lacks, and a step that fails leaves it as it was. */
static void
older_files_are_brought_up_to_date(void **state)
{
    static const char *const good[] = {
        "CREATE TABLE a (x); INSERT INTO a VALUES (1)",
        "ALTER TABLE a ADD COLUMN y DEFAULT 2",
        "CREATE TABLE b AS SELECT x + y AS z FROM a",
    };
    const char *const bad[] = {good[0], good[1], "CREATE TABLE b (z); SELECT nothing"};
    struct state_fixture *fixture = *state;
    const struct database_words words = {.what = "state"};
    struct state copy = {.path = fixture->path, .words = &words};

    assert_int_equal(sqlite3_open(fixture->path, &copy.db), SQLITE_OK);
    assert_true(schema_update(&copy, good, 1, true, &fixture->err));
    assert_false(schema_update(&copy, bad, 3, true, &fixture->err));
    assert_false(database_run(&copy, "SELECT y FROM a", "read", &fixture->err));
    assert_false(schema_update(&copy, good, 3, false, &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_DATA);
    assert_true(schema_update(&copy, good, 3, true, &fixture->err));
    assert_true(database_run(&copy, "SELECT z FROM b", "read", &fixture->err));
    assert_true(schema_update(&copy, good, 3, true, &fixture->err));
    assert_false(schema_update(&copy, good, 2, true, &fixture->err));
    assert_string_equal(fixture->err.text,
                        arena_format(fixture->arena,
                                     "the state '%s' was written by a newer ldap2alma (schema 3, "
                                     "known here: 2)",
                                     fixture->path));
    sqlite3_close(copy.db);
}

/* A process that dies between two calls leaves what its last call made durable. */
static void
what_was_told_survives_a_kill(void **state)
{
    struct state_fixture *fixture = *state;
    int status;
    pid_t child = fork();

    if (child == 0) {
        state_fixture_begin_run(fixture);
        (void)state_deliver(fixture->state,
                            state_fixture_plan(fixture, "a.zip", "k1:ana:1", STATE_SEND_RECORD),
                            &fixture->err);
        state_fixture_plan(fixture, "b.zip", "k2:ben:1", STATE_SEND_RECORD);
        (void)state_plan_begin(fixture->state, &fixture->err);
        _exit(7);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\n");
    assert_true(state_check(fixture->state, &fixture->err));
    assert_true(state_deliver(fixture->state, 2, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\nk2:ben:1 in 2\n");
}

static struct stat
stat_of(const char *path)
{
    struct stat info;

    assert_int_equal(stat(path, &info), 0);
    return info;
}

static bool
open_copy(struct state_fixture *fixture)
{
    state_close(fixture->state);
    fixture->state = state_open_copy(fixture->path, "staff", fixture->folder, &fixture->err);
    return fixture->state != NULL;
}

static void
a_copy_is_written_and_the_state_is_not(void **state)
{
    struct state_fixture *fixture = *state;
    char *copy = arena_format(fixture->arena, "%s/state-copy", fixture->folder);
    struct stat before, after;
    int64_t package;

    state_fixture_begin_run(fixture);
    package = state_fixture_plan(fixture, "a.zip", "k1:ana:1", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_close(fixture->state);
    fixture->state = NULL;
    before = stat_of(fixture->path);
    assert_true(open_copy(fixture));
    assert_int_equal(access(copy, F_OK), -1);
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\n");
    package = state_fixture_plan(fixture, "b.zip", "k2:ben:1", STATE_SEND_RECORD);
    assert_true(state_deliver(fixture->state, package, &fixture->err));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\nk2:ben:1 in 2\n");
    after = stat_of(fixture->path);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
    assert_int_equal(access(arena_format(fixture->arena, "%s-wal", fixture->path), F_OK), -1);
    assert_int_equal(access(arena_format(fixture->arena, "%s-shm", fixture->path), F_OK), -1);
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    state_fixture_assert_people(fixture, "k1:ana:1 in 1\n");
}

static void
a_copy_of_nothing_begins_empty(void **state)
{
    struct state_fixture *fixture = *state;

    assert_true(open_copy(fixture));
    state_fixture_assert_people(fixture, "");
    state_fixture_begin_run(fixture);
    assert_int_equal(access(fixture->path, F_OK), -1);
}

static void
a_copy_is_refused_while_somebody_writes(void **state)
{
    struct state_fixture *fixture = *state;
    struct state *writer;

    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
    writer = fixture->state;
    assert_null(state_open_copy(fixture->path, "staff", fixture->folder, &fixture->err));
    assert_int_equal(fixture->err.code, ERROR_LOCKED);
    assert_int_equal(access(arena_format(fixture->arena, "%s/state-copy", fixture->folder), F_OK),
                     -1);
    fixture->state = writer;
    assert_true(state_fixture_reopen(fixture, STATE_WRITE));
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, state_fixture_set_up, state_fixture_tear_down)

static const struct CMUnitTest tests[] = {
    TEST(who_is_forgotten_leaves_no_trace),
    TEST(the_file_is_its_owners),
    TEST(one_writer_and_readers_beside),
    TEST(another_feed_is_refused),
    TEST(a_foreign_file_is_refused),
    TEST(a_damaged_file_is_refused),
    TEST(a_reader_keeps_traces_in_the_log),
    TEST(what_does_not_fit_together_is_found),
    TEST(a_reader_needs_a_file),
    TEST(older_files_are_brought_up_to_date),
    TEST(what_was_told_survives_a_kill),
    TEST(a_copy_is_written_and_the_state_is_not),
    TEST(a_copy_of_nothing_begins_empty),
    TEST(a_copy_is_refused_while_somebody_writes),
};

UNIT_MAIN(tests)
