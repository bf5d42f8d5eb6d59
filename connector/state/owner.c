#include "state/database.h"

/* Letters' case is no matter to Alma. */
#define SAME " CAST(match_id AS TEXT) COLLATE NOCASE "

/* What may be the same as another that differs by more than the case of ASCII's letters. */
#define ODD " CAST(match_id AS TEXT) GLOB '*[^!-~]*' "

/* Alma was given something of them. */
#define DELIVERED " (before > 0 OR (SELECT fate FROM package WHERE id = package) = 2) "

bool
state_index_owners(struct state *state, struct error *err)
{
    return database_run(state,
                        "CREATE INDEX IF NOT EXISTS person_match ON person (" SAME ");"
                        "CREATE INDEX IF NOT EXISTS alias_match ON alias (" SAME ");"
                        "CREATE INDEX IF NOT EXISTS person_odd ON person (key) WHERE" ODD ";",
                        "write", err);
}

bool
state_find_owners(struct state *state, struct slice match_id, struct arena *arena,
                  struct state_alias **ret_owners, size_t *ret_count, struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(state, KEPT_FIND_OWNERS,
                      "SELECT key, match_id FROM person"
                      "  WHERE" SAME "= CAST(?1 AS TEXT) AND" DELIVERED "UNION ALL "
                      "SELECT key, match_id FROM alias WHERE" SAME "= CAST(?1 AS TEXT)",
                      err);
    struct state_alias owners[STATE_OWNERS_MOST];
    bool ok = statement != NULL, row = true;

    *ret_count = 0;
    if (!ok)
        return false;
    database_bind(statement, 1, match_id);
    while (ok && *ret_count < STATE_OWNERS_MOST &&
           (ok = database_row(state, statement, &row, err)) && row)
        owners[(*ret_count)++] = (struct state_alias){
            arena_slice(arena, database_bytes(statement, 0)),
            arena_slice(arena, database_bytes(statement, 1)),
        };
    sqlite3_reset(statement);
    *ret_owners = arena_alloc(arena, *ret_count * sizeof **ret_owners);
    for (size_t i = 0; i < *ret_count; i++)
        (*ret_owners)[i] = owners[i];
    return ok;
}

bool
state_each_odd_owner(struct state *state,
                     void (*owner)(void *context, const struct state_alias *owner), void *context,
                     struct error *err)
{
    sqlite3_stmt *statement =
        database_prepare(state,
                         "SELECT key, match_id FROM person WHERE" ODD "AND" DELIVERED
                         "UNION ALL SELECT key, match_id FROM alias WHERE" ODD,
                         err);
    bool row = true, ok = statement != NULL;

    while (ok && (ok = database_row(state, statement, &row, err)) && row)
        owner(context,
              &(struct state_alias){database_bytes(statement, 0), database_bytes(statement, 1)});
    sqlite3_finalize(statement);
    return ok;
}
