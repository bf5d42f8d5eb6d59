#include "state/state.h"

#include "state/database.h"

#include <stdio.h>
#include <string.h>

static const char *const fate_names[STATE_FATE_COUNT] = {
    [STATE_PLANNED] = "planned",     [STATE_RENAMING] = "renaming", [STATE_DELIVERED] = "delivered",
    [STATE_ABANDONED] = "abandoned", [STATE_CLEARED] = "cleared",
};

const char *
state_fate_name(enum state_fate fate)
{
    return fate_names[fate];
}

bool
state_begin_run(struct state *state, const struct state_run *run, int64_t *ret_id,
                struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "INSERT INTO run (started, mode, full) VALUES (?, ?, ?)", err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, run->started);
    sqlite3_bind_text(statement, 2, run->mode, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 3, run->full);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    *ret_id = sqlite3_last_insert_rowid(state->db);
    return ok;
}

bool
state_end_run(struct state *state, const struct state_run *run, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        state,
        "UPDATE run SET finished = ?, outcome = ?, exit_status = ?, error = ?, full = ?, read = ?,"
        "  sent = ?, unchanged = ?, leavers = ?, skipped = ?, rejected = ?, held = ? WHERE id = ?",
        err);
    const uint64_t counts[] = {run->read,    run->sent,     run->unchanged, run->leavers,
                               run->skipped, run->rejected, run->held};
    int place = 6;
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, run->finished);
    sqlite3_bind_text(statement, 2, run->outcome, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 3, run->exit_status);
    sqlite3_bind_text(statement, 4, run->error, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 5, run->full);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        sqlite3_bind_int64(statement, place++, (int64_t)counts[i]);
    sqlite3_bind_int64(statement, place, run->id);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

static const char *
column_string(sqlite3_stmt *statement, int column, struct arena *arena)
{
    return arena_string(arena, (const char *)sqlite3_column_text(statement, column));
}

bool
state_list_runs(struct state *state, size_t most, struct arena *arena, struct state_run **ret_runs,
                size_t *ret_count, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        state,
        "SELECT id, started, finished, mode, full, outcome, exit_status, error, read, sent,"
        "  unchanged, leavers, skipped, rejected, held FROM run ORDER BY id DESC LIMIT ?",
        err);
    bool ok = statement != NULL, row = true;

    *ret_count = 0;
    *ret_runs = arena_alloc(arena, most * sizeof **ret_runs);
    if (ok)
        sqlite3_bind_int64(statement, 1, (int64_t)most);
    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        struct state_run *run = &(*ret_runs)[(*ret_count)++];
        uint64_t *const counts[] = {&run->read,    &run->sent,     &run->unchanged, &run->leavers,
                                    &run->skipped, &run->rejected, &run->held};

        run->id = sqlite3_column_int64(statement, 0);
        run->started = (time_t)sqlite3_column_int64(statement, 1);
        run->finished = (time_t)sqlite3_column_int64(statement, 2);
        run->mode = column_string(statement, 3, arena);
        run->full = sqlite3_column_int(statement, 4) != 0;
        run->outcome = column_string(statement, 5, arena);
        run->exit_status = sqlite3_column_int(statement, 6);
        run->error = column_string(statement, 7, arena);
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            *counts[i] = (uint64_t)sqlite3_column_int64(statement, 8 + (int)i);
    }
    sqlite3_finalize(statement);
    return ok;
}

#define PACKAGE_COLUMNS "id, run, name, target, records, bytes, sha256, fate, changed, taken"

/* Packages grow in steps: nobody knows how many there are. */
static bool
list_packages(struct state *state, sqlite3_stmt *statement, struct arena *arena,
              struct state_package **ret_packages, size_t *ret_count, struct error *err)
{
    size_t capacity = 0;
    bool ok = true, row = true;

    *ret_packages = NULL;
    *ret_count = 0;
    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        struct state_package *package;

        if (*ret_count == capacity) {
            struct state_package *more;

            capacity = capacity ? capacity * 2 : 16;
            more = arena_alloc(arena, capacity * sizeof *more);
            if (*ret_count)
                memcpy(more, *ret_packages, *ret_count * sizeof *more);
            *ret_packages = more;
        }
        package = &(*ret_packages)[(*ret_count)++];
        package->id = sqlite3_column_int64(statement, 0);
        package->run = sqlite3_column_int64(statement, 1);
        package->name = column_string(statement, 2, arena);
        package->target = column_string(statement, 3, arena);
        package->records = (uint64_t)sqlite3_column_int64(statement, 4);
        package->bytes = (uint64_t)sqlite3_column_int64(statement, 5);
        snprintf(package->sha256, sizeof package->sha256, "%s",
                 (const char *)sqlite3_column_text(statement, 6));
        package->fate = (enum state_fate)sqlite3_column_int(statement, 7);
        package->changed = (time_t)sqlite3_column_int64(statement, 8);
        package->taken = sqlite3_column_int(statement, 9) > 0;
        package->gone = sqlite3_column_int(statement, 9) > 1;
    }
    return ok;
}

bool
state_list_packages(struct state *state, const struct state_query *query, struct arena *arena,
                    struct state_package **ret_packages, size_t *ret_count, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        state,
        "SELECT " PACKAGE_COLUMNS " FROM package WHERE (?1 >> fate) & 1"
        "  AND (?2 IS NULL OR target = ?2) AND (NOT ?3 OR taken = 0) AND (NOT ?4 OR taken = 1)"
        "  AND run >= ?5 ORDER BY id DESC LIMIT ?6",
        err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, query->fates);
    sqlite3_bind_text(statement, 2, query->target, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 3, query->waiting);
    sqlite3_bind_int(statement, 4, query->left);
    sqlite3_bind_int64(statement, 5, query->since);
    sqlite3_bind_int64(statement, 6, query->most ? (int64_t)query->most : -1);
    ok = list_packages(state, statement, arena, ret_packages, ret_count, err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_find_package(struct state *state, int64_t id, struct arena *arena,
                   struct state_package *ret_package, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, "SELECT " PACKAGE_COLUMNS " FROM package WHERE id = ?", err);
    struct state_package *found;
    size_t count;
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, id);
    ok = list_packages(state, statement, arena, &found, &count, err);
    sqlite3_finalize(statement);
    if (ok && count == 0)
        return database_error(state, SQLITE_CORRUPT, "trust", err);
    if (ok)
        *ret_package = found[0];
    return ok;
}

bool
state_last_full_run(struct state *state, time_t *ret_started, struct error *err)
{
    int64_t started;
    bool ok = database_number(
        state, "SELECT started FROM run WHERE full AND outcome = 'done' ORDER BY id DESC LIMIT 1",
        &started, err);

    *ret_started = (time_t)started;
    return ok;
}

bool
state_last_success(struct state *state, time_t *ret_finished, struct error *err)
{
    int64_t finished;
    bool ok = database_number(state,
                              "SELECT finished FROM run WHERE outcome IN ('done', "
                              "'nothing-to-send') AND mode IN ('synchronize', 'import')"
                              " ORDER BY id DESC LIMIT 1",
                              &finished, err);

    *ret_finished = (time_t)finished;
    return ok;
}

bool
state_has_imported(struct state *state, bool *ret_imported, struct error *err)
{
    int64_t imported;
    bool ok = database_number(
        state,
        "SELECT EXISTS (SELECT 1 FROM package JOIN run ON run.id = package.run"
        "  WHERE package.fate = 2 AND run.mode = 'import' AND run.id > (SELECT"
        "  ifnull(max(id), 0) FROM run WHERE full AND outcome = 'done' AND mode <> 'import'))",
        &imported, err);

    *ret_imported = imported != 0;
    return ok;
}
