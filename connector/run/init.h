/* init: looks at a directory that nobody has told anything about, and writes a feed's first
 * settings, mapping and mapping tests.
 *
 * Nothing is written before everything is known, and nothing that is there is written over. Of a
 * person only what several share, or the form of it, goes into a file or the report.
 */
#ifndef RUN_INIT_H
#define RUN_INIT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"

#include <stdbool.h>
#include <stddef.h>

struct init_options {
    const char *settings;       /* a file whose `directory` says where to look; NULL: options do */
    const char *const *options; /* "NAME=VALUE", see run/init_login.h */
    size_t count;
    const char *folder; /* for the files */
};

/* The report lives in the arena. ERROR_WRITE where one of the files is there already. */
bool init_feed(const struct init_options *options, struct arena *arena,
               const struct messenger *messenger, const char **ret_report, struct error *err);

#endif
