#include "state/state.h"

#include "state/database.h"

#include <stdio.h>

/* Deleted bytes are overwritten (secure_delete); what is left in free pages and in the log goes
 * when the file is written anew. */
static bool
rewrite_file(struct state *state, struct error *err)
{
    int64_t busy;

    if (!database_run(state, "VACUUM", "rewrite", err) ||
        !database_number(state, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, err))
        return false;
    if (!busy)
        return true;
    error_set(err, ERROR_LOCKED, "another program reads the state '%s': its log cannot be emptied",
              state->path);
    return error_hint(err, "Who was to be forgotten is, but traces stay in the log until that "
                           "program has ended.");
}

static bool
forget_in(struct state *state, const char *table, struct slice key, struct error *err)
{
    char sql[64];
    sqlite3_stmt *statement;
    bool ok;

    snprintf(sql, sizeof sql, "DELETE FROM %s WHERE key = ?", table);
    statement = database_prepare(state, sql, err);
    if (!statement)
        return false;
    database_bind(statement, 1, key);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_remove_people(struct state *state, const struct slice *keys, size_t count, struct error *err)
{
    bool ok = database_begin(state, err);

    for (size_t i = 0; ok && i < count; i++)
        ok = forget_in(state, "person", keys[i], err) && forget_in(state, "record", keys[i], err) &&
             forget_in(state, "pending", keys[i], err);
    return database_end(state, ok, err) && ok;
}

bool
state_forget(struct state *state, const struct slice *keys, size_t count, struct error *err)
{
    return state_remove_people(state, keys, count, err) && rewrite_file(state, err);
}
