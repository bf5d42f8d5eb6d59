/* page: text for a terminal: columns, lines broken at its width, colors where it has them.
 *
 * Everything that comes from outside goes through page_text(), so that nothing of it moves the
 * cursor or hides what stands beside it. Only for this folder.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>

enum page_style {
    PAGE_PLAIN,
    PAGE_BOLD,
    PAGE_DIM,
    PAGE_GOOD,
    PAGE_WARNING,
    PAGE_BAD,
    PAGE_NAME,
    PAGE_STYLE_COUNT
};

struct page {
    struct buffer *out;
    struct arena *scratch; /* of one call */
    unsigned width;        /* columns; 0: lines are never broken */
    bool color;
    unsigned column; /* where the next character stands */
};

/* Of longer text the beginning is shown. */
enum { PAGE_CHARACTERS_MOST = 400 };

/* Ends the line, if one has begun, and moves to a column of the next one. */
void page_line(struct page *page, unsigned column);

/* An empty line and a heading. */
void page_heading(struct page *page, const char *heading);

/* Blanks up to a column; one at least. */
void page_move(struct page *page, unsigned column);

/* The text; lines that follow hang two columns behind the one where it begins. */
void page_text(struct page *page, enum page_style style, struct slice text);
void page_words(struct page *page, enum page_style style, const char *text);

/* A line of text as it is, without breaking it. */
void page_raw(struct page *page, struct slice line);

#endif
