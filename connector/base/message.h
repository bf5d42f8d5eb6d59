/* message: what the library says while it works.
 *
 * The library never writes to stdout or stderr. It hands lines and progress to a messenger that
 * the caller made; a NULL messenger, or NULL functions in it, swallow everything.
 */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include <stdint.h>

enum message_level {
    MESSAGE_ERROR,   /* the reason of a failure, and each fault of a file */
    MESSAGE_WARNING, /* the run goes on, somebody should look */
    MESSAGE_NOTICE,  /* a line that a person at a terminal wants: the result */
    MESSAGE_INFO,    /* -v: each step */
    MESSAGE_DEBUG    /* -vv: each request */
};

/* How far a phase has come; `total` 0 where nobody knows. */
struct progress {
    const char *phase; /* "reading", "packing", "uploading" */
    uint64_t done;
    uint64_t total;
    const char *unit; /* "people", "bytes" */
};

struct messenger {
    void (*say)(void *context, enum message_level level, const char *text);
    void (*progress)(void *context, const struct progress *progress);
    void *context;
};

void message_say(const struct messenger *messenger, enum message_level level, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));
void message_progress(const struct messenger *messenger, const struct progress *progress);

#endif
