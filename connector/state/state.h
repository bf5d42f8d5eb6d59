/* state: what Alma was last given, and what is on its way there.
 *
 * One SQLite file a feed, readable by its owner alone. For each person: the directory's immutable
 * id, the match identifier, digests of the record and of its fields, and the package in which the
 * record was last delivered. For each package: its fate.
 *
 * How deliveries happen exactly once: before the first byte goes out a plan is recorded: packages,
 * and who is in each. A package's fate then goes from PLANNED to RENAMING (recorded before the
 * rename is sent) to DELIVERED, and only with that last step, in the same transaction, do its
 * people become what Alma has. A plan whose packages did not get there is abandoned and its people
 * are as they were: the next run plans anew.
 *
 * Order of use in a run: open for writing; look at packages that an earlier run left (settle each
 * as delivered or abandoned); state_each_person() to compare; plan; deliver, telling the fate of
 * each package; close. Each call that changes something is one transaction, synced when it
 * returns.
 *
 * Not here: who counts as changed, who has left, what goes into a package (run/).
 */
#ifndef STATE_STATE_H
#define STATE_STATE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct state;

enum state_access {
    STATE_WRITE, /* made when it is missing; ERROR_LOCKED while another process has it so */
    /* The same, but where the file is the very one that the last holder left (state_leave()), its
     * pages are not checked before state_check_pages(). */
    STATE_RESUME,
    STATE_READ, /* ERROR_DATA when it is missing; never waits for a writer, never changes it */
    /* The same, but its pages are not checked, for a look at a few people; needs the right to
     * write, for nothing is left beside the file. */
    STATE_GLANCE
};

/* False where there is no file yet, or an empty one that a run has just made. */
bool state_is_there(const char *path);

/* Whether the file could be made, with the folder that it is to lie in; makes nothing. */
bool state_may_make(const char *path, struct error *err);

/* Opens the state of a feed, brings an older schema up to date (only for STATE_WRITE; else such a
 * state, or one that a run is just making, is refused as transient; a newer one is always refused)
 * and checks the file. What is no state, is damaged, belongs to another feed or may be read by
 * others is refused with what to do (ERROR_DATA, ERROR_CONFIG, ERROR_PERMISSION). */
struct state *state_open(const char *path, const char *feed, enum state_access access,
                         struct error *err);
void state_close(struct state *state);

/* Checks the file's pages where opening has not. */
bool state_check_pages(struct state *state, struct error *err);

/* All went well: when the state is closed, what the file looks like is left for STATE_RESUME. */
void state_leave(struct state *state);

/* The same as for STATE_WRITE, but of a private copy, which is made in the folder and has no name
 * any more when this returns: what is written to it is gone when it is closed. The state itself is
 * only read, byte by byte, so that neither it nor a file beside it is touched or made; where it is
 * missing the copy begins empty. What would refuse STATE_WRITE refuses this. */
struct state *state_open_copy(const char *path, const char *feed, const char *folder,
                              struct error *err);

const char *state_path(const struct state *state);

/* Checks every page and index, which takes a second for each 300 MB or so. */
bool state_check(struct state *state, struct error *err);

/* Something that does not fit together in a file whose pages are sound. */
struct state_trouble {
    uint64_t count;     /* of what `what` names */
    const char *what;   /* "last records of nobody"; constant */
    const char *remedy; /* what to do, a full sentence; constant */
};

/* Calls `tell` for each trouble of one table (state/trouble.c). */
bool state_find_trouble(struct state *state,
                        void (*tell)(void *context, const struct state_trouble *trouble),
                        void *context, struct error *err);

enum { STATE_DIGEST_BYTES = 16 };

/* What state knows of one person. */
struct state_person {
    struct slice key;      /* the immutable id, or the folded DN; bytes */
    struct slice match_id; /* as it was delivered; "": it is somebody else's now */
    unsigned char digest[STATE_DIGEST_BYTES];
    struct slice fields; /* digests by field (run/fingerprint.h); opaque here */
    struct slice record; /* the last record, deflated; SLICE_NONE where it is not kept */
    int64_t package;     /* in which it was last delivered */
    time_t delivered;    /* when; only read */
    unsigned absent;     /* complete runs in a row in which nobody had this key */
    bool expired;        /* a last record has told Alma that the person left */
};

/* Calls `person` for everybody, in the order of keys; what it is given is valid during the call.
 * False when the callback says so (it sets err) or the file cannot be read. */
bool state_each_person(struct state *state,
                       bool (*person)(void *context, const struct state_person *person,
                                      struct error *err),
                       void *context, struct error *err);

/* Calls `person` for those whose record is on its way in a package that is not settled. Only key,
 * match_id and package are filled in. */
bool state_each_pending(struct state *state,
                        bool (*person)(void *context, const struct state_person *person,
                                       struct error *err),
                        void *context, struct error *err);

/* One person, by key; *ret_found says whether there is one. Texts are copied into the arena. */
bool state_find_person(struct state *state, struct slice key, struct arena *arena,
                       struct state_person *ret_person, bool *ret_found, struct error *err);

struct state_census {
    uint64_t known;   /* people whom state knows … */
    uint64_t expired; /* … of whom so many had a last record … */
    uint64_t absent;  /* … and so many others are absent */
};

bool state_count_people(struct state *state, struct state_census *ret_census, struct error *err);

/* Those others, by how many complete runs in a row they were absent from, in ascending order. */
struct state_waiting {
    unsigned absent;
    uint64_t people;
};

bool state_list_waiting(struct state *state, struct arena *arena,
                        struct state_waiting **ret_waiting, size_t *ret_count, struct error *err);

/* ---- runs and packages ---- */

struct state_run {
    int64_t id;
    time_t started, finished; /* finished 0: killed, or still at work */
    const char *mode;         /* "synchronize", "import"; "rebuild": nothing was sent */
    bool full;
    const char *outcome; /* as in the report: "done", "nothing-to-send", "stopped", "failed"; "" */
    int exit_status;
    const char *error;                       /* "" when all went well */
    uint64_t read, sent, unchanged, leavers; /* people */
    uint64_t skipped, rejected, held;
};

enum state_fate {
    STATE_PLANNED,   /* recorded; nothing or a temporary file is on the server */
    STATE_RENAMING,  /* the temporary file is whole; the rename may have happened */
    STATE_DELIVERED, /* on the server under its own name */
    STATE_ABANDONED, /* never delivered; its temporary file may still be on the server */
    STATE_CLEARED,   /* the same, and nothing of it is left there */
    STATE_FATE_COUNT
};

/* "planned", "renaming", "delivered", "abandoned", "cleared". */
const char *state_fate_name(enum state_fate fate);

struct state_package {
    int64_t id, run;
    const char *name;   /* of the file, as at the target */
    const char *target; /* where it went, as the target names itself */
    uint64_t records, bytes;
    char sha256[DIGEST_TEXT_BYTES];
    enum state_fate fate;
    time_t changed; /* when its fate did */
    bool taken;     /* it was seen that Alma took it … */
    bool gone;      /* … and that nothing of it is left there */
};

/* Begins a run; its id is what packages refer to. */
bool state_begin_run(struct state *state, const struct state_run *run, int64_t *ret_id,
                     struct error *err);

/* Writes down how the run ended; finished, outcome and counts of `run` are taken. */
bool state_end_run(struct state *state, const struct state_run *run, struct error *err);

/* The newest `most` runs, newest first. */
bool state_list_runs(struct state *state, size_t most, struct arena *arena,
                     struct state_run **ret_runs, size_t *ret_count, struct error *err);

/* Which packages: those whose fate is in `fates`, a set of bits 1 << enum state_fate. */
struct state_query {
    unsigned fates;
    const char *target; /* NULL: of any */
    bool waiting;       /* only those that Alma was not seen to have taken */
    bool left;          /* only those that were taken and may still be there */
    int64_t since;      /* only those of this run and of later ones */
    size_t most;        /* the newest; 0: all */
};

/* Newest first. */
bool state_list_packages(struct state *state, const struct state_query *query, struct arena *arena,
                         struct state_package **ret_packages, size_t *ret_count, struct error *err);

/* The package with this id; ERROR_DATA when there is none. */
bool state_find_package(struct state *state, int64_t id, struct arena *arena,
                        struct state_package *ret_package, struct error *err);

/* When the last full run began that delivered all of its packages; 0: there was none. */
bool state_last_full_run(struct state *state, time_t *ret_started, struct error *err);

/* When the last run ended that went well and was one for Alma (no rebuild); 0: there was none. */
bool state_last_success(struct state *state, time_t *ret_finished, struct error *err);

/* Whether something was delivered in the mode "import" since the last full run of another mode. */
bool state_has_imported(struct state *state, bool *ret_imported, struct error *err);

/* ---- the plan ---- */

/* A plan is one transaction: state_plan_begin(), packages and people, then state_plan_end(), which
 * either makes all of it durable or (`keep` false, or a failure before) none. */
bool state_plan_begin(struct state *state, struct error *err);

/* id, fate and changed are filled in. */
bool state_plan_package(struct state *state, struct state_package *package, struct error *err);

enum state_sending {
    STATE_SEND_RECORD, /* all of `person` is what Alma has after delivery */
    STATE_SEND_AGAIN,  /* the same record as last time: only the package changes; `record` is kept
                          where it is given */
    STATE_SEND_LAST    /* a leaver's last record: `expired` is set; the rest stays as it was */
};

/* Faster when keys come in ascending order. */
bool state_plan_person(struct state *state, const struct state_person *person,
                       enum state_sending sending, struct error *err);

/* For everybody whom state knows the same as STATE_SEND_AGAIN for each, but for those who are
 * planned otherwise, and for `spared`, who don't go out. Saves the plan of a full run its people.
 */
bool state_plan_everybody(struct state *state, int64_t package, const struct slice *spared,
                          size_t count, struct error *err);

bool state_plan_end(struct state *state, bool keep, struct error *err);

/* ---- what became of it ---- */

/* The temporary file is whole on the server, and its rename is about to be sent. */
bool state_begin_rename(struct state *state, int64_t package, struct error *err);

/* It was not renamed after all, and never will be: the package is PLANNED again. Only when this is
 * written may its temporary file go. */
bool state_undo_rename(struct state *state, int64_t package, struct error *err);

/* The package has its own name on the server: its people are now what Alma has. */
bool state_deliver(struct state *state, int64_t package, struct error *err);

/* It has not, and never will: its people are as they were before the plan. */
bool state_abandon(struct state *state, int64_t package, struct error *err);

/* Nothing of an abandoned package is left at the target. */
bool state_clear(struct state *state, int64_t package, struct error *err);

/* Alma was seen to have taken it; `gone`: and nothing of it is left there. */
bool state_set_taken(struct state *state, int64_t package, bool gone, struct error *err);

/* Last records that were not kept when they were delivered, because nobody needed them then. */
bool state_keep_record(struct state *state, struct slice key, struct slice record,
                       struct error *err);

/* How many complete runs in a row a person was absent from. */
struct state_absence {
    struct slice key;
    unsigned absent;
};

/* After a complete read: writes those counts that have changed; in ascending order is faster. */
bool state_set_absences(struct state *state, const struct state_absence *absences, size_t count,
                        struct error *err);

/* ---- who claims which match identifier (state/accepted.c) ---- */

/* Somebody who is not sent until people have decided: under another match identifier than was
 * delivered (`owner` is the key itself then), or under one that was delivered as another person's.
 * One person may have several claims, one for each owner. */
struct state_claim {
    struct slice key;
    struct slice match_id; /* that is claimed */
    struct slice owner;    /* whom state knows … */
    struct slice former;   /* … by this match identifier */
    struct slice dn;
    time_t accepted; /* when somebody did; 0: held */
};

/* These are the claims now; whatever was there before is gone, also what was accepted. */
bool state_set_claims(struct state *state, const struct state_claim *claims, size_t count,
                      struct error *err);

/* In the order of key and owner. The texts live in the arena. */
bool state_list_claims(struct state *state, struct arena *arena, struct state_claim **ret_claims,
                       size_t *ret_count, struct error *err);

/* A match identifier, beside the one that state knows the person by, by which Alma may have a user
 * that was made for them: they were delivered with it, or before they got another one. */
struct state_alias {
    struct slice key, match_id;
};

/* Adds to those that are there; within a plan, as it must be known before anything is delivered. An
 * alias is one until somebody else's claim of it is accepted and delivered. */
bool state_add_aliases(struct state *state, const struct state_alias *aliases, size_t count,
                       struct error *err);

/* In the order of keys. The texts live in the arena. */
bool state_list_aliases(struct state *state, struct arena *arena, struct state_alias **ret_aliases,
                        size_t *ret_count, struct error *err);

/* Whom state knows by the match identifier, or by it as an alias; at most so many, in the arena.
 * Reads everybody unless state_index_owners() was called once, which feeds do that are asked so. */
enum { STATE_OWNERS_MOST = 8 };
bool state_find_owners(struct state *state, struct slice match_id, struct arena *arena,
                       struct state_alias **ret_owners, size_t *ret_count, struct error *err);
/* Those with a match identifier that has blanks or others than ASCII's characters, of which
 * state_find_owners() cannot tell all that are the same. Valid during the call. */
bool state_each_odd_owner(struct state *state,
                          void (*owner)(void *context, const struct state_alias *owner),
                          void *context, struct error *err);

bool state_index_owners(struct state *state, struct error *err);

/* Accepts all claims of a person. Delivery uses them up: whoever was known by the match identifier
 * is then somebody who has expired and has none (""). */
bool state_accept(struct state *state, struct slice key, time_t now, struct error *err);

/* A person whom the directory knows by another immutable id now. */
struct state_link {
    struct slice before, now;
};

/* The people have their new keys, which nobody had; the claims are gone, and the roster. Nothing
 * may be planned. */
bool state_relink(struct state *state, const struct state_link *links, size_t count,
                  struct error *err);

/* ---- odds and ends that a run remembers ---- */

/* A text under a name, such as the digest of the mapping; SLICE_NONE where there is none. */
bool state_get(struct state *state, const char *name, struct arena *arena, struct slice *ret_text,
               struct error *err);
bool state_put(struct state *state, const char *name, struct slice text, struct error *err);

/* The same for a number; 0 where there is none. */
bool state_get_number(struct state *state, const char *name, int64_t *ret_number,
                      struct error *err);
bool state_put_number(struct state *state, const char *name, int64_t number, struct error *err);

/* Takes out people who are not what Alma knows by their match identifier any more. */
bool state_remove_people(struct state *state, const struct slice *keys, size_t count,
                         struct error *err);

/* Forgets people: no trace stays in the file, which is rewritten. The roster goes as well. */
bool state_forget(struct state *state, const struct slice *keys, size_t count, struct error *err);

#endif
