#include "base/diff.h"

#include <stdint.h>
#include <stdlib.h>

struct lines {
    struct slice *items;
    size_t count, capacity;
};

static struct lines
split(struct slice text)
{
    struct lines lines = {0};

    while (text.length > 0) {
        const char *end = memchr(text.data, '\n', text.length);
        struct slice line = {text.data, end ? (size_t)(end - text.data) : text.length};
        size_t taken = line.length + (end ? 1 : 0);

        memory_grow(&lines.items, &lines.capacity, lines.count + 1, sizeof *lines.items);
        lines.items[lines.count++] = line;
        text.data += taken;
        text.length -= taken;
    }
    return lines;
}

/* What both begin and end with is no difference. */
static void
trim(struct lines *before, struct lines *after)
{
    while (before->count && after->count && slice_equal(before->items[0], after->items[0])) {
        before->items++;
        before->count--;
        after->items++;
        after->count--;
    }
    while (before->count && after->count &&
           slice_equal(before->items[before->count - 1], after->items[after->count - 1])) {
        before->count--;
        after->count--;
    }
}

static void
write_line(struct buffer *out, const char *sign, struct slice line)
{
    buffer_add_text(out, sign);
    buffer_add(out, line.data, line.length);
    buffer_add_text(out, "\n");
}

/* For each pair of tails, how many lines they have in common: row i, column j is that of the lines
 * from i and from j on. */
static uint32_t *
measure(const struct lines *before, const struct lines *after)
{
    size_t width = after->count + 1;
    uint32_t *common = memory_zero((before->count + 1) * width, sizeof *common);

    for (size_t i = before->count; i-- > 0;)
        for (size_t j = after->count; j-- > 0;) {
            uint32_t *here = &common[i * width + j];
            uint32_t below = here[width], right = here[1];

            if (slice_equal(before->items[i], after->items[j]))
                *here = here[width + 1] + 1;
            else
                *here = below > right ? below : right;
        }
    return common;
}

static void
write_differences(const struct lines *before, const struct lines *after, const uint32_t *common,
                  struct buffer *out)
{
    size_t width = after->count + 1, i = 0, j = 0;

    while (i < before->count || j < after->count) {
        const uint32_t *here = common ? &common[i * width + j] : NULL;
        bool both = i < before->count && j < after->count;

        if (both && here && slice_equal(before->items[i], after->items[j])) {
            i++;
            j++;
        } else if (i < before->count && (!both || !here || here[width] >= here[1])) {
            write_line(out, "- ", before->items[i++]);
        } else {
            write_line(out, "+ ", after->items[j++]);
        }
    }
}

void
diff_lines(struct slice before, struct slice after, struct buffer *out)
{
    enum { CELLS_MOST = 4 * 1024 * 1024 };
    struct lines first = split(before), second = split(after);
    struct lines some = first, others = second;
    uint32_t *common = NULL;

    trim(&some, &others);
    if ((some.count + 1) * (others.count + 1) <= CELLS_MOST)
        common = measure(&some, &others);
    write_differences(&some, &others, common, out);
    free(common);
    free(first.items);
    free(second.items);
}
