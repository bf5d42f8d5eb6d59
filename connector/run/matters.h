/* matters: what a run found to be the matter with people who are not sent, for the work list.
 *
 * Findings pass through on their way to the report, which keeps the first of each kind; here all of
 * those that reject or hold somebody wait in the spool, 16 bytes of memory each, until everybody
 * was judged. Then state learns them, says since when each is so, and what is solved.
 *
 * Order of use: matters_new(); matters_sink() is where findings of people go; matters_restart()
 * when the read begins anew; matters_settle() once.
 */
#ifndef RUN_MATTERS_H
#define RUN_MATTERS_H

#include "base/error.h"
#include "model/finding.h"
#include "package/package.h"
#include "report/report.h"
#include "run/detect.h"
#include "run/people.h"
#include "state/state.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct matters;

/* Spool and report are borrowed. */
struct matters *matters_new(struct spool *spool, struct report *report);
void matters_free(struct matters *matters);

struct finding_sink matters_sink(struct matters *matters);

/* Forgets all; together with spool_restart(). */
void matters_restart(struct matters *matters);

struct matters_settling {
    struct state *state;
    int64_t run; /* its id */
    time_t started;
    struct people *people;
    bool complete; /* everybody could be read: only then is somebody who is not found gone */
    bool solve;    /* the run ended well: what it did not meet is over */
    const struct detection *detection; /* knows who was not read and is there; NULL: nobody is */
};

/* Tells the report since when what is the matter, and what is solved, and state all of it. */
bool matters_settle(struct matters *matters, const struct matters_settling *settling,
                    struct error *err);

#endif
