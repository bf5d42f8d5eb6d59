/* photos: one run of photos from start to end, as a table of steps.
 *
 * The directory is read as by a run of the feed, with its mapping and its guards, so that who is
 * fit, and by which identifiers, is the feed's own verdict; nothing of the feed's people, matters
 * and runs is changed. Pictures are asked for in a second read, of those whose entry is another
 * version than at the last run.
 */
#ifndef RUN_PHOTOS_H
#define RUN_PHOTOS_H

#include "base/error.h"
#include "base/message.h"
#include "report/report.h"
#include "run/confinement.h"
#include "settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct photos_options {
    bool rehearse; /* on a copy of the state; delivers nothing */
    bool all;      /* everybody's picture is asked for, whatever the versions say */
    bool adopt;    /* files that are there under a photo's name are ours from now on */
    const char *const *releases; /* brakes that do not stop this run */
    size_t release_count;
    struct confinement *confinement; /* NULL: not asked for */
};

/* The report is made in any case, also of a failure, and is the caller's. */
bool photos_run(const struct settings *settings, const struct photos_options *options,
                const struct messenger *messenger, struct report **ret_report, struct error *err);

#endif
