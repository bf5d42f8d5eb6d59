#include "state/roster.h"

#include "base/buffer.h"
#include "state/database.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
state_roster_part(struct state *state, int part, void **ret_bytes, size_t *ret_length,
                  struct error *err)
{
    sqlite3_blob *blob = NULL;
    int64_t there;
    int result;

    *ret_bytes = NULL;
    *ret_length = 0;
    if (!database_number(state, "SELECT count(*) FROM roster", &there, err))
        return false;
    if (there == 0)
        return true;
    result = sqlite3_blob_open(state->db, "main", "roster", "bytes", part, 0, &blob);
    if (result == SQLITE_ERROR) /* no such row */
        return true;
    if (result != SQLITE_OK)
        return database_error(state, result, "read", err);
    *ret_length = (size_t)sqlite3_blob_bytes(blob);
    *ret_bytes = memory_alloc(*ret_length);
    result = sqlite3_blob_read(blob, *ret_bytes, (int)*ret_length, 0);
    sqlite3_blob_close(blob);
    if (result == SQLITE_OK)
        return true;
    free(*ret_bytes);
    *ret_bytes = NULL;
    return database_error(state, result, "read", err);
}

bool
state_roster_begin(struct state *state, struct error *err)
{
    return database_begin(state, err);
}

/* `anew`: an earlier run may have kept a wrong number. */
static bool
count_people(struct state *state, bool anew, struct error *err)
{
    static const char kept[] = "SELECT CAST(bytes AS INTEGER) FROM roster WHERE part = -1",
                      all[] = "SELECT count(*) FROM person";
    int64_t count = 0;

    if (state->people >= 0)
        return true;
    if ((!anew && !database_number(state, kept, &count, err)) ||
        (count <= 0 && !database_number(state, all, &count, err)))
        return false;
    state->people = count;
    return true;
}

bool
state_roster_put_count(struct state *state, struct error *err)
{
    char number[32];
    int length;

    if (!count_people(state, true, err))
        return false;
    length = snprintf(number, sizeof number, "%" PRId64, state->people);
    return state_roster_put(state, -1, (struct slice){number, (size_t)length}, err);
}

bool
state_roster_end(struct state *state, bool keep, struct error *err)
{
    return database_end(state, keep, err);
}

bool
state_roster_put(struct state *state, int part, struct slice bytes, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "INSERT OR REPLACE INTO roster (part, bytes) VALUES (?, ?)", err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int(statement, 1, part);
    sqlite3_bind_blob64(statement, 2, bytes.data ? bytes.data : "", bytes.length, SQLITE_STATIC);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_roster_drop(struct state *state, struct error *err)
{
    return database_run(state, "DELETE FROM roster", "write", err);
}

bool
state_count_settled(struct state *state, struct state_census *ret_census, struct error *err)
{
    int64_t expired, absent;

    *ret_census = (struct state_census){0};
    if (!count_people(state, false, err) ||
        !database_number(state,
                         "SELECT total(expired) FROM person INDEXED BY person_apart"
                         "  WHERE absent > 0 OR expired",
                         &expired, err) ||
        !database_number(state,
                         "SELECT count(*) FROM person INDEXED BY person_apart"
                         "  WHERE absent > 0 AND NOT expired",
                         &absent, err))
        return false;
    *ret_census = (struct state_census){
        .known = (uint64_t)state->people, .expired = (uint64_t)expired, .absent = (uint64_t)absent};
    return true;
}

bool
state_list_absent(struct state *state, struct arena *arena, struct slice **ret_keys,
                  size_t *ret_count, struct error *err)
{
    static const char sql[] = "SELECT key FROM person INDEXED BY person_apart"
                              "  WHERE absent > 0 AND NOT expired ORDER BY key";
    sqlite3_stmt *statement = database_prepare(state, sql, err);
    struct buffer all = BUFFER_INIT;
    bool ok = statement != NULL, row = true;

    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        const struct slice key = arena_slice(arena, database_bytes(statement, 0));

        buffer_add(&all, (const char *)&key, sizeof key);
    }
    sqlite3_finalize(statement);
    *ret_count = all.length / sizeof **ret_keys;
    *ret_keys = arena_alloc(arena, all.length);
    if (all.length > 0)
        memcpy(*ret_keys, all.data, all.length);
    buffer_free(&all);
    return ok;
}
