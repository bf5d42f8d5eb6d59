/* roster: what the last read knew of everybody, for a run that does not read everybody again.
 *
 * A row is somebody in the directory, or somebody whom only state knows: the id, the verdict, when
 * the record is due to be sent again, the groups' view of them. Marks say which rows have, or may
 * be known to Alma by, an identifier: the upper half of identifier_hash() and the row's number, as
 * in people_marks(). Marks too many do no harm: whoever has one is looked at again.
 *
 * 24 bytes a person and 8 for each identifier. It lies in state in two layers: a base, and behind
 * it the rows that came since, which void those that they replace; when these are many, all become
 * a new base.
 *
 * Order of use: roster_open() and roster_load(), or roster_new() and roster_append() for each;
 * roster_find(), roster_marked(); roster_replace(), roster_mark(); roster_store().
 */
#ifndef RUN_ROSTER_H
#define RUN_ROSTER_H

#include "base/error.h"
#include "base/slice.h"
#include "directory/changes.h"
#include "model/entry.h"
#include "model/user_fields.h"
#include "state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct roster;

/* Kept in files: a number never gets another meaning. */
enum roster_verdict {
    ROSTER_VOID, /* replaced by a row behind it */
    ROSTER_FIT,
    ROSTER_SKIPPED,
    ROSTER_REJECTED,
    ROSTER_HELD,
    ROSTER_AWAY, /* not in the directory */
    ROSTER_VERDICT_COUNT
};

struct roster_row {
    unsigned char id[DIRECTORY_ID_BYTES];
    uint32_t due; /* seconds since 1970: not before is the record to be sent again; UINT32_MAX:
                     never */
    unsigned char verdict;
    unsigned char kind;   /* enum directory_id_kind */
    unsigned char search; /* the first one that found the entry; at most 255 */
    unsigned char spare;
};

/* What holds for the whole. */
struct roster_facts {
    int64_t run;                    /* the run that wrote it */
    uint64_t had[USER_FIELDS_MOST]; /* of those who are fit: how many have each field */
    struct slice conditions;        /* under which it was made; the roster's own copies */
    struct slice mark;              /* changes.h */
    struct slice groups;            /* changes.h: kept with the mark */
};

struct roster *roster_new(void);
void roster_free(struct roster *roster);

struct roster_facts *roster_facts(struct roster *roster);
void roster_set_texts(struct roster *roster, struct slice conditions, struct slice mark);
void roster_set_groups(struct roster *roster, struct slice groups);

#define ROSTER_NONE UINT32_MAX

size_t roster_count(const struct roster *roster);
struct roster_row *roster_row(struct roster *roster, uint32_t number);
struct directory_id roster_id(const struct roster_row *row);
bool roster_is_here(const struct roster_row *row); /* in the directory */

/* NULL where groups do not matter. */
const struct membership *roster_membership(const struct roster *roster, uint32_t number);

/* Adds a row that nobody looks up. `membership` may be all 0. Returns its number. */
uint32_t roster_append(struct roster *roster, const struct roster_row *row,
                       const struct membership *membership);

/* The same in place of the row with that id, which becomes void, and to be found. */
uint32_t roster_replace(struct roster *roster, const struct roster_row *row,
                        const struct membership *membership);

void roster_mark(struct roster *roster, uint32_t number, uint32_t hash);

/* Takes over marks as people_marks() has them, malloc'ed, in place of none. */
void roster_take_marks(struct roster *roster, uint64_t *marks, size_t count);

/* The number of the row with that id, or ROSTER_NONE. */
uint32_t roster_find(const struct roster *roster, const struct directory_id *id);

/* The next row that is not void and was marked so before the roster was loaded; ROSTER_NONE behind
 * the last. *cursor begins as 0. */
uint32_t roster_marked(const struct roster *roster, uint32_t hash, size_t *cursor);

/* How many there are in the directory. */
enum { ROSTER_SEARCHES = 256 };
struct roster_sums {
    uint64_t here, fit, skipped;
    uint64_t by_search[ROSTER_SEARCHES];
};
void roster_sum(const struct roster *roster, struct roster_sums *ret_sums);

/* *ret_roster is NULL where state has none, or one that another version wrote. Until roster_load()
 * it has facts, and no rows. */
bool roster_open(struct state *state, struct roster **ret_roster, struct error *err);

/* Not good where its parts do not fit together: then it is of no use. */
bool roster_load(struct roster *roster, struct state *state, bool *ret_good, struct error *err);

/* All of it in one transaction, with `read_all` as the time when everybody was read; 0: as it was.
 * The roster cannot be used after that. */
bool roster_store(struct roster *roster, struct state *state, time_t read_all, struct error *err);

/* When everybody was read last in a run that succeeded; 0: never. */
bool roster_read_all_time(struct state *state, time_t *ret_time, struct error *err);

#endif
