#include "run/mapping_change.h"

#include "base/buffer.h"
#include "base/digest.h"
#include "base/file.h"

#include <string.h>

static struct slice
path_of(struct slice line)
{
    if (line.length <= DIGEST_TEXT_BYTES)
        return slice_of("");
    return (struct slice){line.data + DIGEST_TEXT_BYTES, line.length - DIGEST_TEXT_BYTES};
}

/* The next line without its end; data NULL behind the last. */
static struct slice
next_line(struct slice *rest)
{
    const char *end = rest->length > 0 ? memchr(rest->data, '\n', rest->length) : NULL;
    struct slice line = SLICE_NONE;

    if (!end)
        return line;
    line = (struct slice){rest->data, (size_t)(end - rest->data)};
    *rest = (struct slice){end + 1, rest->length - line.length - 1};
    return line;
}

/* The line with that path, or SLICE_NONE. */
static struct slice
find_line(struct slice lines, struct slice path)
{
    struct slice line;

    while ((line = next_line(&lines)).data)
        if (slice_equal(path_of(line), path))
            break;
    return line;
}

struct slice
mapping_digests(const struct mapping *mapping, struct arena *arena)
{
    struct buffer lines = BUFFER_INIT;
    const char *file;
    struct slice text;

    for (size_t i = 0; (file = mapping_file(mapping, i)); i++) {
        const char *path = file_real_path(arena, file);
        char digest[DIGEST_TEXT_BYTES];
        struct error unheard = ERROR_INIT;

        if (find_line((struct slice){lines.data, lines.length}, slice_of(path)).data)
            continue;
        /* The mapping could read it a moment ago. */
        if (!digest_file(path, digest, &unheard))
            memset(digest, '?', sizeof digest - 1);
        buffer_format(&lines, "%.*s %s\n", DIGEST_TEXT_BYTES - 1, digest, path);
    }
    text = arena_slice(arena, (struct slice){lines.data, lines.length});
    buffer_free(&lines);
    return text;
}

static void
add_word(struct buffer *words, struct slice line, const char *what)
{
    struct slice path = path_of(line);

    buffer_format(words, "%s'%.*s' %s", words->length > 0 ? ", " : "", SLICE_ARG(path), what);
}

const char *
mapping_difference(struct slice before, struct slice now, struct arena *arena)
{
    struct buffer words = BUFFER_INIT;
    struct slice rest = now, line;
    const char *text = NULL;

    while ((line = next_line(&rest)).data) {
        struct slice old = find_line(before, path_of(line));

        if (!old.data)
            add_word(&words, line, "is new");
        else if (!slice_equal(old, line))
            add_word(&words, line, "has changed");
    }
    rest = before;
    while ((line = next_line(&rest)).data)
        if (!find_line(now, path_of(line)).data)
            add_word(&words, line, "is no longer read");
    if (words.length > 0)
        text = arena_copy(arena, words.data, words.length);
    buffer_free(&words);
    return text;
}
