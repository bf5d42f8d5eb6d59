#include "state/state.h"

#include "base/file.h"
#include "state/database.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct database_words words = {
    .application = 0x4c324153, /* "L2AS" */
    .what = "state",
    .option = "state",
    .maker = "The first run makes it.",
    .damaged = "The file is damaged. Put back a copy, or move it away: then the next run sends "
               "everybody, without knowing who has left.",
    .foreign = "This is no state of ldap2alma. Name another file as 'state' in the settings.",
};

bool
state_is_there(const char *path)
{
    return database_is_there(path);
}

static bool
tell_unmade(const char *path, struct error *err)
{
    return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE,
                     "cannot make the state '%s': %s", path, strerror(errno));
}

/* The file is made before SQLite opens it, so that it never has another mode than its owner's. What
 * is there is left as it is. */
static bool
make_file(const char *path, struct error *err)
{
    struct arena *arena;
    struct stat info;
    bool ok;
    int fd;

    if (lstat(path, &info) == 0)
        return true;
    arena = arena_new();
    ok = file_make_folder(file_folder(arena, path), err);
    fd = ok ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

    if (ok && fd < 0)
        ok = tell_unmade(path, err);
    if (fd >= 0)
        close(fd);
    arena_free(arena);
    return ok;
}

bool
state_may_make(const char *path, struct error *err)
{
    struct arena *arena = arena_new();
    const char *folder = file_folder(arena, path);
    bool ok =
        file_may_make_folder(folder, err) &&
        (access(folder, F_OK) != 0 || access(folder, W_OK | X_OK) == 0 || tell_unmade(path, err));

    arena_free(arena);
    return ok;
}

/* The query's one line is "ok", or says what is wrong. */
static bool
check_pages(struct state *state, const char *query, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, query, err);
    const char *said = "", *line;
    bool ok, row = false;

    if (!statement)
        return false;
    ok = database_row(state, statement, &row, err);
    if (row)
        said = (const char *)sqlite3_column_text(statement, 0);
    if (ok && strcmp(said, "ok") != 0) {
        ok = database_error(state, SQLITE_CORRUPT, "trust", err);
        /* A heading stands before it, "*** in database main ***". */
        line = strrchr(said, '\n');
        error_prefix(err, "%s", line ? line + 1 : said);
    }
    sqlite3_finalize(statement);
    return ok;
}

/* Reading everybody goes from front to back, so that no page is needed twice; of a few their pages
 * are read to compare them, and again when they are delivered, and most time would go into copying
 * the roster. A file that breaks off while it is mapped kills the run, which loses nothing. */
static const char
    cache_for_all[] =
        "PRAGMA cache_size = -3072; PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = 1000",
    cache_for_few[] =
        "PRAGMA cache_size = -8192; PRAGMA mmap_size = 67108864; PRAGMA wal_autocheckpoint = 0";

bool
state_check_pages(struct state *state, struct error *err)
{
    if (!state->unchecked)
        return true;
    state->unchecked = !check_pages(state, "PRAGMA quick_check(1)", err);
    return !state->unchecked && database_run(state, cache_for_all, "open", err);
}

bool
state_check(struct state *state, struct error *err)
{
    return check_pages(state, "PRAGMA integrity_check(1)", err) &&
           check_pages(state,
                       "SELECT CASE WHEN EXISTS (SELECT 1 FROM pragma_foreign_key_check) "
                       "THEN 'people without their package' ELSE 'ok' END",
                       err);
}

/* What tells the file from one that somebody has touched, or put in its place; "" where that cannot
 * be told, or something lies beside it that is still to be written into it. */
static void
stamp(const struct state *state, char ret_line[STAMP_BYTES])
{
    struct arena *arena = arena_new();
    struct stat info;

    ret_line[0] = '\0';
    if (access(arena_format(arena, "%s-wal", state->path), F_OK) != 0 &&
        lstat(state->path, &info) == 0)
        snprintf(ret_line, STAMP_BYTES, "%ju %ju %jd %jd.%09ld %jd.%09ld", (uintmax_t)info.st_dev,
                 (uintmax_t)info.st_ino, (intmax_t)info.st_size, (intmax_t)info.st_mtim.tv_sec,
                 info.st_mtim.tv_nsec, (intmax_t)info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
    arena_free(arena);
}

static bool
is_as_left(const struct state *state)
{
    return state->found[0] && strcmp(state->found, lock_left(state->lock)) == 0;
}

void
state_leave(struct state *state)
{
    state->leaving = true;
}

/* A copy is nobody else's and is never opened again: nothing has to lie beside it or to be synced.
 */
static const char for_writing[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                  "PRAGMA secure_delete = ON;",
                  for_a_copy[] = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;";

static bool
open_database(struct state *state, const char *feed, bool may_write, struct error *err)
{
    int flags = may_write || state->glance ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int result = sqlite3_open_v2(state->copy ? state->copy : state->path, &state->db,
                                 flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (result != SQLITE_OK)
        return database_error(state, result, "open", err);
    sqlite3_extended_result_codes(state->db, 1);
    sqlite3_busy_timeout(state->db, 5000);
    return database_shut_in(state, err) &&
           (!state->glance || database_run(state, "PRAGMA query_only = ON", "open", err)) &&
           (!state->copy || database_run(state, "PRAGMA locking_mode = EXCLUSIVE", "open", err)) &&
           database_claim(state, may_write, err) &&
           (!may_write ||
            database_run(state, state->copy ? for_a_copy : for_writing, "open", err)) &&
           schema_update(state, schema_steps, schema_step_count, may_write, err) &&
           (state->glance || is_as_left(state) ? database_run(state, cache_for_few, "open", err)
                                               : state_check_pages(state, err)) &&
           database_check_feed(state, feed, may_write, err);
}

const char *
state_lock_path(const char *path, struct arena *arena)
{
    return arena_format(arena, "%s.lock", path);
}

static bool
take_lock(struct state *state, const char *feed, struct error *err)
{
    struct arena *arena = arena_new();

    state->lock = lock_take(state_lock_path(state->path, arena),
                            arena_format(arena, "the feed '%s'", feed), err);
    arena_free(arena);
    return state->lock != NULL;
}

static struct state *
state_new(const char *path)
{
    struct state *state = memory_zero(1, sizeof *state);

    state->path = strdup(path);
    state->words = &words;
    state->unchecked = true;
    state->people = -1;
    return state;
}

struct state *
state_open(const char *path, const char *feed, enum state_access access, struct error *err)
{
    struct state *state = state_new(path);
    bool may_write = access == STATE_WRITE || access == STATE_RESUME, ok;

    state->glance = access == STATE_GLANCE;
    ok = (!may_write || make_file(path, err)) && database_check_file(state, may_write, err) &&
         (!may_write || take_lock(state, feed, err));
    /* Before SQLite touches it. */
    if (ok && access == STATE_RESUME)
        stamp(state, state->found);
    if (ok && open_database(state, feed, may_write, err))
        return state;
    state_close(state);
    return NULL;
}

static bool
is_missing(const char *path)
{
    struct stat info;

    return lstat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

struct state *
state_open_copy(const char *path, const char *feed, const char *folder, struct error *err)
{
    struct state *state = state_new(path);
    struct arena *arena = arena_new();
    bool ok;

    state->copy = strdup(arena_format(arena, "%s/state-copy", folder));
    arena_free(arena);
    ok = (is_missing(path) ? state_may_make(path, err) : database_check_file(state, true, err)) &&
         copy_make(state, feed, err) && open_database(state, feed, true, err);
    copy_unlink(state);
    if (ok)
        return state;
    state_close(state);
    return NULL;
}

static void
leave_stamp(struct state *state)
{
    char line[STAMP_BYTES];

    stamp(state, line);
    if (line[0])
        lock_leave(state->lock, line);
}

void
state_close(struct state *state)
{
    if (!state)
        return;
    for (size_t i = 0; i < KEPT_COUNT; i++)
        sqlite3_finalize(state->kept[i]);
    if (sqlite3_close(state->db) == SQLITE_OK && state->leaving && !state->has_failed &&
        state->lock)
        leave_stamp(state);
    lock_release(state->lock);
    free(state->path);
    free(state->copy);
    free(state);
}

const char *
state_path(const struct state *state)
{
    return state->path;
}

bool
state_get(struct state *state, const char *name, struct arena *arena, struct slice *ret_text,
          struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, "SELECT text FROM fact WHERE name = ?", err);
    bool ok, row = false;

    *ret_text = SLICE_NONE;
    if (!statement)
        return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    ok = database_row(state, statement, &row, err);
    if (row)
        *ret_text = arena_slice(arena, database_bytes(statement, 0));
    sqlite3_finalize(statement);
    return ok;
}

bool
state_put(struct state *state, const char *name, struct slice text, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "INSERT OR REPLACE INTO fact (name, text) VALUES (?, ?)", err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    database_bind(statement, 2, text);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_get_number(struct state *state, const char *name, int64_t *ret_number, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice text;
    bool ok = state_get(state, name, arena, &text, err);

    *ret_number = text.data ? strtoll(arena_copy(arena, text.data, text.length), NULL, 10) : 0;
    arena_free(arena);
    return ok;
}

bool
state_put_number(struct state *state, const char *name, int64_t number, struct error *err)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, number);
    return state_put(state, name, slice_of(text), err);
}
