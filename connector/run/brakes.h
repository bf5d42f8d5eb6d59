/* brakes: what a run would do to Alma, held against limits before anything is built or sent.
 *
 * Alma applies whatever it is given. So a run is compared with what was last delivered, and where
 * it goes too far it stops, with everything as it was before. Each brake is a row of one table;
 * its limit is an option, "brakes.NAME". All are evaluated, also behind one that is pulled.
 *
 * A percentage is one of the people whom Alma has: those who were delivered, have not expired and
 * were still there in the last complete run. Of the rejected and held it is one of the people who
 * were read and not skipped; of a field, one of those who had it, and there a loss counts from one
 * in a thousand of all on, as a field of a few people would be pulled by the first of them.
 *
 * In the very first run there is nothing to compare with: only what the feed itself shows
 * (`rejected`, `min_users`) can be pulled. Until a run has gone through to its end, neither can
 * `held` and `new`: the rest of a first delivery that was cut short is all new.
 */
#ifndef RUN_BRAKES_H
#define RUN_BRAKES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "directory/source.h"
#include "report/report.h"
#include "run/compare.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

enum { BRAKES_MOST = 16 }; /* at least as many as there are */

/* The constant name of that brake; NULL with ERROR_USAGE where there is none. */
const char *brakes_find(const char *name, struct error *err);

/* One thing that a run of photos found. */
struct brakes_photo {
    uint64_t value, of;
    uint64_t least; /* a share pulls only beyond so many */
    const struct examples *examples;
};

struct brakes_photos {
    struct brakes_photo removing;  /* photos whose people have none then; of those that are there */
    struct brakes_photo replacing; /* as the picture is another one; of the same */
    struct brakes_photo unread;    /* pictures that could not be read; of those asked for */
};

struct brakes {
    const struct settings *settings;
    const char *const *releases; /* names of brakes that do not stop this run */
    size_t release_count;
    struct date today;
    const struct comparison *comparison;
    const struct report_counts *whole; /* of everybody, whether they were read or not */
    const struct source_result *source;
    struct slice searched;              /* searches_text() of the last good run */
    bool ran_before;                    /* a run has gone through to its end */
    const struct brakes_photos *photos; /* of a run of photos, which has no other brakes; or NULL */
    struct report *report;              /* is told all brakes; has the counts and the findings */
    const struct messenger *messenger;
    struct arena *arena; /* of the run */
};

/* Evaluates all brakes. False with ERROR_BRAKE where one is pulled that is not released; the error
 * names all of them, the hint says in a paragraph what to look at first. */
bool brakes_hold(const struct brakes *brakes, struct error *err);

#endif
