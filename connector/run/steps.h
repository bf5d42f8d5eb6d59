/* steps: what one run consists of. run.c goes through them in the order of its table.
 */
#ifndef RUN_STEPS_H
#define RUN_STEPS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "directory/source.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "report/report.h"
#include "run/compare.h"
#include "run/detect.h"
#include "run/identity.h"
#include "run/matters.h"
#include "run/outbox.h"
#include "run/people.h"
#include "run/push_store.h"
#include "run/run.h"
#include "run/workshop.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What the steps of one run share; each step fills what the next ones need. */
struct run {
    const struct settings *settings;
    const struct run_options *options;
    const struct messenger *messenger;
    time_t now;
    struct arena *arena;
    struct report *report;
    struct workshop *workshop;
    struct state *state; /* in a dry run a copy, which is written like the state of a real one */
    struct state_run record;
    bool full;
    bool complete; /* everybody could be read */
    struct attributes *attributes;
    struct identity_slots identity;
    struct mapping *mapping;
    struct slice digests;           /* of its files */
    struct source *source;          /* until all is read */
    struct source_result read;      /* what it gave */
    struct push_moment pushed;      /* that it saw, of people who are pushed */
    struct detection *detection;    /* NULL: everybody is read, and nothing is remembered of it */
    struct fingerprint_tally tally; /* of all records that were made, where there is one */
    struct report_counts whole;     /* of everybody, whether they were read or not */
    struct target *target;
    struct spool *spool;
    struct people *people;
    struct comparison comparison;
    struct matters *matters;
    bool judged;                        /* it is settled who goes out, and who is gone */
    const struct spool_record *records; /* that go out, and whose they are */
    const struct person *const *senders;
    size_t record_count;
    struct packages packages;
    struct outbox_plan plan;
};

/* "synchronize", "import"; "rebuild" for a baseline, "relink". */
const char *run_mode(const struct settings *settings, const struct run_options *options);

/* What the steps do with packages. */
struct outbox run_outbox(const struct run *run);

/* By what temporary files of this feed are known, in the arena; NULL with err. */
const char *run_mark(struct state *state, struct arena *arena, struct error *err);

bool step_lock(struct run *run, struct error *err);
bool step_state(struct run *run, struct error *err);
bool step_prepare(struct run *run, struct error *err);
bool step_settle(struct run *run, struct error *err);
bool step_read(struct run *run, struct error *err);
bool step_judge(struct run *run, struct error *err);
bool step_relink(struct run *run, struct error *err);
bool step_compare(struct run *run, struct error *err);
bool step_brakes(struct run *run, struct error *err);
bool step_diff(struct run *run, struct error *err);
bool step_check_sample(struct run *run, struct error *err);
bool step_pack(struct run *run, struct error *err);
bool step_prove(struct run *run, struct error *err);
bool step_keep(struct run *run, struct error *err);
bool step_room(struct run *run, struct error *err);
bool step_plan(struct run *run, struct error *err);
bool step_deliver(struct run *run, struct error *err);
bool step_baseline(struct run *run, struct error *err);
bool step_remember(struct run *run, struct error *err);

#endif
