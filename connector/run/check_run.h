/* check_run: what the checks of one check share; each is a file of its own, and a row of the table
 * in run/check.c.
 *
 * A check says what it found by probes, and goes on after a failure wherever that makes sense.
 */
#ifndef RUN_CHECK_RUN_H
#define RUN_CHECK_RUN_H

#include "base/arena.h"
#include "base/message.h"
#include "base/probe.h"
#include "mapping/mapping.h"
#include "model/attributes.h"
#include "report/check.h"
#include "run/check_people.h"
#include "run/identity.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* The name under which a run leaves in the state how much room its records took in the spool. */
#define CHECK_SPOOL_BYTES "spool_bytes"

struct check_run {
    struct check content;
    const struct settings *settings; /* NULL: mappings alone */
    const struct messenger *messenger;
    bool photos; /* the delivery that is tried is theirs */
    struct probe_sink probes;
    struct arena *arena;
    struct mapping **mappings; /* their names stand in the lines */
    struct attributes *attributes;
    size_t mapped; /* the first attributes are the mapping's */
    struct identity_slots identity;
    struct people_check *people;
    bool readable;          /* the directory: a run could read it */
    time_t last_run;        /* 0: there was none */
    uint64_t spool_bytes;   /* what the last run's records took; 0: not known */
    uint64_t package_bytes; /* what the last full run delivered; 0: not known */
};

/* A check that has found nothing yet; check_free() when done. */
struct check_run *check_new(const struct settings *settings, const struct messenger *messenger);

/* False where a probe failed, with the error of the gravest. */
bool check_tell_failures(const struct check *check, struct error *err);

/* False where the flags have L2A_CHECK_STRICT and something was found. */
bool check_is_strict_enough(const struct check_run *run, unsigned flags, struct error *err);

void check_state(struct check_run *run);
void check_machine(struct check_run *run);
void check_directory(struct check_run *run);
void check_limits(struct check_run *run);
void check_delivery(struct check_run *run);
void check_notify(struct check_run *run);

#endif
