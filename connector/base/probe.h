/* probe: something was tried before it counts, and what came of it: a line for somebody who checks
 * a feed.
 *
 * A stage that offers probes hands each to the sink as it is done. Texts and hints are written as
 * those of errors (base/error.h).
 *
 * Not for what is doubtful in a mapping or with people: those are findings (model/finding.h).
 */
#ifndef BASE_PROBE_H
#define BASE_PROBE_H

#include "base/error.h"

#include <time.h>

enum probe_verdict { PROBE_OK, PROBE_WARNING, PROBE_FAILURE };

struct probe {
    const char *name; /* "directory.login": the stage, and what of it was tried; constant */
    enum probe_verdict verdict;
    enum error_code code; /* PROBE_FAILURE: as which error a run would fail */
    const char *text;
    const char *hint; /* what to do; "": nothing */
};

/* Where probes go; what `add` is given is valid during the call. */
struct probe_sink {
    void (*add)(void *context, const struct probe *probe);
    void *context;
};

void probe_ok(const struct probe_sink *sink, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* `hint` is a full sentence that says what to do. */
void probe_warn(const struct probe_sink *sink, const char *name, const char *hint,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What a run would fail with. */
void probe_fail(const struct probe_sink *sink, const char *name, const struct error *err);

/* The same where a run would come through all the same. */
void probe_doubt(const struct probe_sink *sink, const char *name, const struct error *err);

/* How the clock here agrees with another one; `theirs` 0: that was not told, nothing is said. */
void probe_clock(const struct probe_sink *sink, const char *name, time_t theirs, const char *whose);

/* "ok", "warning", "failure". */
const char *probe_verdict_name(enum probe_verdict verdict);

#endif
