#include "report/preview_told.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

void
preview_told_next_field(struct preview_told *told)
{
    told->count = 0;
}

bool
preview_is_told(const struct preview_told *told, const struct derivation_step *step)
{
    if (step->from == told->each)
        return true;
    for (size_t i = 0; i < told->count; i++)
        if (told->items[i] == step->from)
            return true;
    return false;
}

void
preview_tell(struct preview_told *told, const struct derivation_step *step)
{
    if (strcmp(step->text, "each") == 0) {
        told->each = step->from;
        return;
    }
    memory_grow(&told->items, &told->capacity, told->count + 1, sizeof(struct derivation *));
    told->items[told->count++] = step->from;
}

void
preview_told_free(struct preview_told *told)
{
    free(told->items);
}
