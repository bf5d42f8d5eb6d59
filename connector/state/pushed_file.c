#include "state/pushed_file.h"

#include "base/file.h"
#include "base/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct database_words words = {
    .application = 0x4c324150, /* "L2AP" */
    .what = "store of pushed people",
    .option = "directory.push.entries",
    .maker = "The first 'ldap2alma put' makes it.",
    .damaged = "The file is damaged. Put back a copy, or move it away and push everybody again.",
    .foreign = "This is no store of pushed people. Name another file as 'directory.push.entries' "
               "in the settings.",
};

/* A step is never changed once it was released: files in the field have gone through it. */
static const char *const steps[] = {
    "CREATE TABLE fact (name TEXT PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;"
    /* Without `entry` the person was removed. */
    "CREATE TABLE person (row INTEGER PRIMARY KEY, change INTEGER NOT NULL, id BLOB NOT NULL,"
    "  own_id INTEGER NOT NULL, place BLOB, dn BLOB NOT NULL, match_id BLOB, identifiers BLOB,"
    "  entry BLOB);"
    "CREATE UNIQUE INDEX person_id ON person (id);"
    "CREATE UNIQUE INDEX person_place ON person (place);"
    "CREATE UNIQUE INDEX person_change ON person (change);"
    "CREATE TABLE identifier (folded BLOB PRIMARY KEY, person INTEGER NOT NULL) WITHOUT ROWID;"
    /* With which number each transaction ended: a copy that goes on draws other tokens. */
    "CREATE TABLE moment (change INTEGER PRIMARY KEY, token BLOB NOT NULL);",
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0], MARK_BYTES = 16, WAIT_SECONDS = 60 };

bool
pushed_is_there(const char *path)
{
    return database_is_there(path);
}

/* Writers are done within milliseconds. SQLite's own waiting grows to tenths of a second, in which
 * others take every turn. */
static int
wait_for_turn(void *context, int times)
{
    enum { SHORT_MICROSECONDS = 500, SPREAD_MICROSECONDS = 1024 };
    struct timespec now, nap = {.tv_sec = 0};

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    /* Those who wait shall not all come at one instant. */
    nap.tv_nsec = (SHORT_MICROSECONDS + now.tv_nsec / 64 % SPREAD_MICROSECONDS) * 1000L;
    nanosleep(&nap, NULL);
    return times < WAIT_SECONDS * 1000;
}

static const char for_writing[] = "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                                  "PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -32768;";

static bool
open_database(struct state *file, const char *path, bool may_write, struct error *err)
{
    int result =
        sqlite3_open_v2(path, &file->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (result != SQLITE_OK)
        return database_error(file, result, "open", err);
    sqlite3_extended_result_codes(file->db, 1);
    sqlite3_busy_handler(file->db, wait_for_turn, NULL);
    return database_shut_in(file, err) &&
           database_run(file, may_write ? for_writing : "PRAGMA query_only = ON", "open", err);
}

static struct state *
file_new(const char *path)
{
    struct state *file = memory_zero(1, sizeof *file);

    file->path = strdup(path);
    file->words = &words;
    return file;
}

static bool
fill(struct state *file, const char *feed, struct error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[MARK_BYTES];
    char mark[2 * MARK_BYTES];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return error_set(err, ERROR_INTERNAL, "cannot draw a number: %s", strerror(errno));
    for (size_t i = 0; i < sizeof mark; i++)
        mark[i] = digits[i % 2 ? bytes[i / 2] & 0xf : bytes[i / 2] >> 4];
    return database_claim(file, true, err) && schema_update(file, steps, STEP_COUNT, true, err) &&
           state_put(file, "mark", (struct slice){mark, sizeof mark}, err) &&
           database_check_feed(file, feed, true, err) &&
           /* Last: nothing that is wanted may lie in a log beside the file. */
           database_run(file, "PRAGMA journal_mode = WAL", "make", err);
}

/* The file gets its name when all is in it, so that nobody ever meets half of one. Who of several
 * comes last takes the one that is there then. */
static bool
name_file(const char *made, const char *path, struct error *err)
{
    if (link(made, path) == 0 || errno == EEXIST)
        return true;
    return error_set(err, errno == EACCES || errno == EPERM ? ERROR_PERMISSION : ERROR_WRITE,
                     "cannot make the %s '%s': %s", words.what, path, strerror(errno));
}

/* The file last: without it nobody knows whose the others are. */
static void
unlink_made(struct arena *arena, const char *made)
{
    static const char *const suffixes[] = {"-journal", "-wal", "-shm", ""};

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        (void)unlink(arena_format(arena, "%s%s", made, suffixes[i]));
}

/* What a put that was killed left behind; one that is at work has its file locked, and of what
 * SQLite has beside it none. */
static void
clean_up(struct arena *arena, const char *path)
{
    const char *folder = file_folder(arena, path);
    const char *start = arena_format(arena, "%s.new-", file_name(path));
    DIR *stream = opendir(folder);

    for (struct dirent *entry; stream && (entry = readdir(stream));) {
        const char *made = arena_format(arena, "%s/%s", folder, entry->d_name);
        bool is_made = strncmp(entry->d_name, start, strlen(start)) == 0 &&
                       strlen(entry->d_name) == strlen(start) + strlen("XXXXXX");
        int fd = is_made ? open(made, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;

        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlink_made(arena, made);
        if (fd >= 0)
            close(fd);
    }
    if (stream)
        closedir(stream);
}

/* Nobody has cleaned up the file between its making and its locking. */
static int
make_locked(char *made)
{
    size_t end = strlen(made) - strlen("XXXXXX");
    struct stat info;
    int fd;

    while ((fd = mkostemp(made, O_CLOEXEC)) >= 0 &&
           (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &info) != 0 || info.st_nlink == 0)) {
        close(fd);
        memcpy(made + end, "XXXXXX", sizeof "XXXXXX");
    }
    return fd;
}

static bool
make_file(const char *path, const char *feed, struct error *err)
{
    struct arena *arena = arena_new();
    const char *folder = file_folder(arena, path);
    char *made = arena_format(arena, "%s.new-XXXXXX", path);
    struct state *file = file_new(path);
    int fd = -1;
    bool ok = file_make_folder(folder, err);

    if (ok && (fd = make_locked(made)) < 0)
        ok = error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE,
                       "cannot make the %s '%s': %s", words.what, path, strerror(errno));
    ok = ok && open_database(file, made, true, err) && fill(file, feed, err);
    state_close(file);
    ok = ok && file_sync(fd, path, err) && name_file(made, path, err) &&
         file_sync_folder(folder, err);
    if (fd >= 0) {
        unlink_made(arena, made);
        close(fd);
    }
    arena_free(arena);
    return ok;
}

struct pushed *
pushed_open(const char *path, const char *feed, enum pushed_access access, struct error *err)
{
    struct pushed *pushed = memory_zero(1, sizeof *pushed);
    bool may_write = access == PUSHED_WRITE;
    struct arena *arena = arena_new();

    if (may_write)
        clean_up(arena, path);
    arena_free(arena);
    pushed->file = file_new(path);
    if ((!may_write || pushed_is_there(path) || make_file(path, feed, err)) &&
        database_check_file(pushed->file, may_write, err) &&
        open_database(pushed->file, path, may_write, err) &&
        database_claim(pushed->file, false, err) &&
        schema_update(pushed->file, steps, STEP_COUNT, may_write, err) &&
        database_check_feed(pushed->file, feed, false, err))
        return pushed;
    pushed_close(pushed);
    return NULL;
}

void
pushed_close(struct pushed *pushed)
{
    if (!pushed)
        return;
    state_close(pushed->file);
    free(pushed);
}

const char *
pushed_path(const struct pushed *pushed)
{
    return pushed->file->path;
}

bool
pushed_mark(struct pushed *pushed, struct arena *arena, struct slice *ret_mark, struct error *err)
{
    return state_get(pushed->file, "mark", arena, ret_mark, err);
}

bool
pushed_get_mapping(struct pushed *pushed, struct arena *arena, struct slice *ret_mapping,
                   struct error *err)
{
    return state_get(pushed->file, "mapping", arena, ret_mapping, err);
}

bool
pushed_set_mapping(struct pushed *pushed, struct slice mapping, struct error *err)
{
    return state_put(pushed->file, "mapping", mapping, err);
}
