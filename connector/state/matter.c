#include "state/matter.h"

#include "state/database.h"

#include <stdlib.h>

bool
state_matters_begin(struct state *state, struct error *err)
{
    return database_begin(state, err);
}

bool
state_matters_end(struct state *state, bool keep, struct error *err)
{
    return database_end(state, keep, err);
}

static void
bind_matter(sqlite3_stmt *statement, struct slice key, const char *code, const char *field)
{
    database_bind(statement, 1, key);
    sqlite3_bind_text(statement, 2, code, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, field, -1, SQLITE_STATIC);
}

bool
state_matter_meet(struct state *state, int64_t run, const struct state_matter *matter,
                  struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_MEET_MATTER,
                      "INSERT INTO matter (key, code, field, dn, match_id, text, since, run)"
                      "  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                      "  ON CONFLICT DO UPDATE SET dn = excluded.dn, match_id = excluded.match_id,"
                      "  text = excluded.text, run = excluded.run, solved = 0,"
                      "  since = CASE WHEN solved THEN excluded.since ELSE since END"
                      "  WHERE run <> excluded.run",
                      err);

    if (!statement)
        return false;
    bind_matter(statement, matter->key, matter->code, matter->field);
    database_bind(statement, 4, matter->dn);
    database_bind(statement, 5, matter->match_id);
    database_bind(statement, 6, matter->text.data ? matter->text : slice_of(""));
    sqlite3_bind_int64(statement, 7, matter->since);
    sqlite3_bind_int64(statement, 8, run);
    return database_step(state, statement, "write", err);
}

#define READ_COLUMNS "SELECT key, code, field, dn, match_id, text, since, solved FROM matter "

static void
take_matter(sqlite3_stmt *statement, struct state_matter *matter)
{
    int solved = sqlite3_column_int(statement, 7);

    *matter = (struct state_matter){
        .key = database_bytes(statement, 0),
        .code = (const char *)sqlite3_column_text(statement, 1),
        .field = (const char *)sqlite3_column_text(statement, 2),
        .dn = database_bytes(statement, 3),
        .match_id = database_bytes(statement, 4),
        .text = database_bytes(statement, 5),
        .since = (time_t)sqlite3_column_int64(statement, 6),
        .solved = solved > 0 && solved < STATE_SOLVED_COUNT ? (enum state_solved)solved
                  : solved                                  ? STATE_SOLVED_OVER
                                                            : STATE_UNSOLVED,
    };
}

/* What is over, and why; the rows are changed when all of them were read. */
struct ending {
    struct slice key;
    const char *code, *field;
    enum state_solved solved;
};

struct endings {
    struct ending *items;
    size_t count, capacity;
    struct arena *arena;
};

static bool
list_endings(struct state *state, int64_t run,
             enum state_solved (*how)(void *context, const struct state_matter *matter),
             void *context, struct endings *endings, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(state, READ_COLUMNS "WHERE run <> ?1", err);
    struct state_matter matter;
    bool ok = statement != NULL, row = true;

    if (ok)
        sqlite3_bind_int64(statement, 1, run);
    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        enum state_solved solved;

        take_matter(statement, &matter);
        solved = how(context, &matter);
        if (solved == STATE_UNSOLVED)
            continue;
        memory_grow(&endings->items, &endings->capacity, endings->count + 1,
                    sizeof *endings->items);
        endings->items[endings->count++] = (struct ending){
            arena_slice(endings->arena, matter.key), arena_string(endings->arena, matter.code),
            arena_string(endings->arena, matter.field), solved};
    }
    sqlite3_finalize(statement);
    return ok;
}

static bool
write_ending(struct state *state, int64_t run, const struct ending *ending, struct error *err)
{
    sqlite3_stmt *statement = database_keep(state, KEPT_SOLVE_MATTER,
                                            "UPDATE matter SET run = ?4, solved = ?5"
                                            "  WHERE key = ?1 AND code = ?2 AND field = ?3",
                                            err);

    if (!statement)
        return false;
    bind_matter(statement, ending->key, ending->code, ending->field);
    sqlite3_bind_int64(statement, 4, run);
    sqlite3_bind_int(statement, 5, (int)ending->solved);
    return database_step(state, statement, "write", err);
}

/* Solved before, or of somebody with whom something else is the matter now. */
static bool
forget_past(struct state *state, int64_t run, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state,
                         "DELETE FROM matter WHERE run <> ?1 AND (solved OR EXISTS (SELECT 1"
                         "  FROM matter AS other WHERE other.key = matter.key AND other.run = ?1))",
                         err);
    bool ok;

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, run);
    ok = database_step(state, statement, "write", err);
    sqlite3_finalize(statement);
    return ok;
}

bool
state_matters_solve(struct state *state, int64_t run,
                    enum state_solved (*how)(void *context, const struct state_matter *matter),
                    void *context, struct error *err)
{
    struct endings endings = {.arena = arena_new()};
    bool ok = forget_past(state, run, err) && list_endings(state, run, how, context, &endings, err);

    for (size_t i = 0; ok && i < endings.count; i++)
        ok = write_ending(state, run, &endings.items[i], err);
    free(endings.items);
    arena_free(endings.arena);
    return ok;
}

bool
state_each_matter(struct state *state,
                  bool (*matter)(void *context, const struct state_matter *matter,
                                 struct error *err),
                  void *context, struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state, READ_COLUMNS "ORDER BY since, code, key, field", err);
    struct state_matter found;
    bool ok = statement != NULL, row = true;

    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        take_matter(statement, &found);
        ok = matter(context, &found, err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
state_matter_since(struct state *state, struct slice key, const char *code, const char *field,
                   time_t *ret_since, struct error *err)
{
    sqlite3_stmt *statement = database_keep(
        state, KEPT_FIND_MATTER,
        "SELECT since FROM matter WHERE key = ? AND code = ? AND field = ? AND NOT solved", err);
    bool ok, row = false;

    *ret_since = 0;
    if (!statement)
        return false;
    bind_matter(statement, key, code, field);
    ok = database_row(state, statement, &row, err);
    if (row)
        *ret_since = (time_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return ok;
}
