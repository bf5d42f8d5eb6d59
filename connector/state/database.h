/* database: the SQLite file under state: opening it safely, statements, and the words for errors.
 *
 * Only for this folder.
 */
#ifndef STATE_DATABASE_H
#define STATE_DATABASE_H

#include "base/error.h"
#include "base/lock.h"
#include "base/slice.h"
#include "state/state.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Statements that run once a person are kept prepared. */
enum kept_statement {
    KEPT_PLAN_NEW,
    KEPT_PLAN_AGAIN,
    KEPT_PLAN_PENDING,
    KEPT_PLAN_SPARED,
    KEPT_FIND_PERSON,
    KEPT_SET_ABSENCE,
    KEPT_KEEP_RECORD,
    KEPT_MEET_MATTER,
    KEPT_SOLVE_MATTER,
    KEPT_FIND_MATTER,
    KEPT_PUT_PHOTO,
    KEPT_REMOVE_PHOTO,
    KEPT_PUT_PHOTO_LOOK,
    KEPT_REMOVE_PHOTO_LOOK,
    KEPT_FIND_OWNERS,
    KEPT_PUSHED_BY_ID,
    KEPT_PUSHED_BY_PLACE,
    KEPT_PUSHED_BY_IDENTIFIER,
    KEPT_PUSHED_ADD,
    KEPT_PUSHED_CHANGE,
    KEPT_PUSHED_IDENTIFY,
    KEPT_PUSHED_UNIDENTIFY,
    KEPT_PUSHED_DRAW,
    KEPT_PUSHED_DROP,
    KEPT_COUNT,
};

enum { STAMP_BYTES = 128 };

/* What a kind of file is called, and what to do about it; whole sentences but for the first two. */
struct database_words {
    int64_t application; /* SQLite's application id tells our files from other databases */
    const char *what, *option;
    const char *maker, *damaged, *foreign;
};

struct state {
    sqlite3 *db;
    const struct database_words *words;
    char *path;
    char *copy;        /* the file that is opened in its place; NULL: none */
    struct lock *lock; /* NULL for STATE_READ and copies */
    sqlite3_stmt *kept[KEPT_COUNT];
    bool unchecked;          /* state_check_pages() has something to do */
    bool glance;             /* STATE_GLANCE */
    bool leaving;            /* state_leave() */
    bool has_failed;         /* then nothing is left */
    char found[STAMP_BYTES]; /* STATE_RESUME: what it looked like before it was opened; "" */
    bool planning;
    int64_t people; /* rows of `person`; below 0: nobody has counted them */
    int64_t cover;  /* while planning: the newest delivered package that covers everybody */
};

/* Puts the file, and what a run that died left beside it, at state->copy. ERROR_LOCKED where
 * somebody writes to it meanwhile. */
bool copy_make(const struct state *state, const char *feed, struct error *err);

/* Before people come or go: a count of them holds no longer (state/roster.h). */
#define STATE_FORGET_COUNT "DELETE FROM roster WHERE part = -1"

/* Takes away the copy's name, and those of the files beside it. */
void copy_unlink(const struct state *state);

/* The lock of the state, in the arena, and what it is of in words. */
const char *state_lock_path(const char *path, struct arena *arena);

/* False where there is no file, or an empty one. */
bool database_is_there(const char *path);

/* ERROR_DATA: "there is no WHAT 'PATH' yet". Returns false. */
bool database_tell_missing(const struct state *state, struct error *err);

/* Whether the file is one, and nobody else's to read. */
bool database_check_file(const struct state *state, bool may_write, struct error *err);

/* It then trusts nothing that it says itself, and writes nowhere but into its own folder: a
 * confined run cannot, and others have no business with people's data below /tmp. */
bool database_shut_in(struct state *state, struct error *err);

/* An empty database becomes ours; anything else must say that it is. */
bool database_claim(struct state *state, bool may_write, struct error *err);

/* Whether the file belongs to the feed; one that belongs to none becomes its. */
bool database_check_feed(struct state *state, const char *feed, bool may_write, struct error *err);

/* Says what SQLite said of the file: "cannot DOING the WHAT 'PATH': …". Returns false. */
bool database_error(struct state *state, int result, const char *doing, struct error *err);

/* Runs statements without arguments or results. */
bool database_run(struct state *state, const char *sql, const char *doing, struct error *err);

/* NULL with err. sqlite3_finalize() when done, but for kept ones. */
sqlite3_stmt *database_prepare(struct state *state, const char *sql, struct error *err);
sqlite3_stmt *database_keep(struct state *state, enum kept_statement which, const char *sql,
                            struct error *err);

/* Runs a statement that changes something, with its arguments bound, and resets it. */
bool database_step(struct state *state, sqlite3_stmt *statement, const char *doing,
                   struct error *err);

/* The next row: *ret_row false at the end. */
bool database_row(struct state *state, sqlite3_stmt *statement, bool *ret_row, struct error *err);

/* The one number that a query without arguments gives; 0 for none and for NULL. */
bool database_number(struct state *state, const char *sql, int64_t *ret_number, struct error *err);

/* Bytes that stay where they are until the statement has run; SLICE_NONE is NULL. */
void database_bind(sqlite3_stmt *statement, int place, struct slice bytes);

/* A column's bytes, valid until the next step; SLICE_NONE for NULL. */
struct slice database_bytes(sqlite3_stmt *statement, int column);

/* A transaction that is kept when all went well. */
bool database_begin(struct state *state, struct error *err);
bool database_end(struct state *state, bool keep, struct error *err);

/* The steps from each version of the schema to the next; step 0 makes version 1. */
extern const char *const schema_steps[];
extern const size_t schema_step_count;

/* Brings the file from its version to that behind the last step, in one transaction. A newer file
 * is refused. */
bool schema_update(struct state *state, const char *const *steps, size_t count, bool may_write,
                   struct error *err);

#endif
