/* workshop: the feed's folder in the spool, its lock, and the names of packages.
 *
 * SPOOL/FEED/ belongs to one feed. Its file `lock` is held by the one run that is at work. A
 * rehearsal looks at it without a touch and works in SPOOL/.FEED.dry-XXXXXX/, which lies within
 * SPOOL/FEED/ where the spool itself is not ours to write. Nothing of it is left: what one that was
 * killed left is cleared by the next run.
 */
#ifndef RUN_WORKSHOP_H
#define RUN_WORKSHOP_H

#include "base/arena.h"
#include "base/error.h"
#include "base/lock.h"
#include "base/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct workshop;

/* Makes the folder where it is missing and takes the lock; ERROR_LOCKED names who has it. A folder
 * that somebody else may change is ERROR_PERMISSION. */
struct workshop *workshop_open(const char *spool, const char *feed, struct error *err);

/* A folder of its own for a rehearsal, of which any number may be at work. What would refuse
 * workshop_open() refuses this. */
struct workshop *workshop_rehearse(const char *spool, const char *feed, struct error *err);

/* Takes a rehearsal's folder away with all that is in it. NULL is allowed. */
void workshop_close(struct workshop *workshop);

/* Whether somebody's records may lie in that folder: it is no link, ours, and nobody else may
 * change it. ERROR_PERMISSION. */
bool workshop_check_folder(const char *folder, struct error *err);

/* Whether workshop_open() would find nothing wrong with the folder, which is returned (in the
 * arena); NULL with err. Makes nothing: *ret_there says whether there is one. */
const char *workshop_check(const char *spool, const char *feed, struct arena *arena,
                           bool *ret_there, struct error *err);

const char *workshop_folder(const struct workshop *workshop);

/* "FEED-MODE-20260901T030000Z" in the arena, of a second that comes after `last`, in which the last
 * packages were named (0: none were): waits for it where needed. *ret_named is that second. */
char *workshop_name_packages(const struct workshop *workshop, const char *mode, time_t last,
                             struct arena *arena, time_t *ret_named);

/* Whether a run of the feed is at work; looks without touching anything. */
bool workshop_is_held(const char *spool, const char *feed, struct lock_holder *ret_holder);

/* By the name of a file. */
bool workshop_is_package(const char *name);

/* Removes all packages from the folder. What cannot be removed is said. */
void workshop_remove_packages(const struct workshop *workshop, const struct messenger *messenger);

#endif
