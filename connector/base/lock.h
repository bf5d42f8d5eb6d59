/* lock: one process at a time, by a file whose lock the kernel drops with the process.
 *
 * The file says who holds it and since when. It stays when the lock is released: to remove it
 * would let two processes lock two files of one name.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/error.h"

#include <stdbool.h>
#include <time.h>

struct lock;

/* Takes the lock of the file, which is made (0600) where it is missing. `what` names what is
 * locked: "the feed 'staff'". ERROR_LOCKED says who has it ("another run of WHAT is at work (pid
 * 4711, since 2026-09-01T03:00:00Z)"); ERROR_PERMISSION or ERROR_WRITE when the file cannot be
 * opened. */
struct lock *lock_take(const char *path, const char *what, struct error *err);

/* Fails as lock_take() would, but neither takes the lock nor touches the file, which may be
 * missing.
 */
bool lock_look(const char *path, const char *what, struct error *err);

/* Who holds a lock; 0 where the file does not say it. */
struct lock_holder {
    long pid;
    time_t since;
};

/* Whether somebody holds the lock of the file. Looks without taking it, so that nobody who wants it
 * at this moment is refused. */
bool lock_is_held(const char *path, struct lock_holder *ret_holder);

/* A line that the next holder finds. Who is killed leaves none. */
void lock_leave(struct lock *lock, const char *line);

/* What the last holder left, cut where it is long; "": nothing. */
const char *lock_left(const struct lock *lock);

/* NULL is allowed. */
void lock_release(struct lock *lock);

#endif
