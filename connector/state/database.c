#include "state/database.h"

#include "base/arena.h"
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

/* What SQLite's results mean to somebody who runs this program. */
static const struct {
    int result;
    enum error_code code;
    const char *hint;
} meanings[] = {
    {SQLITE_CORRUPT, ERROR_DATA, NULL}, /* its words are the file's */
    {SQLITE_NOTADB, ERROR_DATA, NULL},
    {SQLITE_FULL, ERROR_WRITE, "Make room on the disk, then run again; nothing is lost."},
    {SQLITE_IOERR, ERROR_WRITE, "Look at the disk and its free space, then run again."},
    {SQLITE_BUSY, ERROR_LOCKED, "Another program has the file open; run again when it has ended."},
    {SQLITE_LOCKED, ERROR_LOCKED, ""},
    {SQLITE_READONLY, ERROR_PERMISSION, "The account that runs ldap2alma must own the file."},
    {SQLITE_PERM, ERROR_PERMISSION, "The account that runs ldap2alma must own the file."},
    {SQLITE_CANTOPEN, ERROR_PERMISSION,
     "The account that runs ldap2alma must own the file and may write in its folder."},
};

/* SQLite fails to open a file beside the state also when the disk is full, and has lost the reason
 * by then: it tries again to read the file only. */
static bool
may_open(const struct state *state)
{
    struct arena *arena = arena_new();
    bool may = access(state->path, R_OK | W_OK) == 0 &&
               access(file_folder(arena, state->path), W_OK | X_OK) == 0;

    arena_free(arena);
    return may;
}

/* Without what SQLite adds to a result, and what it means where that is something else. */
static int
plain_result(const struct state *state, int result)
{
    int reason = state->db ? sqlite3_system_errno(state->db) : 0;

    result &= 0xff;
    return result == SQLITE_IOERR && (reason == ENOSPC || reason == EDQUOT) ? SQLITE_FULL : result;
}

bool
database_error(struct state *state, int result, const char *doing, struct error *err)
{
    enum error_code code = ERROR_INTERNAL;
    const char *hint = "";
    int meaning;

    state->has_failed = true;
    result = plain_result(state, result);
    meaning = result == SQLITE_CANTOPEN && may_open(state) ? SQLITE_IOERR : result;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].result == meaning) {
            code = meanings[i].code;
            hint = meanings[i].hint;
        }
    if (!hint)
        hint = result == SQLITE_CORRUPT ? state->words->damaged : state->words->foreign;
    error_set(err, code, "cannot %s the %s '%s': %s", doing, state->words->what, state->path,
              state->db && sqlite3_errcode(state->db) == result ? sqlite3_errmsg(state->db)
                                                                : sqlite3_errstr(result));
    if (hint[0])
        error_hint(err, "%s", hint);
    return false;
}

bool
database_run(struct state *state, const char *sql, const char *doing, struct error *err)
{
    int result = sqlite3_exec(state->db, sql, NULL, NULL, NULL);

    return result == SQLITE_OK || database_error(state, result, doing, err);
}

sqlite3_stmt *
database_prepare(struct state *state, const char *sql, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(state->db, sql, -1, &statement, NULL);

    if (result == SQLITE_OK)
        return statement;
    database_error(state, result, "use", err);
    return NULL;
}

sqlite3_stmt *
database_keep(struct state *state, enum kept_statement which, const char *sql, struct error *err)
{
    int result = SQLITE_OK;

    if (!state->kept[which])
        result = sqlite3_prepare_v3(state->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &state->kept[which], NULL);
    if (result != SQLITE_OK)
        database_error(state, result, "use", err);
    return state->kept[which];
}

bool
database_step(struct state *state, sqlite3_stmt *statement, const char *doing, struct error *err)
{
    int result = sqlite3_step(statement);
    bool ok = result == SQLITE_DONE || database_error(state, result, doing, err);

    sqlite3_reset(statement);
    return ok;
}

bool
database_row(struct state *state, sqlite3_stmt *statement, bool *ret_row, struct error *err)
{
    int result = sqlite3_step(statement);

    *ret_row = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE ||
           database_error(state, result, "read", err);
}

bool
database_number(struct state *state, const char *sql, int64_t *ret_number, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    bool ok, row = false;

    *ret_number = 0;
    if (!statement)
        return false;
    ok = database_row(state, statement, &row, err);
    if (row)
        *ret_number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return ok;
}

void
database_bind(sqlite3_stmt *statement, int place, struct slice bytes)
{
    if (bytes.data)
        sqlite3_bind_blob64(statement, place, bytes.data, bytes.length, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, place);
}

struct slice
database_bytes(sqlite3_stmt *statement, int column)
{
    const char *data = sqlite3_column_blob(statement, column);
    size_t length = (size_t)sqlite3_column_bytes(statement, column);

    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return SLICE_NONE;
    return (struct slice){data ? data : "", length};
}

bool
database_begin(struct state *state, struct error *err)
{
    return database_run(state, "BEGIN IMMEDIATE", "write", err);
}

bool
database_end(struct state *state, bool keep, struct error *err)
{
    if (keep && database_run(state, "COMMIT", "write", err))
        return true;
    /* A failed commit, and some failures within, have rolled back already. */
    if (!sqlite3_get_autocommit(state->db))
        (void)sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
    return !keep;
}
