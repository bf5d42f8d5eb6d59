#include "state/photo.h"

#include "state/database.h"

#include <string.h>

bool
state_photo_depot(struct state *state, const char *name, int64_t *ret_depot,
                  uint64_t *ret_elsewhere, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "INSERT OR IGNORE INTO photo_depot (name) VALUES (?)", err);
    bool row = false, ok;

    if (!statement)
        return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    statement = ok ? database_prepare(state,
                                      "SELECT id, (SELECT count(*) FROM photo WHERE depot <> id)"
                                      "  FROM photo_depot WHERE name = ?",
                                      err)
                   : NULL;
    if (!statement)
        return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    ok = database_row(state, statement, &row, err);
    *ret_depot = row ? sqlite3_column_int64(statement, 0) : 0;
    *ret_elsewhere = row ? (uint64_t)sqlite3_column_int64(statement, 1) : 0;
    sqlite3_finalize(statement);
    return ok;
}

/* True where the column has just these bytes. */
static bool
take_bytes(sqlite3_stmt *statement, int column, unsigned char *bytes, size_t length)
{
    struct slice found = database_bytes(statement, column);

    if (!found.data || found.length != length)
        return false;
    memcpy(bytes, found.data, length);
    return true;
}

static void
take_photo(sqlite3_stmt *statement, struct state_photo *photo)
{
    *photo = (struct state_photo){
        .name = database_bytes(statement, 0),
        .key = database_bytes(statement, 1),
        .bytes = (uint64_t)sqlite3_column_int64(statement, 4),
        .delivered = sqlite3_column_int64(statement, 5),
        .unwanted = sqlite3_column_int64(statement, 6),
    };
    photo->open = !take_bytes(statement, 2, photo->source, sizeof photo->source) ||
                  !take_bytes(statement, 3, photo->sha256, sizeof photo->sha256);
    photo->doubtful = photo->open && photo->bytes > 0;
}

bool
state_each_photo(struct state *state, int64_t depot,
                 bool (*photo)(void *context, const struct state_photo *photo, struct error *err),
                 void *context, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state,
                         "SELECT name, key, source, sha256, bytes, delivered, unwanted FROM photo"
                         "  WHERE depot = ? ORDER BY name",
                         err);
    struct state_photo found;
    bool row = true, ok = statement != NULL;

    if (ok)
        sqlite3_bind_int64(statement, 1, depot);
    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        take_photo(statement, &found);
        ok = photo(context, &found, err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_photos_begin(struct state *state, struct error *err)
{
    return database_begin(state, err);
}

bool
state_photos_end(struct state *state, bool keep, struct error *err)
{
    return database_end(state, keep, err);
}

static void
bind_known(sqlite3_stmt *statement, int place, bool known, const unsigned char *bytes,
           size_t length)
{
    database_bind(statement, place,
                  known ? (struct slice){(const char *)bytes, length} : SLICE_NONE);
}

bool
state_photo_put(struct state *state, int64_t depot, const struct state_photo *photo,
                struct error *err)
{
    sqlite3_stmt *statement = database_keep(
        state, KEPT_PUT_PHOTO,
        "INSERT OR REPLACE INTO photo (depot, name, key, source, sha256, bytes, delivered,"
        "  unwanted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, depot);
    database_bind(statement, 2, photo->name);
    database_bind(statement, 3, photo->key.data ? photo->key : slice_of(""));
    bind_known(statement, 4, !photo->open, photo->source, sizeof photo->source);
    bind_known(statement, 5, !photo->open, photo->sha256, sizeof photo->sha256);
    sqlite3_bind_int64(statement, 6, photo->open && !photo->doubtful ? 0 : (int64_t)photo->bytes);
    sqlite3_bind_int64(statement, 7, photo->delivered);
    sqlite3_bind_int64(statement, 8, photo->unwanted);
    return database_step(state, statement, "write", err);
}

bool
state_photo_remove(struct state *state, int64_t depot, struct slice name, struct error *err)
{
    sqlite3_stmt *statement = database_keep(
        state, KEPT_REMOVE_PHOTO, "DELETE FROM photo WHERE depot = ?1 AND name = ?2", err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, depot);
    database_bind(statement, 2, name);
    return database_step(state, statement, "write", err);
}

bool
state_each_photo_look(struct state *state,
                      bool (*look)(void *context, const struct state_photo_look *look,
                                   struct error *err),
                      void *context, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "SELECT key, version, source FROM photo_look", err);
    bool row = true, ok = statement != NULL;

    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        struct state_photo_look found = {.key = database_bytes(statement, 0),
                                         .version = database_bytes(statement, 1)};

        found.none = !take_bytes(statement, 2, found.source, sizeof found.source);
        ok = look(context, &found, err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_photo_look_put(struct state *state, const struct state_photo_look *look, struct error *err)
{
    sqlite3_stmt *statement = database_keep(
        state, KEPT_PUT_PHOTO_LOOK,
        "INSERT OR REPLACE INTO photo_look (key, version, source) VALUES (?1, ?2, ?3)", err);

    if (!statement)
        return false;
    database_bind(statement, 1, look->key);
    database_bind(statement, 2, look->version);
    bind_known(statement, 3, !look->none, look->source, sizeof look->source);
    return database_step(state, statement, "write", err);
}

bool
state_photo_look_remove(struct state *state, struct slice key, struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_REMOVE_PHOTO_LOOK, "DELETE FROM photo_look WHERE key = ?1", err);

    if (!statement)
        return false;
    database_bind(statement, 1, key);
    return database_step(state, statement, "write", err);
}

bool
state_photo_looks_clear(struct state *state, struct error *err)
{
    return database_run(state, "DELETE FROM photo_look", "write", err);
}

#define SUCCEEDED "photos succeeded"

bool
state_set_photo_run(struct state *state, const struct state_photo_run *run, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        state,
        "INSERT OR REPLACE INTO photo_run (id, started, finished, outcome, exit_status, error,"
        "  added, replaced, removed, findings) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, run->started);
    sqlite3_bind_int64(statement, 2, run->finished);
    sqlite3_bind_text(statement, 3, run->outcome, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 4, run->exit_status);
    sqlite3_bind_text(statement, 5, run->error, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 6, (int64_t)run->added);
    sqlite3_bind_int64(statement, 7, (int64_t)run->replaced);
    sqlite3_bind_int64(statement, 8, (int64_t)run->removed);
    sqlite3_bind_int64(statement, 9, (int64_t)run->findings);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok && (run->finished == 0 || run->exit_status != 0 ||
                  state_put_number(state, SUCCEEDED, (int64_t)run->finished, err));
}

static const char *
take_text(sqlite3_stmt *statement, int column, struct arena *arena)
{
    struct slice found = database_bytes(statement, column);

    return found.data ? arena_copy(arena, found.data, found.length) : "";
}

bool
state_get_photo_run(struct state *state, struct arena *arena, struct state_photo_run *ret_run,
                    struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state,
                         "SELECT started, finished, outcome, exit_status, error, added, replaced,"
                         "  removed, findings FROM photo_run",
                         err);
    bool row = false, ok = statement && database_row(state, statement, &row, err);
    int64_t succeeded = 0;

    *ret_run = (struct state_photo_run){.outcome = "", .error = ""};
    if (row)
        *ret_run = (struct state_photo_run){
            .started = sqlite3_column_int64(statement, 0),
            .finished = sqlite3_column_int64(statement, 1),
            .outcome = take_text(statement, 2, arena),
            .exit_status = sqlite3_column_int(statement, 3),
            .error = take_text(statement, 4, arena),
            .added = (uint64_t)sqlite3_column_int64(statement, 5),
            .replaced = (uint64_t)sqlite3_column_int64(statement, 6),
            .removed = (uint64_t)sqlite3_column_int64(statement, 7),
            .findings = (uint64_t)sqlite3_column_int64(statement, 8),
        };
    sqlite3_finalize(statement);
    ok = ok && state_get_number(state, SUCCEEDED, &succeeded, err);
    ret_run->succeeded = (time_t)succeeded;
    return ok;
}

bool
state_count_photos(struct state *state, uint64_t *ret_count, struct error *err)
{
    int64_t count;

    if (!database_number(state, "SELECT count(*) FROM photo", &count, err))
        return false;
    *ret_count = (uint64_t)count;
    return true;
}

bool
state_has_photo(struct state *state, struct slice key, bool *ret_has, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "SELECT 1 FROM photo WHERE key = ? LIMIT 1", err);
    bool ok;

    *ret_has = false;
    if (!statement)
        return false;
    database_bind(statement, 1, key);
    ok = database_row(state, statement, ret_has, err);
    sqlite3_finalize(statement);
    return ok;
}
