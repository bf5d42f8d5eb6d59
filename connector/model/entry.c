#include "model/entry.h"

struct entry
entry_copy(struct arena *arena, const struct entry *entry)
{
    size_t count = attributes_count(entry->attributes);
    struct entry_values *slots = arena_alloc(arena, count * sizeof *slots);

    for (size_t i = 0; i < count; i++) {
        struct slice *values = arena_alloc(arena, entry->slots[i].count * sizeof *values);

        for (size_t j = 0; j < entry->slots[i].count; j++)
            values[j] = arena_slice(arena, entry->slots[i].values[j]);
        slots[i] = (struct entry_values){values, entry->slots[i].count};
    }
    return (struct entry){arena_slice(arena, entry->dn), entry->attributes, slots,
                          entry->membership, entry->search};
}
