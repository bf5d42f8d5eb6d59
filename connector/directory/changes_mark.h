/* changes_mark: what a run has to know to ask for the changes since the last one, as bytes.
 *
 * It is kept by the feed's state and comes back as it was, or not at all; still it is read as if
 * it came from a stranger.
 */
#ifndef DIRECTORY_CHANGES_MARK_H
#define DIRECTORY_CHANGES_MARK_H

#include "base/arena.h"
#include "base/slice.h"
#include "directory/changes.h"

#include <stdbool.h>

enum { CHANGES_DIGEST_BYTES = 32, CHANGES_COOKIES_MOST = 64 };

struct changes_mark {
    enum changes_way way;
    struct slice server;   /* the URI */
    struct slice identity; /* what a server is another one by; may be empty */
    struct slice digest;   /* CHANGES_DIGEST_BYTES: of all that was asked */
    struct slice parents;  /* as ldap_parents.h tells it */
    struct slice groups;   /* as ldap_group_ids.h tells them; empty: not known, or not needed */
    struct slice memory;   /* group_memory_digest(); empty: nothing is kept */
    struct slice cookies[CHANGES_COOKIES_MOST]; /* one for each question */
    size_t cookie_count;
};

/* In the arena. */
struct slice changes_mark_write(const struct changes_mark *mark, struct arena *arena);

/* The slices are of `bytes`. False: not a mark of this version of the program. */
bool changes_mark_read(struct slice bytes, struct changes_mark *ret_mark);

#endif
