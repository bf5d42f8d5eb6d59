/* values: a list of texts on its way through a template.
 *
 * Directory values have no order. What reduces a list therefore sees it in byte order and each
 * value once, unless `sort` has settled an order before values were changed.
 */
#ifndef MAPPING_VALUES_H
#define MAPPING_VALUES_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct values {
    const struct slice *items; /* in the person's arena, the entry or the mapping */
    size_t count;
    bool settled;   /* the order is the one that is meant */
    unsigned marks; /* as in struct user_value: of all values that these were made from */
};

/* A list of one. */
struct values values_of(struct arena *arena, struct slice text, unsigned marks);

/* Room for `count` slices. */
struct slice *values_room(struct arena *arena, size_t count);

/* The one value where one is wanted; SLICE_NONE where there is none. */
struct slice values_one(const struct values *values);

/* In byte order and each once, unless a transform has settled another order. */
void values_settle(struct values *values, struct arena *arena);

/* Without ASCII white space at its ends. */
struct slice values_trim(struct slice text);

/* True for a text that the text rules leave nothing of. */
bool values_is_blank(struct arena *arena, struct slice text);

#endif
