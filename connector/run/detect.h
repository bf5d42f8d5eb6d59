/* detect: reads only those again whom the directory names, where that decides as a full read would.
 *
 * What a run decides on somebody depends on the entry, on what state knows, and on who else has the
 * same identifiers. So these are read: whom the directory names; whom groups see otherwise now; who
 * is rejected, held or has a claim; whose record is due; and whoever has an identifier of one of
 * these, or of somebody who has left. All others are as the roster has them (run/roster.h).
 * Everybody is read where there is no good mark, where a quarter is named, and from time to time.
 *
 * Order of use: detection_new(); detection_ask(); detection_read() as what collects; then
 * detection_part() for the comparison, detection_whole() for the brakes, detection_remember() when
 * all was delivered. Nothing of it is kept of a run that fails.
 */
#ifndef RUN_DETECT_H
#define RUN_DETECT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "directory/changes.h"
#include "mapping/mapping.h"
#include "report/report.h"
#include "run/fingerprint.h"
#include "run/people.h"
#include "settings/settings.h"
#include "state/state.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct comparison;
struct compare_part;

/* All borrowed. */
struct detect {
    const struct settings *settings;
    struct state *state;
    struct source *source;
    const struct attributes *attributes;
    const struct mapping *mapping;
    struct slice mapping_digests;
    const char *match_id; /* of the mapping */
    struct people *people;
    struct spool *spool;
    struct report *report;
    const struct messenger *messenger;
    struct arena *arena; /* of the run */
    time_t now;
    int64_t run;
    bool full; /* everybody goes out, so everybody is read */
};

struct detection;

/* Whether the settings let a run ask the directory. */
bool detection_is_wanted(const struct settings *settings);

struct detection *detection_new(const struct detect *detect);
void detection_free(struct detection *detection);

/* Looks at what the last run left, and asks the directory. */
bool detection_ask(struct detection *detection, struct error *err);

/* struct collect's `read`, with the detection as context. */
bool detection_read(void *context, const struct source_reader *reader,
                    struct source_result *ret_result, bool *ret_all, struct error *err);

/* NULL is allowed and means that everybody was read. */
bool detection_is_part(const struct detection *detection);

/* Whether somebody who is not in the directory any more was missed for sure. */
bool detection_tells_leavers(const struct detection *detection);

/* What the roster has of somebody, PERSON_LEFT where only state knows them. False where it has
 * nobody with that key, or everybody was read. */
bool detection_knows(const struct detection *detection, struct slice key,
                     enum person_verdict *ret_verdict);

/* For compare.h, in the arena of the run: after the read, when people do not change any more. Notes
 * those who were not read and count as absent for being skipped. */
bool detection_part(struct detection *detection, struct compare_part *ret_part, struct error *err);

/* The counts of everybody, by those of the run. */
struct report_counts detection_whole(const struct detection *detection,
                                     const struct report_counts *counts);

struct detection_end {
    const struct comparison *comparison;
    const struct fingerprint_tally *tally; /* of all records that were made */
    bool complete;                         /* everybody could be read who was to be */
};

/* In one transaction: the mark, and what the next run has to know of everybody. */
bool detection_remember(struct detection *detection, const struct detection_end *end,
                        struct error *err);

/* Of a run that asks no directory nothing of the kind is left. */
bool detection_forget(struct state *state, struct error *err);

#endif
