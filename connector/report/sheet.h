/* sheet: the hand-over sheet: all that has to be typed into Alma for a feed, for the people of the
 * library who do it.
 *
 * The command (run/sheet.h) makes one with sheet_new() and fills it from top to bottom:
 * sheet_section(), then sheet_row() for each row of it. sheet_write() renders it in a format of one
 * table:
 *   text      for reading and mailing
 *   markdown  for wikis: tables of GitHub's Markdown (GFM)
 *   html      one page with all that it needs, for the screen and for paper
 *
 * Texts are copied, and what would move or hide others is made visible, so that formats have only
 * their own signs to escape.
 *
 * Not here: what stands on the sheet.
 */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum sheet_value {
    SHEET_TYPE,   /* to be typed letter by letter */
    SHEET_CHOOSE, /* to be chosen or ticked in the form */
    SHEET_ASK,    /* not known here: somebody fills it in by hand */
    SHEET_WORDS
};

struct sheet_row {
    const char *label;
    enum sheet_value kind;
    const char *value, *note; /* "": none */
};

enum sheet_kind {
    SHEET_TABLE, /* rows of label, value and note */
    SHEET_STEPS  /* things to do, one after the other: label and note */
};

struct sheet_section {
    enum sheet_kind kind;
    const char *title, *where, *intro; /* where: the way through Alma's menus; "": none */
    const char *columns[3];            /* SHEET_TABLE: the heads */
    struct sheet_row *rows;
    size_t count, capacity;
};

struct sheet {
    struct arena *arena;
    const char *title, *intro;
    struct sheet_section *sections;
    size_t count, capacity;
};

struct sheet *sheet_new(const char *title, const char *intro);
void sheet_free(struct sheet *sheet); /* NULL is allowed */

/* Begins a section like this one, whose rows are not looked at; texts may be NULL. */
void sheet_section(struct sheet *sheet, const struct sheet_section *section);

/* Adds a row to the last section; `value` and `note` may be NULL. */
void sheet_row(struct sheet *sheet, const char *label, enum sheet_value kind, const char *value,
               const char *note);

/* Appends the sheet; false when there is no such format. */
bool sheet_write(const struct sheet *sheet, const char *format, struct buffer *out);

/* The same into a file that appears whole or not at all, mode 0600. ERROR_USAGE: no such format. */
bool sheet_save(const struct sheet *sheet, const char *format, const char *path, struct error *err);

/* The format by the ending of a file's name: ".txt", ".md", ".html"; NULL for others. */
const char *sheet_format_of(const char *path);

/* For the table of formats. */
void sheet_write_text(const struct sheet *sheet, struct buffer *out);
void sheet_write_markdown(const struct sheet *sheet, struct buffer *out);
void sheet_write_html(const struct sheet *sheet, struct buffer *out);

#endif
