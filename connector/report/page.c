#include "report/page.h"

#include "base/text.h"

/* However narrow the terminal is, so much of a line is written. */
enum { ROOM_LEAST = 12, HANG = 2 };

/* ECMA-48 section 8.3.117, select graphic rendition. */
static const char *const styles[PAGE_STYLE_COUNT] = {
    [PAGE_PLAIN] = "",        [PAGE_BOLD] = "\033[1m", [PAGE_DIM] = "\033[2m",
    [PAGE_GOOD] = "\033[32m", [PAGE_BAD] = "\033[31m", [PAGE_WARNING] = "\033[33m",
    [PAGE_NAME] = "\033[36m",
};

static void
begin_style(struct page *page, enum page_style style)
{
    if (page->color)
        buffer_add_text(page->out, styles[style]);
}

static void
end_style(struct page *page, enum page_style style)
{
    if (page->color && style != PAGE_PLAIN)
        buffer_add_text(page->out, "\033[m");
}

static void
indent(struct page *page, unsigned column)
{
    while (page->column < column) {
        buffer_add(page->out, " ", 1);
        page->column++;
    }
}

void
page_line(struct page *page, unsigned column)
{
    if (page->column > 0)
        buffer_add(page->out, "\n", 1);
    page->column = 0;
    indent(page, column);
}

void
page_move(struct page *page, unsigned column)
{
    indent(page, column > page->column ? column : page->column + 1);
}

/* How much of the text goes into the line: up to a blank or behind a comma, where there is one in
 * the second half. */
static size_t
fitting_length(const struct page *page, struct slice text, unsigned hang)
{
    unsigned room = page->width > hang + ROOM_LEAST ? page->width - hang : ROOM_LEAST;
    size_t fits;

    if (page->width == 0)
        return text.length;
    fits = text_take_columns(text, room).length;
    if (fits == text.length)
        return fits;
    for (size_t at = fits; at > fits / 2; at--)
        if (text.data[at] == ' ' || text.data[at - 1] == ',')
            return at;
    return fits > 0 ? fits : text_take(text, 1).length;
}

void
page_text(struct page *page, enum page_style style, struct slice text)
{
    struct slice rest = text_printable(page->scratch, text, PAGE_CHARACTERS_MOST);
    unsigned begin = page->column, hang = begin;

    while (rest.length > 0) {
        size_t length = fitting_length(page, rest, hang);
        struct slice line = {rest.data, length};

        begin_style(page, style);
        buffer_add(page->out, line.data, line.length);
        end_style(page, style);
        page->column += (unsigned)text_columns(line);
        while (length < rest.length && rest.data[length] == ' ')
            length++;
        rest = (struct slice){rest.data + length, rest.length - length};
        hang = begin + HANG;
        if (rest.length > 0)
            page_line(page, hang);
    }
    arena_reset(page->scratch);
}

void
page_words(struct page *page, enum page_style style, const char *text)
{
    page_text(page, style, slice_of(text));
}

void
page_raw(struct page *page, struct slice line)
{
    struct slice printable = text_printable(page->scratch, line, line.length);

    page_line(page, 0);
    buffer_add(page->out, printable.data, printable.length);
    page->column = 1;
    arena_reset(page->scratch);
}

void
page_heading(struct page *page, const char *heading)
{
    page_line(page, 0);
    buffer_add_text(page->out, "\n");
    page_words(page, PAGE_BOLD, heading);
}
