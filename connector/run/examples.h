/* examples: the first few of many people, for those who want to look at some.
 */
#ifndef RUN_EXAMPLES_H
#define RUN_EXAMPLES_H

#include "base/arena.h"
#include "base/slice.h"

#include <stddef.h>

enum { EXAMPLES_MOST = 5 };

/* Starts zeroed. */
struct examples {
    struct slice texts[EXAMPLES_MOST];
    size_t count;
};

/* Keeps a copy of the text where there is room. */
static inline void
examples_add(struct examples *examples, struct arena *arena, struct slice text)
{
    if (examples->count < EXAMPLES_MOST)
        examples->texts[examples->count++] = arena_slice(arena, text);
}

#endif
