#include "base/file.h"
#include "base/text.h"
#include "report/preview_fields.h"
#include "report/preview_formats.h"
#include "report/preview_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
    NAMES_MOST = 30,  /* columns of a name; longer ones push their value to the right */
    VALUES_MOST = 30, /* of one attribute or step */
    BINARY_MOST = 16  /* bytes */
};

void
view_place(struct page *page, const struct position *where)
{
    char line[32];

    page_words(page, PAGE_DIM, file_name(where->file));
    snprintf(line, sizeof line, ":%u", where->line);
    page_words(page, PAGE_DIM, line);
}

static void
write_binary(struct page *page, enum page_style style, struct slice value)
{
    char text[BINARY_MOST * 3 + 8], *end = text;

    for (size_t i = 0; i < value.length && i < BINARY_MOST; i++)
        end += sprintf(end, "%s%02x", i ? " " : "", (unsigned char)value.data[i]);
    if (value.length > BINARY_MOST)
        sprintf(end, " \xe2\x80\xa6");
    page_words(page, style, text);
}

static void
write_value(struct page *page, enum page_style style, struct slice value)
{
    bool binary = preview_is_binary(value);
    size_t most = binary ? BINARY_MOST : PAGE_CHARACTERS_MOST;
    size_t length = binary ? value.length : text_characters(value);
    char size[64];

    if (binary)
        write_binary(page, style, value);
    else
        page_text(page, style, value);
    if (length <= most)
        return;
    snprintf(size, sizeof size, "(%zu %s)", length, binary ? "bytes" : "characters");
    page_move(page, 0);
    page_words(page, PAGE_DIM, size);
}

void
view_values(struct page *page, enum page_style style, const struct slice *values, size_t count)
{
    unsigned column = page->column;

    if (count == 0)
        page_words(page, PAGE_DIM, "no value");
    for (size_t i = 0; i < count; i++) {
        char more[64];

        if (i > 0)
            page_line(page, column);
        if (i == VALUES_MOST) {
            snprintf(more, sizeof more, "and %zu more", count - i);
            page_words(page, PAGE_DIM, more);
            return;
        }
        write_value(page, style, values[i]);
    }
}

void
view_widen(unsigned *width, const char *name)
{
    size_t columns = text_columns(slice_of(name));

    if (columns > *width && columns <= NAMES_MOST)
        *width = (unsigned)columns;
}

struct named {
    const char *name;
    const struct entry_values *values;
};

/* By name; those without a value last. */
static int
compare_named(const void *a, const void *b)
{
    const struct named *first = a, *second = b;

    if ((first->values->count == 0) != (second->values->count == 0))
        return first->values->count == 0 ? 1 : -1;
    return strcasecmp(first->name, second->name);
}

static void
write_valueless(struct page *page, const struct named *named, size_t count, struct arena *arena)
{
    const char *names = "";

    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        names = arena_format(arena, "%s%s%s", names, i ? ", " : "", named[i].name);
    page_line(page, VIEW_INDENT);
    page_words(page, PAGE_DIM, "no value:");
    page_move(page, 0);
    page_words(page, PAGE_DIM, names);
}

static void
write_attributes(struct view *view)
{
    struct page *page = &view->page;
    const struct entry *entry = &view->person->entry;
    struct arena *arena = arena_new();
    size_t count = view->preview->attribute_count, with = 0;
    struct named *named = arena_alloc(arena, count * sizeof *named);
    unsigned width = 0;

    for (size_t i = 0; i < count; i++) {
        named[i] = (struct named){attributes_name(entry->attributes, (int)i), &entry->slots[i]};
        if (entry->slots[i].count > 0)
            view_widen(&width, named[i].name);
        with += entry->slots[i].count > 0;
    }
    qsort(named, count, sizeof *named, compare_named);
    page_heading(page, "Attributes");
    for (size_t i = 0; i < with; i++) {
        page_line(page, VIEW_INDENT);
        page_words(page, PAGE_NAME, named[i].name);
        page_move(page, VIEW_INDENT + width + 2);
        view_values(page, PAGE_PLAIN, named[i].values->values, named[i].values->count);
    }
    write_valueless(page, named + with, count - with, arena);
    arena_free(arena);
}

static void
write_findings(struct view *view)
{
    static const enum page_style styles[] = {
        [FINDING_WARNING] = PAGE_WARNING,
        [FINDING_REJECT] = PAGE_BAD,
        [FINDING_HOLD] = PAGE_BAD,
    };
    struct page *page = &view->page;

    if (view->person->finding_count > 0)
        page_heading(page, "Findings");
    for (size_t i = 0; i < view->person->finding_count; i++) {
        const struct finding *finding = &view->person->findings[i];
        const struct finding_kind *kind = finding_kind(finding->code);

        page_line(page, VIEW_INDENT);
        page_words(page, styles[kind->severity], kind->name);
        page_move(page, page->column + 2);
        page_text(page, PAGE_PLAIN, finding->text);
        if (!finding->where.line)
            continue;
        page_line(page, VIEW_INDENT + (unsigned)strlen(kind->name) + 2);
        view_place(page, &finding->where);
        page_move(page, page->column + 2);
        page_words(page, PAGE_NAME, finding->field ? finding->field : "");
    }
}

static void
write_difference(struct view *view)
{
    const struct difference *difference = view->person->difference;
    struct page *page = &view->page;

    if (!difference)
        return;
    page_heading(page, "Difference from what Alma has");
    page_line(page, VIEW_INDENT);
    page_words(page, PAGE_PLAIN, difference->fate);
    if (strcmp(difference->fate, "new") != 0)
        difference_write_text(difference, page, VIEW_INDENT);
}

static void
write_record(struct view *view)
{
    struct slice rest = view->person->record;

    if (rest.length > 0)
        page_heading(&view->page, "Record");
    while (rest.length > 0) {
        const char *end = memchr(rest.data, '\n', rest.length);
        size_t length = end ? (size_t)(end - rest.data) : rest.length;

        page_raw(&view->page, (struct slice){rest.data, length});
        length += end != NULL;
        rest = (struct slice){rest.data + length, rest.length - length};
    }
}

static void
write_select(struct view *view)
{
    const struct preview *preview = view->preview;

    if (!preview->select)
        return;
    page_line(&view->page, VIEW_INDENT);
    view_place(&view->page, &preview->select_where);
    page_move(&view->page, view->page.column + 2);
    page_words(&view->page, PAGE_DIM, preview->select);
}

static void
write_verdict(struct view *view)
{
    static const struct {
        enum page_style style;
        const char *words;
    } verdicts[] = {
        [PREVIEW_SENT] = {PAGE_GOOD, "would be sent as"},
        [PREVIEW_SKIPPED] = {PAGE_WARNING, "skipped: the mapping's 'select' does not hold"},
        [PREVIEW_REJECTED] = {PAGE_BAD, "rejected: not good enough for Alma"},
        [PREVIEW_HELD] = {PAGE_BAD, "held: a person has to decide"},
        [PREVIEW_REPEATED] = {PAGE_WARNING, "the same entry as one above, which counts once"},
    };
    const struct preview_person *person = view->person;
    struct page *page = &view->page;

    page_line(page, 0);
    page_words(page, verdicts[person->verdict].style, verdicts[person->verdict].words);
    if (person->verdict == PREVIEW_SENT) {
        page_move(page, 0);
        page_text(page, PAGE_BOLD, person->user.match_id);
    }
    if (person->verdict == PREVIEW_SKIPPED)
        write_select(view);
    if (person->found_as) {
        page_line(page, 0);
        page_words(page, PAGE_PLAIN, "what was asked for is its");
        page_move(page, 0);
        page_words(page, PAGE_NAME, person->found_as);
    }
}

static void
write_person(struct view *view)
{
    page_line(&view->page, 0);
    page_text(&view->page, PAGE_BOLD, view->person->entry.dn);
    write_verdict(view);
    write_findings(view);
    write_attributes(view);
    view_fields(view);
    view_unmade(view);
    write_difference(view);
    write_record(view);
    page_line(&view->page, 0);
}

static void
write_more(struct view *view)
{
    const struct preview *preview = view->preview;
    char text[128];

    if (preview->repeated > 0) {
        snprintf(text, sizeof text, "%" PRIu64 " found by several searches and counted once",
                 preview->repeated);
        page_line(&view->page, 0);
        page_words(&view->page, PAGE_WARNING, text);
    }
    if (preview->more > 0) {
        snprintf(text, sizeof text, "and %" PRIu64 " more; --all shows them", preview->more);
        page_line(&view->page, 0);
        page_words(&view->page, PAGE_WARNING, text);
    }
    page_line(&view->page, 0);
}

static void
write_origin(struct view *view)
{
    struct page *page = &view->page;

    page_words(page, PAGE_DIM, view->preview->source);
    page_move(page, 0);
    page_words(page, PAGE_DIM, "through");
    page_move(page, 0);
    page_words(page, PAGE_DIM, view->preview->mapping);
    page_line(page, 0);
}

static void
write_all(const struct preview *preview, unsigned width, bool color, struct buffer *out)
{
    struct view view = {.page = {out, arena_new(), width, color, 0}, .preview = preview};

    write_origin(&view);
    for (size_t i = 0; i < preview->count; i++) {
        buffer_add_text(out, i > 0 ? "\n\n" : "\n");
        view.person = preview->people[i];
        view.told.each = NULL;
        write_person(&view);
    }
    write_more(&view);
    preview_told_free(&view.told);
    arena_free(view.page.scratch);
}

void
preview_write_text(const struct preview *preview, unsigned width, struct buffer *out)
{
    write_all(preview, width, false, out);
}

void
preview_write_color(const struct preview *preview, unsigned width, struct buffer *out)
{
    write_all(preview, width, true, out);
}
