#include "run/unseen.h"

#include "base/arena.h"

#include <stdlib.h>

struct unseen
unseen_new(const struct mapping *mapping, const struct attributes *attributes)
{
    struct unseen unseen = {memory_alloc(attributes_count(attributes) * sizeof(int)), 0};

    unseen_restart(&unseen, mapping, attributes);
    return unseen;
}

void
unseen_free(struct unseen *unseen)
{
    free(unseen->slots);
}

void
unseen_restart(struct unseen *unseen, const struct mapping *mapping,
               const struct attributes *attributes)
{
    unseen->count = 0;
    for (size_t i = 0; i < attributes_count(attributes); i++)
        if (mapping_names_attribute(mapping, (int)i, 0))
            unseen->slots[unseen->count++] = (int)i;
}

void
unseen_note(struct unseen *unseen, const struct entry *entry)
{
    for (size_t i = 0; i < unseen->count;)
        if (entry->slots[unseen->slots[i]].count > 0)
            unseen->slots[i] = unseen->slots[--unseen->count];
        else
            i++;
}
