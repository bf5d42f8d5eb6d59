/* entry: one entry of a directory, as the mapping sees it.
 *
 * Values are the directory's bytes, borrowed from the source's message: they are valid until the
 * source's callback returns. Values of an attribute have no order (RFC 4511 section 4.1.7).
 */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H

#include "base/arena.h"
#include "base/slice.h"
#include "model/attributes.h"

#include <stddef.h>
#include <stdint.h>

struct entry_values {
    const struct slice *values;
    size_t count; /* 0: the entry does not have the attribute, or we may not read it */
};

enum { MEMBERSHIP_NAMES = 3 };

/* By what groups know an entry as their member, and what they make of it. All 0 where the feed
 * does not depend on groups, or nobody has looked at them (directory/changes.h). */
struct membership {
    /* Hashes (directory/group_names.h): of the DN, of the name by which posixGroup lists it (uid),
     * of the primary group. 0: it has none. */
    uint64_t names[MEMBERSHIP_NAMES];
    uint64_t sum; /* over all of its groups; another one when one comes or goes */
};

struct entry {
    struct slice dn;
    const struct attributes *attributes;
    const struct entry_values *slots; /* attributes_count() of them */
    struct membership membership;
    unsigned search; /* the first one that found it, as in the settings, from 0 */
};

/* A copy that lives in the arena, values and all. */
struct entry entry_copy(struct arena *arena, const struct entry *entry);

#endif
