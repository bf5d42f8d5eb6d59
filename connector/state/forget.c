#include "state/state.h"

#include "state/database.h"
#include "state/roster.h"

#include <stdio.h>

/* Where people are known by their keys: first what Alma was given. */
static const char *const places[] = {
    "person WHERE key",   "record WHERE key",     "pending WHERE key", "alias WHERE key",
    "accepted WHERE key", "accepted WHERE owner", "matter WHERE key",  "photo_look WHERE key"};
enum { GIVEN_PLACES = 4 };

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

/* Runs a statement that has the key as its argument. */
static bool
run_for(struct state *state, const char *sql, struct slice key, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    bool ok;

    if (!statement)
        return false;
    database_bind(statement, 1, key);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

/* What is the matter with others may name the person. The next run that meets it words it anew. */
static bool
forget_in_texts(struct state *state, struct slice key, struct error *err)
{
    return run_for(state,
                   "UPDATE matter SET text = x'' WHERE EXISTS (SELECT 1 FROM matter AS theirs"
                   "  WHERE theirs.key = ?1 AND length(theirs.dn) > 0 AND"
                   "  instr(matter.text, theirs.dn) > 0)",
                   key, err);
}

static bool
forget_in_places(struct state *state, struct slice key, size_t count, struct error *err)
{
    char sql[64];

    for (size_t i = 0; i < count; i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s = ?", places[i]);
        if (!run_for(state, sql, key, err))
            return false;
    }
    return true;
}

/* The file at the photos' server is ours until a run has removed it, but nobody's any more. */
static bool
orphan_photos(struct state *state, struct slice key, struct error *err)
{
    return run_for(state,
                   "UPDATE photo SET key = x'', source = NULL, sha256 = NULL, bytes = 0"
                   "  WHERE key = ?",
                   key, err);
}

bool
state_remove_people(struct state *state, const struct slice *keys, size_t count, struct error *err)
{
    bool ok = database_begin(state, err) && database_run(state, STATE_FORGET_COUNT, "write", err);

    state->people = -1;
    for (size_t i = 0; ok && i < count; i++)
        ok = forget_in_places(state, keys[i], GIVEN_PLACES, err);
    return database_end(state, ok, err) && ok;
}

bool
state_forget(struct state *state, const struct slice *keys, size_t count, struct error *err)
{
    bool ok = database_begin(state, err);

    state->people = -1;
    for (size_t i = 0; ok && i < count; i++)
        ok = forget_in_texts(state, keys[i], err) && orphan_photos(state, keys[i], err) &&
             forget_in_places(state, keys[i], sizeof places / sizeof places[0], err);
    ok = ok && state_roster_drop(state, err);
    return database_end(state, ok, err) && ok && rewrite_file(state, err);
}
