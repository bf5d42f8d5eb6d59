#include "report/sheet.h"

#include "base/text.h"

#include <string.h>

enum { WIDTH = 79, INDENT = 2, GAP = 2, LABEL_MOST = 32, STEP = 6 };

static void
indent(struct buffer *out, size_t columns)
{
    while (columns-- > 0)
        buffer_add(out, " ", 1);
}

/* The words in lines that begin at a column, where the cursor stands already. */
static void
wrap(struct buffer *out, const char *text, size_t column)
{
    size_t at = column;

    while (*text) {
        struct slice word = {text, strcspn(text, " ")};
        size_t columns = text_columns(word);

        if (at > column && at + 1 + columns > WIDTH) {
            buffer_add_text(out, "\n");
            indent(out, column);
            at = column;
        } else if (at > column) {
            buffer_add_text(out, " ");
            at++;
        }
        buffer_add(out, word.data, word.length);
        at += columns;
        text += word.length;
        text += *text == ' ';
    }
    buffer_add_text(out, "\n");
}

static void
write_paragraph(struct buffer *out, const char *text)
{
    if (!*text)
        return;
    indent(out, INDENT);
    wrap(out, text, INDENT);
}

/* What is typed or chosen is never broken, so that it can be copied. */
static void
write_value(struct buffer *out, const struct sheet_row *row, size_t column)
{
    switch (row->kind) {
    case SHEET_TYPE:
    case SHEET_CHOOSE:
        buffer_format(out, "%s\n", row->value);
        break;
    case SHEET_ASK:
        buffer_add_text(out, "______________________________\n");
        break;
    case SHEET_WORDS:
        wrap(out, row->value, column);
        break;
    }
}

/* Value and note begin at a column. */
static void
write_row(struct buffer *out, const struct sheet_row *row, size_t column)
{
    size_t columns = INDENT + text_columns(slice_of(row->label));
    bool is_empty = !*row->value && row->kind != SHEET_ASK;

    indent(out, INDENT);
    buffer_add_text(out, row->label);
    if (columns + GAP > column) {
        buffer_add_text(out, "\n");
        columns = 0;
    }
    if (!is_empty || !*row->note) {
        indent(out, column - columns);
        write_value(out, row, column);
        columns = 0;
    }
    if (!*row->note)
        return;
    indent(out, column - columns);
    wrap(out, row->note, column);
}

/* Where the values of a section begin. */
static size_t
value_column(const struct sheet_section *section)
{
    size_t longest = 0;

    for (size_t i = 0; i < section->count; i++) {
        size_t columns = text_columns(slice_of(section->rows[i].label));

        if (columns > longest)
            longest = columns;
    }
    return INDENT + GAP + (longest < LABEL_MOST ? longest : LABEL_MOST);
}

static void
write_step(struct buffer *out, const struct sheet_row *row)
{
    indent(out, INDENT);
    buffer_add_text(out, "[ ] ");
    wrap(out, row->label, STEP);
    if (!*row->note)
        return;
    indent(out, STEP);
    wrap(out, row->note, STEP);
}

static void
underline(struct buffer *out, const char *title, char sign)
{
    buffer_format(out, "%s\n", title);
    for (size_t i = text_columns(slice_of(title)); i > 0; i--)
        buffer_add(out, &sign, 1);
    buffer_add_text(out, "\n");
}

static void
write_section(struct buffer *out, const struct sheet_section *section)
{
    size_t column = value_column(section);

    buffer_add_text(out, "\n");
    underline(out, section->title, '-');
    write_paragraph(out, section->where);
    write_paragraph(out, section->intro);
    if (*section->where || *section->intro)
        buffer_add_text(out, "\n");
    for (size_t i = 0; i < section->count; i++) {
        if (section->kind == SHEET_STEPS)
            write_step(out, &section->rows[i]);
        else
            write_row(out, &section->rows[i], column);
    }
}

void
sheet_write_text(const struct sheet *sheet, struct buffer *out)
{
    underline(out, sheet->title, '=');
    write_paragraph(out, sheet->intro);
    for (size_t i = 0; i < sheet->count; i++)
        write_section(out, &sheet->sections[i]);
}
