#include "state/state.h"

#include "state/database.h"
#include "state/roster.h"

#include <stdlib.h>
#include <string.h>

/* The columns of both queries below. */
#define PERSON_COLUMNS "known.key, match_id, digest, fields, package, absent, expired, delivered"

static bool
take_person(struct state *state, sqlite3_stmt *statement, struct state_person *person,
            struct error *err)
{
    struct slice digest = database_bytes(statement, 2);

    *person = (struct state_person){
        .key = database_bytes(statement, 0),
        .match_id = database_bytes(statement, 1),
        .fields = database_bytes(statement, 3),
        .package = sqlite3_column_int64(statement, 4),
        .absent = (unsigned)sqlite3_column_int(statement, 5),
        .expired = sqlite3_column_int(statement, 6) != 0,
        .delivered = (time_t)sqlite3_column_int64(statement, 7),
    };
    if (digest.length != STATE_DIGEST_BYTES)
        return database_error(state, SQLITE_CORRUPT, "trust", err);
    memcpy(person->digest, digest.data, STATE_DIGEST_BYTES);
    return true;
}

bool
state_each_person(struct state *state,
                  bool (*person)(void *context, const struct state_person *person,
                                 struct error *err),
                  void *context, struct error *err)
{
    struct state_person found;
    sqlite3_stmt *statement =
        database_prepare(state, "SELECT " PERSON_COLUMNS " FROM known ORDER BY key", err);
    bool ok = statement != NULL, row = true;

    while (ok && (ok = database_row(state, statement, &row, err)) && row)
        ok = take_person(state, statement, &found, err) && person(context, &found, err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_each_pending(struct state *state,
                   bool (*person)(void *context, const struct state_person *person,
                                  struct error *err),
                   void *context, struct error *err)
{
    static const char sql[] = "SELECT key, match_id, package FROM pending WHERE sending = 0"
                              "  UNION ALL SELECT key, match_id, package FROM person"
                              "  WHERE before = 0"
                              "  AND package IN (SELECT id FROM package WHERE fate IN (0, 1))";
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    bool ok = statement != NULL, row = true;

    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        const struct state_person found = {
            .key = database_bytes(statement, 0),
            .match_id = database_bytes(statement, 1),
            .package = sqlite3_column_int64(statement, 2),
        };

        ok = person(context, &found, err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_find_person(struct state *state, struct slice key, struct arena *arena,
                  struct state_person *ret_person, bool *ret_found, struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_FIND_PERSON,
                      "SELECT " PERSON_COLUMNS ", record.bytes FROM known"
                      "  LEFT JOIN record ON record.key = known.key WHERE known.key = ?",
                      err);
    bool ok;

    *ret_found = false;
    if (!statement)
        return false;
    database_bind(statement, 1, key);
    ok = database_row(state, statement, ret_found, err);
    if (*ret_found && (ok = take_person(state, statement, ret_person, err))) {
        ret_person->record = arena_slice(arena, database_bytes(statement, 8));
        ret_person->key = arena_slice(arena, ret_person->key);
        ret_person->match_id = arena_slice(arena, ret_person->match_id);
        ret_person->fields = arena_slice(arena, ret_person->fields);
    }
    sqlite3_reset(statement);
    return ok;
}

bool
state_each_of(struct state *state, const struct slice *keys, size_t count,
              bool (*person)(void *context, const struct state_person *person, struct error *err),
              void *context, struct error *err)
{
    struct state_person found;
    sqlite3_stmt *statement =
        database_prepare(state, "SELECT " PERSON_COLUMNS " FROM known WHERE key = ?", err);
    bool ok = statement && database_run(state, "BEGIN", "read", err), row;

    for (size_t i = 0; ok && i < count; i++) {
        database_bind(statement, 1, keys[i]);
        ok = database_row(state, statement, &row, err) &&
             (!row || (take_person(state, statement, &found, err) && person(context, &found, err)));
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return statement && database_end(state, ok, err) && ok;
}

bool
state_count_people(struct state *state, struct state_census *ret_census, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        state, "SELECT count(*), total(expired), total(absent > 0 AND NOT expired) FROM known",
        err);
    bool ok, row = false;

    *ret_census = (struct state_census){0};
    if (!statement)
        return false;
    ok = database_row(state, statement, &row, err);
    if (row)
        *ret_census = (struct state_census){.known = (uint64_t)sqlite3_column_int64(statement, 0),
                                            .expired = (uint64_t)sqlite3_column_int64(statement, 1),
                                            .absent = (uint64_t)sqlite3_column_int64(statement, 2)};
    sqlite3_finalize(statement);
    return ok;
}

bool
state_list_waiting(struct state *state, struct arena *arena, struct state_waiting **ret_waiting,
                   size_t *ret_count, struct error *err)
{
    static const char sql[] = "SELECT absent, count(*) FROM known WHERE absent > 0 AND NOT expired"
                              "  GROUP BY absent ORDER BY absent";
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    struct state_waiting *waiting = NULL;
    size_t capacity = 0;
    bool ok = statement != NULL, row = true;

    *ret_count = 0;
    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        memory_grow(&waiting, &capacity, *ret_count + 1, sizeof *waiting);
        waiting[(*ret_count)++] =
            (struct state_waiting){(unsigned)sqlite3_column_int64(statement, 0),
                                   (uint64_t)sqlite3_column_int64(statement, 1)};
    }
    *ret_waiting = arena_alloc(arena, *ret_count * sizeof *waiting);
    if (waiting)
        memcpy(*ret_waiting, waiting, *ret_count * sizeof *waiting);
    free(waiting);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_set_absences(struct state *state, const struct state_absence *absences, size_t count,
                   struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_SET_ABSENCE, "UPDATE person SET absent = ? WHERE key = ?", err);
    bool ok = statement && database_begin(state, err);

    for (size_t i = 0; ok && i < count; i++) {
        sqlite3_bind_int64(statement, 1, absences[i].absent);
        database_bind(statement, 2, absences[i].key);
        ok = database_step(state, statement, "write", err);
    }
    return database_end(state, ok, err) && ok;
}
