#include "directory/shown.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdio.h>

struct shown
shown(struct slice bytes)
{
    struct arena *arena = arena_new();
    struct slice printable = text_printable(arena, bytes, SHOWN_CHARACTERS);
    struct shown result;

    snprintf(result.text, sizeof result.text, "%.*s", SLICE_ARG(printable));
    arena_free(arena);
    return result;
}
