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

struct entry_values {
    const struct slice *values;
    size_t count; /* 0: the entry does not have the attribute, or we may not read it */
};

struct entry {
    struct slice dn;
    const struct attributes *attributes;
    const struct entry_values *slots; /* attributes_count() of them */
};

/* A copy that lives in the arena, values and all. */
struct entry entry_copy(struct arena *arena, const struct entry *entry);

#endif
