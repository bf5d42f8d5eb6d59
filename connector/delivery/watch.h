/* watch: how far the way to a target was come, for who tries it (target_probe()).
 *
 * Drivers tell each step that they have made; where nobody watches, that costs nothing.
 */
#ifndef DELIVERY_WATCH_H
#define DELIVERY_WATCH_H

#include "base/probe.h"

/* In the order of the way; not every kind of target has all of them. */
enum target_step {
    TARGET_CONNECTION,
    TARGET_HOST_KEY,
    TARGET_LOGIN,
    TARGET_DIRECTORY,
    TARGET_STEP_COUNT
};

struct target_watch {
    const struct probe_sink *probes;
    enum target_step next; /* what a failure now is about */
};

/* The way of this kind of target begins with this step. `watch` may be NULL. */
void target_watch_begin(struct target_watch *watch, enum target_step step);

/* The step was made; told once, however often it is made. `watch` may be NULL. */
void target_watch_step(struct target_watch *watch, enum target_step step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The way ends here. */
void target_watch_fail(const struct target_watch *watch, const struct error *err);

#endif
