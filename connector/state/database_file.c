#include "state/database.h"

#include "base/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool
database_is_there(const char *path)
{
    struct stat info;

    if (lstat(path, &info) != 0)
        return errno != ENOENT;
    return !S_ISREG(info.st_mode) || info.st_size > 0;
}

bool
database_tell_missing(const struct state *state, struct error *err)
{
    error_set(err, ERROR_DATA, "there is no %s '%s' yet", state->words->what, state->path);
    err->transient = true;
    return error_hint(err, "%s", state->words->maker);
}

bool
database_check_file(const struct state *state, bool may_write, struct error *err)
{
    const struct database_words *words = state->words;
    const char *what = words->what, *path = state->path;
    struct stat info;

    if (!may_write && !database_is_there(path))
        return database_tell_missing(state, err);
    if (lstat(path, &info) != 0)
        return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE,
                         "cannot look at the %s '%s': %s", what, path, strerror(errno));
    if (S_ISLNK(info.st_mode)) {
        error_set(err, ERROR_CONFIG, "the %s '%s' is a link and not a file", what, path);
        return error_hint(err, "Name the real file as '%s' in the settings.", words->option);
    }
    if (!S_ISREG(info.st_mode)) {
        error_set(err, ERROR_CONFIG, "the %s '%s' is no file", what, path);
        return error_hint(err, "Name a file as '%s' in the settings.", words->option);
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return true;
    error_set(err, ERROR_PERMISSION, "the %s '%s' is open to others (mode %04o)", what, path,
              (unsigned)(info.st_mode & 07777));
    return error_hint(err, "It says who is in your directory: run 'chmod 600 %s'.", path);
}

bool
database_shut_in(struct state *state, struct error *err)
{
    return database_run(state, "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY", "open",
                        err);
}

bool
database_claim(struct state *state, bool may_write, struct error *err)
{
    char sql[64];
    int64_t id, tables;

    if (!database_number(state, "PRAGMA application_id", &id, err) ||
        !database_number(state, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (id == state->words->application)
        return true;
    if (id == 0 && tables == 0 && !may_write) /* who makes it did not get further */
        return database_tell_missing(state, err);
    if (id != 0 || tables != 0)
        return database_error(state, SQLITE_NOTADB, "open", err);
    snprintf(sql, sizeof sql, "PRAGMA application_id = %" PRId64, state->words->application);
    return database_run(state, sql, "make", err);
}

/* Two feeds in one file would take each other's people for leavers. */
bool
database_check_feed(struct state *state, const char *feed, bool may_write, struct error *err)
{
    const struct database_words *words = state->words;
    struct arena *arena = arena_new();
    struct slice owner;
    bool ok = state_get(state, "feed", arena, &owner, err);

    if (ok && !owner.data && may_write) {
        ok = state_put(state, "feed", slice_of(feed), err);
    } else if (ok && !owner.data) { /* who makes it did not get further */
        ok = database_tell_missing(state, err);
    } else if (ok && !slice_equal(owner, slice_of(feed))) {
        ok = error_set(err, ERROR_CONFIG, "the %s '%s' belongs to the feed '%.*s', not to '%s'",
                       words->what, state->path, SLICE_ARG(owner), feed);
        error_hint(err,
                   "Each feed has a %s of its own: name another file as '%s', or give "
                   "the settings the old 'name'.",
                   words->what, words->option);
    }
    arena_free(arena);
    return ok;
}
