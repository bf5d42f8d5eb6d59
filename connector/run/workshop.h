/* workshop: the feed's folder in the spool, its lock, and the names of packages.
 *
 * SPOOL/FEED/ belongs to one feed. Its file `lock` is held by the one run that is at work (flock:
 * the kernel drops it when the process ends, however it ends) and tells who that is and which
 * time the last packages were named by, so that no name is ever used twice.
 */
#ifndef RUN_WORKSHOP_H
#define RUN_WORKSHOP_H

#include "base/arena.h"
#include "base/error.h"
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

/* "FEED-MODE-20260901T030000Z" in the arena, of a second that was never used before: waits for
 * the next one where needed. */
char *workshop_name_packages(struct workshop *workshop, const char *mode, struct arena *arena,
                             struct error *err);

/* Packages of earlier runs that were never delivered. */
size_t workshop_count_leftovers(const struct workshop *workshop);

/* Removes all packages from the folder. What cannot be removed is said. */
void workshop_remove_packages(const struct workshop *workshop, const struct messenger *messenger);

/* Packages of earlier runs that this run takes the place of become empty files that keep only the
 * names, so that the spool does not grow while a server cannot be reached. */
void workshop_retire_packages(const struct workshop *workshop, const struct messenger *messenger);

/* Has the traces of each such package at the target cleared, and forgets it where that is done;
 * ends with the first that is not. */
void workshop_clear_retired(const struct workshop *workshop,
                            bool (*clear)(void *context, const char *package), void *context);

#endif
