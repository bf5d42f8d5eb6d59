#include "report/worklist.h"

#include "base/text.h"
#include "report/content.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_CHARACTERS = 300 };

static void
add_line(struct buffer *out, struct arena *scratch, const char *label, struct slice text)
{
    struct slice shown;

    if (!text.data)
        return;
    shown = text_printable(scratch, text, SHOWN_CHARACTERS);
    buffer_format(out, "    %-9s %.*s\n", label, SLICE_ARG(shown));
    arena_reset(scratch);
}

static void
write_head(const struct worklist *worklist, struct buffer *out, struct arena *scratch)
{
    struct slice feed = text_printable(scratch, slice_of(worklist->feed), SHOWN_CHARACTERS);
    size_t solved = 0;
    char as_of[REPORT_TIME_BYTES];

    for (size_t i = 0; i < worklist->count; i++)
        solved += worklist->items[i].how != NULL;
    report_time(worklist->as_of, as_of);
    buffer_format(out, "%.*s: work list", SLICE_ARG(feed));
    if (as_of[0])
        buffer_format(out, " of the run of %s\n", as_of);
    else
        buffer_add_text(out, ", which no run has made yet\n");
    buffer_format(out, "    %-9s %zu\n    %-9s %zu\n", "open", worklist->count - solved, "solved",
                  solved);
    if (worklist->omitted > 0)
        buffer_format(out, "    %-9s %" PRIu64 " more are not listed\n", "", worklist->omitted);
    arena_reset(scratch);
}

/* The kind of item `from` and of those behind it; returns how many they are. */
static size_t
write_kind(const struct worklist *worklist, size_t from, struct buffer *out)
{
    const struct worklist_item *first = &worklist->items[from];
    size_t count = 1;

    while (from + count < worklist->count && !first[count].how == !first->how &&
           (first->how || strcmp(first[count].kind->name, first->kind->name) == 0))
        count++;
    if (first->how)
        buffer_format(out, "\nSolved (%zu)\n", count);
    else
        buffer_format(out, "\n%s: %s (%zu, %s)\n    %-9s %s\n", first->kind->name,
                      first->kind->help, count, worklist_status(first), "to do",
                      worklist_remedy(first));
    return count;
}

static void
write_item(const struct worklist_item *item, struct buffer *out, struct arena *scratch)
{
    char since[REPORT_TIME_BYTES];

    report_time(item->since, since);
    buffer_add_text(out, "\n");
    add_line(out, scratch, "DN", item->dn);
    add_line(out, scratch, "match id", item->match_id);
    add_line(out, scratch, "id", slice_of(item->id));
    add_line(out, scratch, "field", item->field);
    add_line(out, scratch, item->how ? "was" : "why", item->text);
    add_line(out, scratch, "since", slice_of(since[0] ? since : NULL));
    if (item->how)
        add_line(out, scratch, "now", slice_of(worklist_solved_words(item->how)));
}

void
worklist_write_text(const struct worklist *worklist, struct buffer *out)
{
    struct arena *scratch = arena_new();

    write_head(worklist, out, scratch);
    for (size_t i = 0, end; i < worklist->count; i = end) {
        end = i + write_kind(worklist, i, out);
        for (size_t j = i; j < end; j++)
            write_item(&worklist->items[j], out, scratch);
    }
    arena_free(scratch);
}
