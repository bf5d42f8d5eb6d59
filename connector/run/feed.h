/* feed: the handle behind the public header, and what its parts share.
 */
#ifndef RUN_FEED_H
#define RUN_FEED_H

#include "base/arena.h"
#include "base/error.h"
#include "base/buffer.h"
#include "base/message.h"
#include "ldap2alma.h"
#include "report/report.h"
#include "settings/settings.h"

struct l2a {
    struct arena *arena; /* of the settings */
    struct settings settings;
    bool loaded;
    struct messenger messenger;
    void (*say)(void *context, int level, const char *text);
    void *say_context;
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total,
                     const char *unit);
    void *progress_context;
    struct report *report; /* of the last run */
    struct buffer text;    /* what the last call returned */
    struct error err;
};

/* The status of a call that failed with feed->err. */
int feed_failed(const struct l2a *feed);

#endif
