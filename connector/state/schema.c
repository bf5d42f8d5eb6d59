#include "state/database.h"

#include <stdio.h>

/* Which package counts for a person, below in the view. It looks up one package for each; what is
 * asked of the newest one that covers everybody is the same for all and found once. */
#define NEWEST_COVER " FROM package WHERE covers AND fate = 2 ORDER BY id DESC LIMIT 1) "
#define COVER "(SELECT id" NEWEST_COVER
#define COVER_CHANGED "(SELECT changed" NEWEST_COVER
#define OWN "iif(fate = 2, package.id, before)"
#define COVERED COVER "> max(spared, " OWN ") AND NOT expired"

/* A step is never changed once it was released: files in the field have gone through it. */
const char *const schema_steps[] = {
    "CREATE TABLE fact (name TEXT PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;"

    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, started INTEGER NOT NULL,"
    "  finished INTEGER NOT NULL DEFAULT 0, mode TEXT NOT NULL, full INTEGER NOT NULL,"
    "  outcome TEXT NOT NULL DEFAULT '', exit_status INTEGER NOT NULL DEFAULT 0,"
    "  error TEXT NOT NULL DEFAULT '', read INTEGER NOT NULL DEFAULT 0,"
    "  sent INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0,"
    "  leavers INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,"
    "  rejected INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0);"

    /* `covers`: all people went out in it, but for those whom it spared. */
    "CREATE TABLE package (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  run INTEGER NOT NULL REFERENCES run, name TEXT NOT NULL UNIQUE, target TEXT NOT NULL,"
    "  records INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,"
    "  fate INTEGER NOT NULL, changed INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0,"
    "  covers INTEGER NOT NULL DEFAULT 0);"

    /* Without rowid the people lie in the order of their keys: one tree, no second index, and a
     * plan in that order is written front to back. `package` counts once it is delivered, and until
     * then `before` does; 0 is none. Where the newest package that covers everybody and was
     * delivered is a newer one, it counts, unless it is the one that `spared` this person. So most
     * people are written once, by the plan that first has them. */
    "CREATE TABLE person (key BLOB PRIMARY KEY, match_id TEXT NOT NULL, digest BLOB NOT NULL,"
    "  fields BLOB NOT NULL, package INTEGER NOT NULL REFERENCES package,"
    "  before INTEGER NOT NULL DEFAULT 0, spared INTEGER NOT NULL DEFAULT 0,"
    "  absent INTEGER NOT NULL DEFAULT 0, expired INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"

    /* Those of whom Alma was given something, with the package that counts. */
    "CREATE VIEW known AS SELECT key, match_id, digest, fields,"
    "  iif(" COVERED "," COVER "," OWN ") AS package, absent, expired,"
    "  iif(" COVERED "," COVER_CHANGED ", iif(fate = 2, changed,"
    "      (SELECT changed FROM package WHERE id = before))) AS delivered"
    "  FROM person CROSS JOIN package ON package.id = person.package"
    "  WHERE fate = 2 OR before > 0;"

    /* Apart, so that comparing does not read them. */
    "CREATE TABLE record (key BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;"

    /* Whom the plan cannot write in place: a delivery is to replace what Alma has now. */
    "CREATE TABLE pending (package INTEGER NOT NULL REFERENCES package, key BLOB NOT NULL,"
    "  sending INTEGER NOT NULL, match_id TEXT, digest BLOB, fields BLOB, record BLOB,"
    "  PRIMARY KEY (package, key)) WITHOUT ROWID;",

    /* Who claims a match identifier (`identity accept`), and what is the matter with whom since
     * when. The `run` of a matter is the last one that met it, or that solved it. */
    "CREATE TABLE accepted (key BLOB NOT NULL, owner BLOB NOT NULL, match_id TEXT NOT NULL,"
    "  former TEXT NOT NULL, dn TEXT NOT NULL, accepted INTEGER NOT NULL,"
    "  PRIMARY KEY (key, owner)) WITHOUT ROWID;"
    /* Other match identifiers, by which Alma may have users that were made for the person. */
    "CREATE TABLE alias (key BLOB NOT NULL, match_id TEXT NOT NULL, PRIMARY KEY (key, match_id))"
    "  WITHOUT ROWID;"
    "CREATE TABLE matter (key BLOB NOT NULL, code TEXT NOT NULL, field TEXT NOT NULL, dn BLOB,"
    "  match_id BLOB, text BLOB NOT NULL, since INTEGER NOT NULL, run INTEGER NOT NULL,"
    "  solved INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (key, code, field)) WITHOUT ROWID;",

    /* What the last read knew (state/roster.h), and those few who are not simply there. */
    ("CREATE TABLE roster (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
     "CREATE INDEX person_apart ON person (absent, expired) WHERE absent > 0 OR expired;"),

    /* Photos of ours at each depot (state/photo.h): without `source` nobody knows what is there. */
    ("CREATE TABLE photo_depot (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
     "CREATE TABLE photo (depot INTEGER NOT NULL REFERENCES photo_depot, name BLOB NOT NULL,"
     "  key BLOB NOT NULL, source BLOB, sha256 BLOB, bytes INTEGER NOT NULL,"
     "  delivered INTEGER NOT NULL, unwanted INTEGER NOT NULL, PRIMARY KEY (depot, name)) WITHOUT "
     "ROWID;"
     "CREATE INDEX photo_of ON photo (key);"
     "CREATE TABLE photo_look (key BLOB PRIMARY KEY, version BLOB NOT NULL, source BLOB)"
     "  WITHOUT ROWID;"
     "CREATE TABLE photo_run (id INTEGER PRIMARY KEY, started INTEGER NOT NULL,"
     "  finished INTEGER NOT NULL, outcome TEXT NOT NULL, exit_status INTEGER NOT NULL,"
     "  error TEXT NOT NULL, added INTEGER NOT NULL, replaced INTEGER NOT NULL,"
     "  removed INTEGER NOT NULL, findings INTEGER NOT NULL);"),
};

const size_t schema_step_count = sizeof schema_steps / sizeof schema_steps[0];

static bool
go_steps(struct state *state, const char *const *steps, size_t from, size_t to, struct error *err)
{
    char version[64];

    for (size_t i = from; i < to; i++)
        if (!database_run(state, steps[i], "bring up to date", err))
            return false;
    snprintf(version, sizeof version, "PRAGMA user_version = %zu", to);
    return database_run(state, version, "bring up to date", err);
}

static bool
tell_older(const struct state *state, size_t version, size_t count, struct error *err)
{
    error_set(err, ERROR_DATA,
              "the state '%s' was written by an older ldap2alma (schema %zu, now %zu)", state->path,
              version, count);
    err->transient = true;
    return error_hint(err, "The next run brings it up to date.");
}

bool
schema_update(struct state *state, const char *const *steps, size_t count, bool may_write,
              struct error *err)
{
    int64_t number;
    size_t version;
    bool ok;

    if (!database_number(state, "PRAGMA user_version", &number, err))
        return false;
    version = (size_t)number;
    if (version == count)
        return true;
    if (version > count) {
        error_set(err, ERROR_DATA,
                  "the state '%s' was written by a newer ldap2alma (schema %zu, known here: %zu)",
                  state->path, version, count);
        return error_hint(err, "Run that version, or the newest.");
    }
    if (!may_write)
        return version == 0 ? database_tell_missing(state, err)
                            : tell_older(state, version, count, err);
    if (!database_begin(state, err))
        return false;
    ok = go_steps(state, steps, version, count, err);
    return database_end(state, ok, err) && ok;
}
