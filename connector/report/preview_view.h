/* preview_view: a preview as text, in two files: preview_text.c has the person, preview_rules.c how
 * the fields came about. Only for this folder.
 */
#ifndef REPORT_PREVIEW_VIEW_H
#define REPORT_PREVIEW_VIEW_H

#include "report/page.h"
#include "report/preview.h"
#include "report/preview_told.h"

enum { VIEW_INDENT = 2 };

struct view {
    struct page page;
    const struct preview *preview;
    const struct preview_person *person;
    struct preview_told told;
};

/* "mapping.yaml:12": the file's name is enough, the head of the preview has its path. */
void view_place(struct page *page, const struct position *where);

/* One value a line, from the present column on. */
void view_values(struct page *page, enum page_style style, const struct slice *values,
                 size_t count);

/* Makes a column of names as wide as this one, if that is not too wide. */
void view_widen(unsigned *width, const char *name);

void view_fields(struct view *view);

/* The items that the person did not get, and why. */
void view_unmade(struct view *view);

#endif
