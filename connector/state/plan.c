#include "state/state.h"

#include "state/database.h"

#include <time.h>

bool
state_plan_begin(struct state *state, struct error *err)
{
    state->planning = database_begin(state, err);
    return state->planning && database_run(state, STATE_FORGET_COUNT, "write", err) &&
           database_number(state, "SELECT max(id) FROM package WHERE covers AND fate = 2",
                           &state->cover, err);
}

bool
state_plan_package(struct state *state, struct state_package *package, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        state,
        "INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        err);
    bool ok;

    if (!statement)
        return false;
    package->fate = STATE_PLANNED;
    package->changed = time(NULL);
    sqlite3_bind_int64(statement, 1, package->run);
    sqlite3_bind_text(statement, 2, package->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, package->target, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 4, (int64_t)package->records);
    sqlite3_bind_int64(statement, 5, (int64_t)package->bytes);
    sqlite3_bind_text(statement, 6, package->sha256, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 7, STATE_PLANNED);
    sqlite3_bind_int64(statement, 8, package->changed);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    package->id = sqlite3_last_insert_rowid(state->db);
    return ok;
}

static void
bind_facts(sqlite3_stmt *statement, const struct state_person *person)
{
    sqlite3_bind_text64(statement, 3, person->match_id.data, person->match_id.length, SQLITE_STATIC,
                        SQLITE_UTF8);
    sqlite3_bind_blob(statement, 4, person->digest, STATE_DIGEST_BYTES, SQLITE_STATIC);
    database_bind(statement, 5, person->fields);
}

/* Somebody whom state doesn't have yet: the row counts when the package is delivered. */
static bool
plan_new(struct state *state, const struct state_person *person, bool *ret_planned,
         struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_PLAN_NEW,
                      "INSERT INTO person (package, key, match_id, digest, fields)"
                      "  VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO NOTHING",
                      err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, person->package);
    database_bind(statement, 2, person->key);
    bind_facts(statement, person);
    if (!database_step(state, statement, "write", err))
        return false;
    *ret_planned = sqlite3_changes(state->db) == 1;
    state->people += *ret_planned && state->people >= 0;
    return !*ret_planned || !person->record.data ||
           state_keep_record(state, person->key, person->record, err);
}

/* The package that counts for a person. Nothing is on its way when a plan is made: what stands in
 * `package` was delivered. ?3 is the cover. */
#define COUNTS "iif(?3 > spared AND NOT expired, max(package, ?3), package)"

/* Nothing but the package becomes another one. */
static bool
plan_again(struct state *state, const struct state_person *person, bool *ret_planned,
           struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_PLAN_AGAIN,
                      "UPDATE person SET before = " COUNTS ", package = ?1"
                      "  WHERE key = ?2 AND package <> ?1 AND absent = 0 AND NOT expired",
                      err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, person->package);
    database_bind(statement, 2, person->key);
    sqlite3_bind_int64(statement, 3, state->cover);
    if (!database_step(state, statement, "write", err))
        return false;
    *ret_planned = sqlite3_changes(state->db) == 1;
    return true;
}

static bool
spare(struct state *state, int64_t package, struct slice key, struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_PLAN_SPARED,
                      "UPDATE person SET package = " COUNTS ", spared = ?1 WHERE key = ?2", err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, package);
    database_bind(statement, 2, key);
    sqlite3_bind_int64(statement, 3, state->cover);
    return database_step(state, statement, "write", err);
}

bool
state_plan_everybody(struct state *state, int64_t package, const struct slice *spared, size_t count,
                     struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "UPDATE package SET covers = 1 WHERE id = ?", err);
    bool ok = statement != NULL;

    if (!ok)
        return false;
    sqlite3_bind_int64(statement, 1, package);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    for (size_t i = 0; ok && i < count; i++)
        ok = spare(state, package, spared[i], err);
    return ok;
}

static bool
plan_pending(struct state *state, const struct state_person *person, enum state_sending sending,
             struct error *err)
{
    sqlite3_stmt *statement = database_keep(
        state, KEPT_PLAN_PENDING,
        "INSERT INTO pending (package, key, match_id, digest, fields, sending, record)"
        "  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM person"
        "  WHERE key = ?2 AND package <> ?1",
        err);

    if (!statement)
        return false;
    sqlite3_clear_bindings(statement);
    sqlite3_bind_int64(statement, 1, person->package);
    database_bind(statement, 2, person->key);
    sqlite3_bind_int(statement, 6, (int)sending);
    if (sending == STATE_SEND_RECORD)
        bind_facts(statement, person);
    if (sending != STATE_SEND_LAST)
        database_bind(statement, 7, person->record);
    if (!database_step(state, statement, "write", err))
        return false;
    if (sqlite3_changes(state->db) == 1)
        return true;
    return error_set(err, ERROR_INTERNAL, "somebody is twice in a package, or unknown to state");
}

bool
state_plan_person(struct state *state, const struct state_person *person,
                  enum state_sending sending, struct error *err)
{
    bool planned = false;

    if (sending == STATE_SEND_RECORD && !plan_new(state, person, &planned, err))
        return false;
    if (sending == STATE_SEND_AGAIN && !person->record.data &&
        !plan_again(state, person, &planned, err))
        return false;
    return planned || plan_pending(state, person, sending, err);
}

bool
state_plan_end(struct state *state, bool keep, struct error *err)
{
    state->planning = false;
    if (!keep)
        state->people = -1;
    return database_end(state, keep, err);
}

/* Runs a statement of which ?1 is the package and ?2, where it has one, the time. */
static bool
step_for(struct state *state, const char *sql, int64_t package, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, package);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_int64(statement, 2, time(NULL));
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

/* What each event does to the file, in one transaction. People are written in the order of their
 * keys, so that each page is touched once. OR ROLLBACK: what a statement has done so far need not
 * be kept aside, as when it fails nothing of the event stays. The numbers are those of enum
 * state_fate and enum state_sending. */
enum { STEPS_MOST = 14 };

static const char *const renaming[STEPS_MOST] = {
    "UPDATE package SET fate = 1, changed = ?2 WHERE id = ?1",
};

static const char *const staying[STEPS_MOST] = {
    "UPDATE package SET fate = 0, changed = ?2 WHERE id = ?1",
};

/* Whether who claims an identifier goes out in the package: changed, or for the first time. */
#define IS_IN_PACKAGE                                                                              \
    "(EXISTS (SELECT 1 FROM pending WHERE pending.package = ?1 AND pending.key = accepted.key"     \
    "  AND sending <> 2) OR EXISTS (SELECT 1 FROM person AS claimant"                              \
    "  WHERE claimant.key = accepted.key AND claimant.package = ?1))"

/* Accepted claims of the people in the package, beside whom was known by the identifier. Where
 * there are none, none of the package's people is looked at. */
#define CLAIMS_OF_PACKAGE                                                                          \
    "FROM accepted CROSS JOIN person ON person.key = owner AND person.match_id = former"           \
    "  WHERE accepted > 0 AND owner <> accepted.key AND " IS_IN_PACKAGE

static const char *const delivering[STEPS_MOST] = {
    /* Who was known by a match identifier that is somebody else's now has no user in Alma any more,
     * and is never sent with that record again. */
    "DELETE FROM record WHERE key IN (SELECT owner " CLAIMS_OF_PACKAGE ")",
    "UPDATE OR ROLLBACK person SET match_id = '', expired = 1 WHERE key IN (SELECT "
    "owner " CLAIMS_OF_PACKAGE ")",
    "DELETE FROM alias WHERE EXISTS (SELECT 1 FROM accepted WHERE owner = alias.key"
    "  AND former = alias.match_id COLLATE NOCASE AND accepted > 0 AND owner <> accepted.key"
    "  AND " IS_IN_PACKAGE ")",
    "DELETE FROM accepted WHERE accepted > 0 AND " IS_IN_PACKAGE,
    "UPDATE OR ROLLBACK person SET absent = 0 FROM package WHERE package.id = ?1 AND covers"
    "  AND absent > 0 AND spared <> ?1 AND NOT expired",
    "UPDATE OR ROLLBACK person SET match_id = pending.match_id, digest = pending.digest,"
    "  fields = pending.fields, package = ?1, absent = 0, expired = 0 FROM pending"
    "  WHERE pending.package = ?1 AND pending.key = person.key AND sending = 0",
    "UPDATE OR ROLLBACK person SET package = ?1, absent = 0, expired = 0"
    "  WHERE key IN (SELECT key FROM pending WHERE package = ?1 AND sending = 1)",
    "UPDATE OR ROLLBACK person SET package = ?1, expired = 1"
    "  WHERE key IN (SELECT key FROM pending WHERE package = ?1 AND sending = 2)",
    /* Nobody needs it any more. */
    "DELETE FROM record WHERE key IN (SELECT key FROM pending WHERE package = ?1 AND sending = 2)",
    /* A record that is not kept this time must not pass for the last one later. */
    "DELETE FROM record WHERE key IN (SELECT key FROM pending"
    "  WHERE package = ?1 AND sending = 0 AND record IS NULL)",
    "INSERT OR REPLACE INTO record (key, bytes) SELECT key, record FROM pending"
    "  WHERE package = ?1 AND record IS NOT NULL ORDER BY key",
    "DELETE FROM pending WHERE package = ?1",
    "UPDATE package SET fate = 2, changed = ?2 WHERE id = ?1",
};

static const char *const abandoning[STEPS_MOST] = {
    STATE_FORGET_COUNT,
    "DELETE FROM record WHERE key IN (SELECT key FROM person WHERE package = ?1 AND before = 0)",
    "DELETE FROM person WHERE package = ?1 AND before = 0",
    "UPDATE OR ROLLBACK person SET package = before WHERE package = ?1",
    "DELETE FROM pending WHERE package = ?1",
    "UPDATE package SET fate = 3, changed = ?2 WHERE id = ?1",
};

static const char *const clearing[STEPS_MOST] = {
    "UPDATE package SET fate = 4 WHERE id = ?1",
};

static const char *const taking[STEPS_MOST] = {
    "UPDATE package SET taken = 1 WHERE id = ?1",
};

static const char *const going[STEPS_MOST] = {
    "UPDATE package SET taken = 2 WHERE id = ?1",
};

static bool
settle(struct state *state, const char *const steps[STEPS_MOST], int64_t package, struct error *err)
{
    bool ok = database_begin(state, err);

    for (size_t i = 0; ok && i < STEPS_MOST && steps[i]; i++)
        ok = step_for(state, steps[i], package, err);
    return database_end(state, ok, err) && ok;
}

bool
state_begin_rename(struct state *state, int64_t package, struct error *err)
{
    return settle(state, renaming, package, err);
}

bool
state_undo_rename(struct state *state, int64_t package, struct error *err)
{
    return settle(state, staying, package, err);
}

bool
state_deliver(struct state *state, int64_t package, struct error *err)
{
    return settle(state, delivering, package, err);
}

bool
state_abandon(struct state *state, int64_t package, struct error *err)
{
    state->people = -1;
    return settle(state, abandoning, package, err);
}

bool
state_clear(struct state *state, int64_t package, struct error *err)
{
    return settle(state, clearing, package, err);
}

bool
state_set_taken(struct state *state, int64_t package, bool gone, struct error *err)
{
    return settle(state, gone ? going : taking, package, err);
}

bool
state_keep_record(struct state *state, struct slice key, struct slice record, struct error *err)
{
    sqlite3_stmt *statement = database_keep(
        state, KEPT_KEEP_RECORD, "INSERT OR REPLACE INTO record (key, bytes) VALUES (?, ?)", err);

    if (!statement)
        return false;
    database_bind(statement, 1, key);
    database_bind(statement, 2, record);
    return database_step(state, statement, "write", err);
}
