#include "state/pushed.h"

#include "state/pushed_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char refusals[] = "refused"; /* a fact: "COUNT LAST" */

#define COLUMNS "row, change, id, own_id, place, dn, match_id, identifiers, entry"

bool
pushed_begin(struct pushed *pushed, struct error *err)
{
    if (!database_begin(pushed->file, err) || !pushed_newest(pushed, &pushed->newest, err))
        return false;
    pushed->began = pushed->newest;
    return true;
}

static bool
draw_token(struct pushed *pushed, struct error *err)
{
    static const struct {
        enum kept_statement kept;
        const char *sql;
    } statements[] = {
        {KEPT_PUSHED_DRAW, "INSERT INTO moment VALUES (?, lower(hex(randomblob(8))))"},
        {KEPT_PUSHED_DROP, "DELETE FROM moment WHERE change < ? - 1000000"},
    };

    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        sqlite3_stmt *statement =
            database_keep(pushed->file, statements[i].kept, statements[i].sql, err);

        if (!statement)
            return false;
        sqlite3_bind_int64(statement, 1, pushed->newest);
        if (!database_step(pushed->file, statement, "write", err))
            return false;
    }
    return true;
}

bool
pushed_end(struct pushed *pushed, bool keep, struct error *err)
{
    bool ok = !keep || pushed->newest == pushed->began || draw_token(pushed, err);

    return database_end(pushed->file, keep && ok, err) && ok;
}

bool
pushed_token(struct pushed *pushed, int64_t change, struct arena *arena, struct slice *ret_token,
             bool *ret_known, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(
        pushed->file,
        "SELECT (SELECT token FROM moment WHERE change = ?1), min(change) <= ?1 FROM moment", err);
    bool row = false, ok = statement != NULL;

    *ret_token = SLICE_NONE;
    if (ok) {
        sqlite3_bind_int64(statement, 1, change);
        ok = database_row(pushed->file, statement, &row, err);
    }
    if (row && database_bytes(statement, 0).data)
        *ret_token = arena_slice(arena, database_bytes(statement, 0));
    *ret_known = row && sqlite3_column_int(statement, 1) != 0;
    sqlite3_finalize(statement);
    return ok;
}

bool
pushed_begin_look(struct pushed *pushed, struct error *err)
{
    int64_t unused;

    /* The moment is that of the first thing that is read. */
    return database_run(pushed->file, "BEGIN", "read", err) &&
           database_number(pushed->file, "SELECT 1 FROM fact", &unused, err);
}

void
pushed_end_look(struct pushed *pushed)
{
    (void)sqlite3_exec(pushed->file->db, "COMMIT", NULL, NULL, NULL);
}

static struct pushed_person
person_of(sqlite3_stmt *statement)
{
    return (struct pushed_person){
        .row = sqlite3_column_int64(statement, 0),
        .change = sqlite3_column_int64(statement, 1),
        .id = database_bytes(statement, 2),
        .own_id = sqlite3_column_int(statement, 3) != 0,
        .place = database_bytes(statement, 4),
        .dn = database_bytes(statement, 5),
        .match_id = database_bytes(statement, 6),
        .identifiers = database_bytes(statement, 7),
        .entry = database_bytes(statement, 8),
    };
}

static const struct {
    enum kept_statement kept;
    const char *sql;
} lookups[] = {
    [PUSHED_BY_ID] = {KEPT_PUSHED_BY_ID, "SELECT " COLUMNS " FROM person WHERE id = ?"},
    [PUSHED_BY_PLACE] = {KEPT_PUSHED_BY_PLACE, "SELECT " COLUMNS " FROM person WHERE place = ?"},
    [PUSHED_BY_IDENTIFIER] = {KEPT_PUSHED_BY_IDENTIFIER,
                              "SELECT " COLUMNS " FROM person WHERE row ="
                              "  (SELECT person FROM identifier WHERE folded = ?)"},
};

bool
pushed_find(struct pushed *pushed, enum pushed_by by, struct slice what, struct arena *arena,
            struct pushed_person *ret_person, bool *ret_found, struct error *err)
{
    sqlite3_stmt *statement = database_keep(pushed->file, lookups[by].kept, lookups[by].sql, err);
    struct slice *texts[] = {&ret_person->id,       &ret_person->place,       &ret_person->dn,
                             &ret_person->match_id, &ret_person->identifiers, &ret_person->entry};
    bool ok;

    *ret_found = false;
    *ret_person = (struct pushed_person){.row = 0};
    if (!statement)
        return false;
    database_bind(statement, 1, what);
    ok = database_row(pushed->file, statement, ret_found, err);
    if (*ret_found) {
        *ret_person = person_of(statement);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
            if (texts[i]->data)
                *texts[i] = arena_slice(arena, *texts[i]);
    }
    sqlite3_reset(statement);
    return ok;
}

static bool
each_of(struct pushed *pushed, const char *sql, int64_t change,
        bool (*person)(void *context, const struct pushed_person *person, struct error *err),
        void *context, struct error *err)
{
    sqlite3_stmt *statement = database_prepare(pushed->file, sql, err);
    bool ok = statement != NULL, row = true;

    if (ok)
        sqlite3_bind_int64(statement, 1, change);
    while (ok && (ok = database_row(pushed->file, statement, &row, err)) && row) {
        const struct pushed_person found = person_of(statement);

        ok = person(context, &found, err);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool
pushed_each(struct pushed *pushed,
            bool (*person)(void *context, const struct pushed_person *person, struct error *err),
            void *context, struct error *err)
{
    return each_of(pushed, "SELECT " COLUMNS " FROM person WHERE entry IS NOT NULL AND row > ?", 0,
                   person, context, err);
}

bool
pushed_each_since(struct pushed *pushed, int64_t change,
                  bool (*person)(void *context, const struct pushed_person *person,
                                 struct error *err),
                  void *context, struct error *err)
{
    return each_of(pushed, "SELECT " COLUMNS " FROM person WHERE change > ? ORDER BY change",
                   change, person, context, err);
}

bool
pushed_newest(struct pushed *pushed, int64_t *ret_newest, struct error *err)
{
    return database_number(pushed->file, "SELECT max(change) FROM person", ret_newest, err);
}

bool
pushed_count(struct pushed *pushed, struct pushed_census *ret_census, struct error *err)
{
    int64_t kept;

    if (!database_number(pushed->file, "SELECT count(*) FROM person WHERE entry IS NOT NULL", &kept,
                         err))
        return false;
    ret_census->kept = (uint64_t)kept;
    return pushed_newest(pushed, &ret_census->newest, err);
}

static bool
take_nothing(void *context, const struct pushed_person *person, struct error *err)
{
    uint64_t *count = context;

    (void)person, (void)err;
    ++*count;
    return true;
}

bool
pushed_count_since(struct pushed *pushed, int64_t change, uint64_t *ret_count, struct error *err)
{
    *ret_count = 0;
    return each_of(pushed, "SELECT 0, 0, '', 0, '', '', '', '', '' FROM person WHERE change > ?",
                   change, take_nothing, ret_count, err);
}

/* Runs the statement for each identifier of the list. */
static bool
each_identifier(struct pushed *pushed, sqlite3_stmt *statement, struct slice list, int64_t row,
                struct error *err)
{
    bool ok = statement != NULL;

    while (ok && list.length > 0) {
        size_t length = strnlen(list.data, list.length);

        database_bind(statement, 1, (struct slice){list.data, length});
        sqlite3_bind_int64(statement, 2, row);
        ok = database_step(pushed->file, statement, "write", err);
        length += length < list.length;
        list = (struct slice){list.data + length, list.length - length};
    }
    return ok;
}

static bool
take_identifiers(struct pushed *pushed, const struct pushed_person *person, struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(pushed->file, KEPT_PUSHED_UNIDENTIFY,
                      "DELETE FROM identifier WHERE folded = ? AND person = ?", err);

    return each_identifier(pushed, statement, person->identifiers, person->row, err);
}

/* What somebody else has already stays theirs: callers look before, but for a new mapping. */
static bool
give_identifiers(struct pushed *pushed, const struct pushed_person *person, int64_t row,
                 struct error *err)
{
    sqlite3_stmt *statement =
        database_keep(pushed->file, KEPT_PUSHED_IDENTIFY,
                      "INSERT OR IGNORE INTO identifier (folded, person) VALUES (?, ?)", err);

    return each_identifier(pushed, statement, person->identifiers, row, err);
}

static bool
write_person(struct pushed *pushed, const struct pushed_person *person, int64_t row,
             struct error *err)
{
    sqlite3_stmt *statement =
        row == 0 ? database_keep(pushed->file, KEPT_PUSHED_ADD,
                                 "INSERT INTO person (change, id, own_id, place, dn, match_id,"
                                 "  identifiers, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                                 err)
                 : database_keep(pushed->file, KEPT_PUSHED_CHANGE,
                                 "UPDATE person SET change = ?, id = ?, own_id = ?, place = ?,"
                                 "  dn = ?, match_id = ?, identifiers = ?, entry = ?"
                                 "  WHERE row = ?",
                                 err);

    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, person->change);
    database_bind(statement, 2, person->id);
    sqlite3_bind_int(statement, 3, person->own_id);
    database_bind(statement, 4, person->place);
    database_bind(statement, 5, person->dn);
    database_bind(statement, 6, person->match_id);
    database_bind(statement, 7, person->identifiers);
    database_bind(statement, 8, person->entry);
    if (row != 0)
        sqlite3_bind_int64(statement, 9, row);
    return database_step(pushed->file, statement, "write", err);
}

static bool
identify(struct pushed *pushed, const struct pushed_person *before, const struct pushed_person *now,
         int64_t row, struct error *err)
{
    return slice_equal(before->identifiers, now->identifiers) ||
           (take_identifiers(pushed, before, err) && give_identifiers(pushed, now, row, err));
}

bool
pushed_put(struct pushed *pushed, const struct pushed_person *before,
           const struct pushed_person *now, struct error *err)
{
    struct pushed_person next = *now;
    int64_t row = before->row;

    next.change = ++pushed->newest;
    if (!write_person(pushed, &next, row, err))
        return false;
    if (row == 0)
        row = sqlite3_last_insert_rowid(pushed->file->db);
    return identify(pushed, before, now, row, err);
}

bool
pushed_remove(struct pushed *pushed, const struct pushed_person *person, bool yields,
              struct error *err)
{
    const struct pushed_person gone = {
        .change = ++pushed->newest,
        .id = person->id,
        .own_id = person->own_id,
        .place = yields ? SLICE_NONE : person->place,
        .dn = person->dn,
    };

    return write_person(pushed, &gone, person->row, err) && take_identifiers(pushed, person, err);
}

bool
pushed_get_refusals(struct pushed *pushed, struct pushed_refusals *ret_refusals, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice kept;
    bool ok = state_get(pushed->file, refusals, arena, &kept, err);

    *ret_refusals = (struct pushed_refusals){0, 0};
    if (ok && kept.data)
        (void)sscanf(arena_copy(arena, kept.data, kept.length), "%" SCNu64 " %" SCNd64,
                     &ret_refusals->count, &ret_refusals->last);
    arena_free(arena);
    return ok;
}

bool
pushed_add_refusals(struct pushed *pushed, uint64_t count, struct error *err)
{
    struct pushed_refusals before;
    char text[64];

    if (!pushed_get_refusals(pushed, &before, err))
        return false;
    snprintf(text, sizeof text, "%" PRIu64 " %" PRId64, before.count + count, (int64_t)time(NULL));
    return state_put(pushed->file, refusals, slice_of(text), err);
}

bool
pushed_forget_identifiers(struct pushed *pushed, struct error *err)
{
    return database_run(pushed->file, "DELETE FROM identifier", "write", err);
}

bool
pushed_identify(struct pushed *pushed, const struct pushed_person *before,
                const struct pushed_person *now, struct error *err)
{
    struct pushed_person next = *before;

    next.match_id = now->match_id;
    next.identifiers = now->identifiers;
    return write_person(pushed, &next, before->row, err) &&
           give_identifiers(pushed, now, before->row, err);
}

bool
pushed_check(struct pushed *pushed, struct error *err)
{
    static const struct {
        const char *sql, *what;
    } troubles[] = {
        {"SELECT count(*) FROM identifier LEFT JOIN person ON person.row = identifier.person"
         "  WHERE person.entry IS NULL",
         "identifiers of nobody"},
        {"SELECT count(*) FROM person WHERE entry IS NULL AND"
         "  (match_id IS NOT NULL OR identifiers IS NOT NULL)",
         "people who were removed and have identifiers"},
    };

    if (!state_check(pushed->file, err))
        return false;
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        int64_t count;

        if (!database_number(pushed->file, troubles[i].sql, &count, err))
            return false;
        if (count > 0) {
            error_set(err, ERROR_DATA, "the %s '%s' holds %lld %s", pushed->file->words->what,
                      pushed->file->path, (long long)count, troubles[i].what);
            return error_hint(err, "%s", pushed->file->words->damaged);
        }
    }
    return true;
}
