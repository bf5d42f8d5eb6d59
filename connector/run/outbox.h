/* outbox: packages on their way, so that each is delivered once whatever happens.
 *
 * Order of use in a run: outbox_settle() what an earlier run left; when the packages are built,
 * outbox_plan() writes down what is about to happen, outbox_deliver() does it. State follows each
 * package (state/state.h). A plan that did not get to its end is never taken up again: the next
 * run makes its own from fresher data, and state knows whom to send.
 */
#ifndef RUN_OUTBOX_H
#define RUN_OUTBOX_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "delivery/target.h"
#include "package/package.h"
#include "run/people.h"
#include "settings/settings.h"
#include "state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox {
    const struct settings *settings;
    struct state *state;
    struct target *target;
    const char *folder; /* where the packages lie */
    const struct messenger *messenger;
    struct arena *arena; /* of the run */
    bool rehearsal;      /* look at the target, but leave everything there as it is */
};

/* Finds out what became of the packages of a run that was cut short. Connects only where the answer
 * is at the target. */
bool outbox_settle(const struct outbox *outbox, struct error *err);

/* How many packages may go out now: Alma takes so many a run, and what is there already comes
 * first. Tells state of packages that Alma has taken, removes those at the target where settings
 * say so, and temporary files of dead runs. Connects. */
bool outbox_room(const struct outbox *outbox, unsigned *ret_room, struct error *err);

/* For a run without packages: does the same where there is something to remove at the target, such
 * as temporary files of dead runs; connects only then. What stays is said. */
void outbox_tidy(const struct outbox *outbox);

/* The run's packages with who is in them. */
struct outbox_plan {
    const struct packages *packages;
    const struct person *const *people; /* of all packages, one behind the other */
    struct people *index;
    struct spool *spool;
    int64_t run;
    bool keep_records;   /* for last records of leavers … */
    bool keep_unchanged; /* … also of people who are as they were last delivered */
    bool everybody;      /* whom state knows goes out, but for those who are spared */
    const struct slice *spared;
    size_t spared_count;
    const struct state_alias *aliases; /* of those who go out */
    size_t alias_count;
    int64_t *ids; /* of the packages in state; made by outbox_plan() */
};

bool outbox_plan(const struct outbox *outbox, struct outbox_plan *plan, struct error *err);

/* Delivers the first `count` packages, each recorded as delivered and removed here when it is;
 * `files` tells which. */
bool outbox_deliver(const struct outbox *outbox, const struct outbox_plan *plan,
                    struct delivery_file *files, size_t count, struct error *err);

#endif
