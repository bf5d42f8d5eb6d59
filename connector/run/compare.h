/* compare: who is new, changed, due or gone, beside what Alma was last given.
 *
 * Runs after people_judge(), when it is settled who is fit. Sets each person's `sending` and
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
#include "run/people.h"
#include "settings/settings.h"
#include "state/state.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct compare {
    const struct settings *settings;
    struct state *state; /* NULL: nobody is known */
    struct people *people;
    struct spool *spool;
    bool full;     /* everybody goes out */
    bool complete; /* everybody could be read: only then is somebody who is missing gone */
    time_t now;
    const struct messenger *messenger;
    struct report *report; /* is told of findings and leavers */
    struct arena *arena;   /* of the run */
};

struct comparison {
    uint64_t unchanged, fresh, changed, resent;
    uint64_t held;    /* for one id that several entries have */
    uint64_t known;   /* people whom state knows as delivered, and who have not expired */
    uint64_t missing; /* of these, those whom the directory did not give */
    uint64_t leaving; /* last records that go out */
    uint64_t changed_fields[USER_FIELDS_MOST]; /* of the changed: how many, by field */
    struct state_absence *absences;            /* what to write when the run is done; by key */
    size_t absence_count;
    struct slice *spared; /* in a full run: the keys of those whom state knows and who stay here */
    size_t spared_count;
    struct slice *succeeded; /* keys of people whose match identifier is another one's now */
    size_t succeeded_count, succeeded_capacity;
};

/* Somebody else has become what Alma knows by this person's match identifier. Copies the key. */
void comparison_add_succeeded(struct comparison *comparison, struct slice key, struct arena *arena);

/* Holds everybody against state. False where state or the spool cannot be read; what
 * *ret_comparison owns is then freed all the same: absences and succeeded, by free(). */
bool compare_people(const struct compare *compare, struct comparison *ret_comparison,
                    struct error *err);

#endif
