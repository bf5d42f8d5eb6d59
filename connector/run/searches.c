#include "run/searches.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What stands behind the count. */
static const char *
name_of(const struct settings_search *search, struct arena *arena)
{
    return arena_format(arena, " %d %s %s\n", (int)search->scope, search->base, search->filter);
}

struct slice
searches_text(const struct settings *settings, const struct source_result *result,
              struct arena *arena)
{
    struct buffer lines = BUFFER_INIT;
    struct slice text;

    if (!result->found)
        return SLICE_NONE;
    for (size_t i = 0; i < result->search_count; i++)
        buffer_format(&lines, "%" PRIu64 "%s", result->found[i],
                      name_of(&settings->directory.searches[i], arena));
    text = arena_slice(arena, (struct slice){lines.data, lines.length});
    buffer_free(&lines);
    return text;
}

uint64_t
searches_found(struct slice text, const struct settings_search *search, struct arena *arena)
{
    const char *name = name_of(search, arena);
    const char *line = text.data ? arena_copy(arena, text.data, text.length) : "";

    for (const char *next; *line; line = next) {
        char *rest;
        uint64_t count = strtoull(line, &rest, 10);

        next = strchr(line, '\n');
        next = next ? next + 1 : line + strlen(line);
        if ((size_t)(next - rest) == strlen(name) && strncmp(rest, name, strlen(name)) == 0)
            return count;
    }
    return 0;
}
