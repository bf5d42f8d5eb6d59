#include "state/state.h"

#include "state/database.h"
#include "state/roster.h"

#include <string.h>

static void
bind_text(sqlite3_stmt *statement, int place, struct slice text)
{
    sqlite3_bind_text64(statement, place, text.data ? text.data : "", text.length, SQLITE_STATIC,
                        SQLITE_UTF8);
}

static bool
insert_claims(struct state *state, const struct state_claim *claims, size_t count,
              struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state,
                         "INSERT OR REPLACE INTO accepted (key, owner, match_id, former, dn, "
                         "accepted) VALUES (?, ?, ?, ?, ?, ?)",
                         err);
    bool ok = statement != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        database_bind(statement, 1, claims[i].key);
        database_bind(statement, 2, claims[i].owner);
        bind_text(statement, 3, claims[i].match_id);
        bind_text(statement, 4, claims[i].former);
        bind_text(statement, 5, claims[i].dn);
        sqlite3_bind_int64(statement, 6, (int64_t)claims[i].accepted);
        ok = database_step(state, statement, "write", err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_set_claims(struct state *state, const struct state_claim *claims, size_t count,
                 struct error *err)
{
    int64_t before;
    bool ok;

    if (!database_number(state, "SELECT count(*) FROM accepted", &before, err))
        return false;
    if (before == 0 && count == 0)
        return true;
    ok = database_begin(state, err) && database_run(state, "DELETE FROM accepted", "write", err) &&
         insert_claims(state, claims, count, err);
    return database_end(state, ok, err) && ok;
}

bool
state_list_claims(struct state *state, struct arena *arena, struct state_claim **ret_claims,
                  size_t *ret_count, struct error *err)
{
    static const char sql[] = "SELECT key, owner, match_id, former, dn, accepted FROM accepted"
                              "  ORDER BY key, owner";
    sqlite3_stmt *statement = NULL;
    int64_t count;
    bool ok = database_number(state, "SELECT count(*) FROM accepted", &count, err), row = true;

    *ret_count = 0;
    *ret_claims = NULL;
    if (ok) {
        *ret_claims = arena_alloc(arena, (size_t)count * sizeof **ret_claims);
        statement = database_prepare(state, sql, err);
        ok = statement != NULL;
    }
    while (ok && *ret_count < (size_t)count && (ok = database_row(state, statement, &row, err)) &&
           row)
        (*ret_claims)[(*ret_count)++] = (struct state_claim){
            .key = arena_slice(arena, database_bytes(statement, 0)),
            .owner = arena_slice(arena, database_bytes(statement, 1)),
            .match_id = arena_slice(arena, database_bytes(statement, 2)),
            .former = arena_slice(arena, database_bytes(statement, 3)),
            .dn = arena_slice(arena, database_bytes(statement, 4)),
            .accepted = (time_t)sqlite3_column_int64(statement, 5),
        };
    sqlite3_finalize(statement);
    return ok;
}

bool
state_accept(struct state *state, struct slice key, time_t now, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "UPDATE accepted SET accepted = ? WHERE key = ?", err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)now);
    database_bind(statement, 2, key);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_add_aliases(struct state *state, const struct state_alias *aliases, size_t count,
                  struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "INSERT OR IGNORE INTO alias (key, match_id) VALUES (?, ?)", err);
    bool ok = statement != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        database_bind(statement, 1, aliases[i].key);
        bind_text(statement, 2, aliases[i].match_id);
        ok = database_step(state, statement, "write", err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_list_aliases(struct state *state, struct arena *arena, struct state_alias **ret_aliases,
                   size_t *ret_count, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int64_t count;
    bool ok = database_number(state, "SELECT count(*) FROM alias", &count, err), row = true;

    *ret_count = 0;
    *ret_aliases = NULL;
    if (ok) {
        *ret_aliases = arena_alloc(arena, (size_t)count * sizeof **ret_aliases);
        statement = database_prepare(state, "SELECT key, match_id FROM alias ORDER BY key", err);
        ok = statement != NULL;
    }
    while (ok && *ret_count < (size_t)count && (ok = database_row(state, statement, &row, err)) &&
           row)
        (*ret_aliases)[(*ret_count)++] = (struct state_alias){
            .key = arena_slice(arena, database_bytes(statement, 0)),
            .match_id = arena_slice(arena, database_bytes(statement, 1)),
        };
    sqlite3_finalize(statement);
    return ok;
}

static bool
relink_in(struct state *state, const char *sql, const struct state_link *links, size_t count,
          struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    bool ok = statement != NULL;

    for (size_t i = 0; ok && i < count; i++) {
        database_bind(statement, 1, links[i].now);
        database_bind(statement, 2, links[i].before);
        ok = database_step(state, statement, "write", err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_relink(struct state *state, const struct state_link *links, size_t count, struct error *err)
{
    bool ok = database_begin(state, err) &&
              relink_in(state, "UPDATE person SET key = ?, absent = 0 WHERE key = ?", links, count,
                        err) &&
              relink_in(state, "UPDATE record SET key = ? WHERE key = ?", links, count, err) &&
              relink_in(state, "UPDATE alias SET key = ? WHERE key = ?", links, count, err) &&
              relink_in(state, "UPDATE photo SET key = ? WHERE key = ?", links, count, err) &&
              database_run(state, "DELETE FROM photo_look", "write", err) &&
              database_run(state, "DELETE FROM accepted", "write", err) &&
              state_roster_drop(state, err);

    return database_end(state, ok, err) && ok;
}
