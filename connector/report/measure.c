#include "report/measure.h"

#include <string.h>

enum { CLOCK_SECONDS = 3600 };

/* The newest run that has ended, in whatever way; NULL: none has. */
static const struct status_run *
last_run(const struct status *status)
{
    for (size_t i = 0; i < status->run_count; i++)
        if (!status->runs[i].at_work)
            return &status->runs[i];
    return NULL;
}

static bool
went_well(const struct status_run *run)
{
    return run->finished && run->exit_status == 0;
}

/* The newest run that has judged everybody: one that went well, or that a guard stopped. */
static const struct status_run *
last_judging_run(const struct status *status)
{
    for (size_t i = 0; i < status->run_count; i++)
        if (went_well(&status->runs[i]) || strcmp(status->runs[i].outcome, "stopped") == 0)
            return &status->runs[i];
    return NULL;
}

/* A clock that was set back makes nothing younger than now. */
static int64_t
seconds_since(time_t then, time_t now)
{
    return now > then ? (int64_t)(now - then) : 0;
}

/* A success that is yet to come, as a clock that went wrong has left it, would seem young until
 * then: no age is below 0, so that every limit tells. Clocks that are set back a little are usual.
 */
static bool
age_of(time_t succeeded, time_t now, int64_t *ret_value)
{
    *ret_value = now - succeeded;
    if (*ret_value < 0 && *ret_value >= -CLOCK_SECONDS)
        *ret_value = 0;
    return succeeded != 0;
}

static bool
age(const struct status *status, time_t now, int64_t *ret_value)
{
    return age_of(status->succeeded, now, ret_value);
}

static bool
photos_age(const struct status *status, time_t now, int64_t *ret_value)
{
    return age_of(status->photos.succeeded, now, ret_value);
}

static bool
failed(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = 0;
    for (size_t i = 0; i < status->run_count && !went_well(&status->runs[i]); i++)
        *ret_value += !status->runs[i].at_work;
    return status->known;
}

static bool
stopped(const struct status *status, time_t now, int64_t *ret_value)
{
    const struct status_run *run = last_run(status);

    (void)now;
    *ret_value = run && strcmp(run->outcome, "stopped") == 0;
    return status->known;
}

static bool
rejected(const struct status *status, time_t now, int64_t *ret_value)
{
    const struct status_run *run = last_judging_run(status);

    (void)now;
    *ret_value = run ? (int64_t)run->rejected : 0;
    return run != NULL;
}

static bool
held(const struct status *status, time_t now, int64_t *ret_value)
{
    const struct status_run *run = last_judging_run(status);

    (void)now;
    *ret_value = run ? (int64_t)run->held : 0;
    return run != NULL;
}

static bool
outbox(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = (int64_t)status->outbox_count;
    return status->known;
}

/* Where nobody was asked, what has not been seen to be taken may have been since. */
static bool
is_waiting(const struct status_package *package)
{
    return package->place == STATUS_WAITING || package->place == STATUS_UNKNOWN;
}

static bool
waiting(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = 0;
    for (size_t i = 0; i < status->package_count; i++)
        *ret_value += is_waiting(&status->packages[i]);
    return status->known;
}

static bool
waiting_age(const struct status *status, time_t now, int64_t *ret_value)
{
    *ret_value = 0;
    for (size_t i = 0; i < status->package_count; i++) {
        const struct status_package *package = &status->packages[i];
        int64_t seconds = seconds_since(package->changed, now);

        if (is_waiting(package) && seconds > *ret_value)
            *ret_value = seconds;
    }
    return status->known;
}

static bool
running(const struct status *status, time_t now, int64_t *ret_value)
{
    *ret_value = status->pid ? seconds_since(status->since, now) : 0;
    return true;
}

static bool
people(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = (int64_t)status->people;
    return status->known;
}

static bool
kept(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = (int64_t)status->kept;
    return status->pushed;
}

static bool
pending(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = (int64_t)status->waiting;
    return status->pushed;
}

static bool
refused(const struct status *status, time_t now, int64_t *ret_value)
{
    (void)now;
    *ret_value = (int64_t)status->refused;
    return status->pushed;
}

static bool
refused_age(const struct status *status, time_t now, int64_t *ret_value)
{
    *ret_value = seconds_since(status->refused_last, now);
    return status->pushed && status->refused_last != 0;
}

static const struct measure measures[] = {
    {"age", "s", "time since the last run ended that went well", age},
    {"failed", "", "runs in a row, up to the last one, that did not go well; ten at most", failed},
    {"stopped", "", "1 when a brake or another guard stopped the last run", stopped},
    {"rejected", "", "people whom the last run that judged everybody rejected", rejected},
    {"held", "", "people whom the last run that judged everybody held", held},
    {"outbox", "", "packages that are planned or built, and not delivered", outbox},
    {"waiting", "", "packages that were delivered, and that Alma has not taken", waiting},
    {"waiting_age", "s", "time since the oldest of them was delivered", waiting_age},
    {"running", "s", "time since the run began that is at work; 0: none is", running},
    {"people", "", "people whom the state knows", people},
    {"kept", "", "of a feed whose people are put: so many are kept", kept},
    {"pending", "", "people who were put or removed since the last delivery", pending},
    {"refused", "", "changes that put has refused since the last delivery", refused},
    {"refused_age", "s", "time since put has last refused a change", refused_age},
    {"photos_age", "s", "time since the last run of photos ended that went well", photos_age},
};

const struct measure *
measure_at(size_t index)
{
    return index < sizeof measures / sizeof measures[0] ? &measures[index] : NULL;
}

const struct measure *
measure_find(const char *name)
{
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (strcmp(measures[i].name, name) == 0)
            return &measures[i];
    return NULL;
}
