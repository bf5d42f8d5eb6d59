/* unseen: which of the attributes that the mapping names no entry has had so far.
 *
 * A name with a typo looks just like an attribute that nobody has, or that we may not read. Cheap:
 * after some entries nearly every attribute was seen, and only the others are looked at.
 */
#ifndef RUN_UNSEEN_H
#define RUN_UNSEEN_H

#include "mapping/mapping.h"
#include "model/attributes.h"
#include "model/entry.h"

#include <stddef.h>

struct unseen {
    int *slots;
    size_t count;
};

struct unseen unseen_new(const struct mapping *mapping, const struct attributes *attributes);
void unseen_free(struct unseen *unseen);

/* The read begins anew. */
void unseen_restart(struct unseen *unseen, const struct mapping *mapping,
                    const struct attributes *attributes);

void unseen_note(struct unseen *unseen, const struct entry *entry);

#endif
