#include "delivery/watch.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const names[TARGET_STEP_COUNT] = {
    [TARGET_CONNECTION] = "delivery.connection",
    [TARGET_HOST_KEY] = "delivery.host_key",
    [TARGET_LOGIN] = "delivery.login",
    [TARGET_DIRECTORY] = "delivery.directory",
};

void
target_watch_begin(struct target_watch *watch, enum target_step step)
{
    if (watch)
        watch->next = step;
}

void
target_watch_step(struct target_watch *watch, enum target_step step, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (!watch || step < watch->next)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    probe_ok(watch->probes, names[step], "%s", text);
    watch->next = step + 1;
}

void
target_watch_fail(const struct target_watch *watch, const struct error *err)
{
    enum target_step step = watch->next < TARGET_STEP_COUNT ? watch->next : TARGET_DIRECTORY;

    probe_fail(watch->probes, names[step], err);
}
