#include "base/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What Kerberos and signed messages allow, too. */
enum { CLOCK_SECONDS_MOST = 300 };

static void
add(const struct probe_sink *sink, const struct probe *probe, const char *format, va_list arguments)
{
    struct probe worded = *probe;
    char text[1024];

    vsnprintf(text, sizeof text, format, arguments);
    worded.text = text;
    sink->add(sink->context, &worded);
}

void
probe_ok(const struct probe_sink *sink, const char *name, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(sink, &(struct probe){.name = name, .verdict = PROBE_OK, .hint = ""}, format, arguments);
    va_end(arguments);
}

void
probe_warn(const struct probe_sink *sink, const char *name, const char *hint, const char *format,
           ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(sink, &(struct probe){.name = name, .verdict = PROBE_WARNING, .hint = hint}, format,
        arguments);
    va_end(arguments);
}

void
probe_fail(const struct probe_sink *sink, const char *name, const struct error *err)
{
    sink->add(sink->context, &(struct probe){name, PROBE_FAILURE, err->code, err->text, err->hint});
}

void
probe_doubt(const struct probe_sink *sink, const char *name, const struct error *err)
{
    sink->add(sink->context,
              &(struct probe){name, PROBE_WARNING, ERROR_NONE, err->text, err->hint});
}

void
probe_clock(const struct probe_sink *sink, const char *name, time_t theirs, const char *whose)
{
    long long ahead = (long long)difftime(time(NULL), theirs);

    if (theirs == 0)
        return;
    if (llabs(ahead) > CLOCK_SECONDS_MOST)
        probe_warn(sink, name,
                   "Set the clock of this machine, or the server's: expiry dates are reckoned by "
                   "it.",
                   "the clock here is %lld s %s that of '%s'", llabs(ahead),
                   ahead > 0 ? "ahead of" : "behind", whose);
    else
        probe_ok(sink, name, "the clock agrees with that of '%s'", whose);
}

const char *
probe_verdict_name(enum probe_verdict verdict)
{
    static const char *const names[] = {
        [PROBE_OK] = "ok", [PROBE_WARNING] = "warning", [PROBE_FAILURE] = "failure"};

    return names[verdict];
}
