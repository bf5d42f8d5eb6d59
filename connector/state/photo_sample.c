#include "state/database.h"
#include "state/photo.h"

#include <string.h>

/* UNION leaves out whom both have drawn. */
static const char query[] =
    "WITH there AS (SELECT name, sha256, delivered FROM photo"
    "    WHERE depot = (SELECT id FROM photo_depot WHERE name = ?1)"
    "      AND source IS NOT NULL AND length(sha256) = 32 AND unwanted = 0)"
    "  SELECT * FROM (SELECT name, sha256, delivered FROM there"
    "    ORDER BY delivered DESC, name LIMIT ?2)"
    "  UNION SELECT * FROM (SELECT name, sha256, delivered FROM there ORDER BY random() LIMIT ?2)";

bool
state_sample_photos(struct state *state, const char *depot, unsigned most, struct arena *arena,
                    struct state_photo **ret_photos, size_t *ret_count, struct error *err)
{
    struct state_photo *photos = arena_alloc(arena, 2 * (size_t)most * sizeof *photos);
    sqlite3_stmt *statement = database_prepare(state, query, err);
    bool row = true, ok = statement != NULL;
    size_t count = 0;

    if (ok) {
        sqlite3_bind_text(statement, 1, depot, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, most);
    }
    while (ok && (ok = database_row(state, statement, &row, err)) && row) {
        photos[count].name = arena_slice(arena, database_bytes(statement, 0));
        memcpy(photos[count].sha256, database_bytes(statement, 1).data, PHOTO_SHA256_BYTES);
        photos[count].delivered = sqlite3_column_int64(statement, 2);
        count++;
    }
    sqlite3_finalize(statement);
    *ret_photos = photos;
    *ret_count = ok ? count : 0;
    return ok;
}
