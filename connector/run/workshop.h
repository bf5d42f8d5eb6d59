/* workshop: the feed's folder in the spool, its lock, and the names of packages.
 *
 * SPOOL/FEED/ belongs to one feed. Its file `lock` is held by the one run that is at work.
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
void workshop_close(struct workshop *workshop);

const char *workshop_folder(const struct workshop *workshop);

/* "FEED-MODE-20260901T030000Z" in the arena, of a second that comes after `last`, in which the last
 * packages were named (0: none were): waits for it where needed. *ret_named is that second. */
char *workshop_name_packages(const struct workshop *workshop, const char *mode, time_t last,
                             struct arena *arena, time_t *ret_named);

/* Whether a run of the feed is at work; looks without touching anything. */
bool workshop_is_held(const char *spool, const char *feed, struct lock_holder *ret_holder);

/* Removes all packages from the folder. What cannot be removed is said. */
void workshop_remove_packages(const struct workshop *workshop, const struct messenger *messenger);

#endif
