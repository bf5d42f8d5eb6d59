#include "run/step_clock.h"

#include <time.h>

static double
seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double
step_begin(const struct messenger *messenger, const char *name)
{
    message_say(messenger, MESSAGE_DEBUG, "step: %s", name);
    return seconds_now();
}

void
step_end(struct report *report, const char *name, double began)
{
    report_add_timing(report, name, seconds_now() - began);
}
