/* compare: who is new, changed, due or gone, beside what Alma was last given.
 *
 * Runs after collisions_find(), when it is settled who is fit. Sets each person's `sending` and
 * `delivered`, and adds last records of leavers to the people. Changes nothing in state.
 */
#ifndef RUN_COMPARE_H
#define RUN_COMPARE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "model/user_fields.h"
#include "package/package.h"
#include "report/report.h"
#include "run/detect.h"
#include "run/examples.h"
#include "run/fingerprint.h"
#include "run/people.h"
#include "settings/settings.h"
#include "state/state.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct compare_part;

struct compare {
    const struct settings *settings;
    struct state *state;
    struct people *people;
    struct spool *spool;
    const char *match_id; /* of the mapping: "primary_id", or an identifier type */
    bool full;            /* everybody goes out */
    bool complete;        /* everybody could be read: only then is somebody who is missing gone */
    time_t now;
    const struct messenger *messenger;
    struct report *report; /* is told of leavers */
    struct finding_sink findings;
    struct arena *arena;             /* of the run */
    bool for_roster;                 /* keep the marks of people, and list owners */
    const struct compare_part *part; /* NULL: everybody was read */
};

/* Of a run that has not read everybody. */
struct compare_part {
    const struct slice *keys; /* of whom state may know and who are concerned, ascending: who is not
                                 among the people is gone */
    size_t count;
    struct state_census census; /* of all whom state knows */
    const uint64_t *had;        /* by field: of all who were fit at the last run */
    const struct detection *detection;
};

/* A match identifier by which state knows somebody who has it no more, or is not there. */
struct compare_owner {
    struct slice key; /* of somebody who is not there; SLICE_NONE: of `person` */
    uint32_t person;  /* its number */
    uint32_t hash;    /* the upper half */
};

struct comparison {
    uint64_t unchanged, fresh, changed, resent;
    uint64_t held;    /* beside those whom collisions_find() holds */
    uint64_t known;   /* people whom state knows as delivered, and who have not expired */
    uint64_t missing; /* of these, those whom the directory did not give */
    uint64_t expired; /* people of whom state knows that they have expired */
    uint64_t present; /* of the known, those whom the last complete run still found */
    uint64_t gone;    /* of these, those whom this one did not */
    uint64_t shifted; /* of the changed: people with another user_group */
    uint64_t lost[USER_FIELDS_MOST]; /* of the changed: people without a field that they had */
    struct fingerprint_tally had;    /* people who are compared, by field */
    struct examples of_gone, of_fresh, of_changed, of_shifted, of_lost[USER_FIELDS_MOST];
    uint64_t leaving;                          /* last records that go out */
    uint64_t changed_fields[USER_FIELDS_MOST]; /* of the changed: how many, by field */
    struct state_absence *absences;            /* what to write when the run is done; by key */
    size_t absence_count;
    struct slice *spared; /* in a full run: the keys of those whom state knows and who stay here */
    size_t spared_count;
    struct slice *succeeded; /* keys of leavers whom another leaver of that identifier followed */
    size_t succeeded_count, succeeded_capacity;
    /* Of those whom state knows, have not expired and are in the directory: how many came with the
     * immutable id that state knows, or with the same match identifier and a new id. */
    uint64_t with_known_ids, with_new_ids;
    bool rebuilt;               /* so many have new ids that the directory must have been rebuilt */
    struct state_claim *claims; /* of those who are held or were accepted (moved.h) */
    size_t claim_count;
    struct state_alias *aliases; /* to add, of those who have moved and go out */
    size_t alias_count;
    struct compare_owner *owners; /* for the roster */
    size_t owner_count;
    struct fingerprint_tally before; /* of those whom the roster has as fit, by state */
    bool clashes;                    /* several entries have one id */
};

/* Holds everybody against state. False where state or the spool cannot be read; the comparison is
 * freed then, too. */
bool compare_people(const struct compare *compare, struct comparison *ret_comparison,
                    struct error *err);
void comparison_free(struct comparison *comparison);

/* When a record that was delivered then is sent again, though it is as it was; UINT32_MAX: never.
 */
uint32_t compare_due_time(const struct settings *settings, struct slice key, time_t delivered);

#endif
