/* GitHub Flavored Markdown, github.github.com/gfm: tables are its section 4.10, code spans 6.3. */
#include "report/sheet.h"

#include <string.h>

/* Text without markup: ASCII punctuation may be escaped by a backslash (GFM section 6.1). */
static void
add_text(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_{}[]<>|~&$#!", *text))
            buffer_add_text(out, "\\");
        buffer_add(out, text, 1);
    }
}

/* The longest run of backticks. */
static size_t
longest_run(const char *text)
{
    size_t longest = 0;

    for (; *text; text++) {
        size_t run = strspn(text, "`");

        if (run > longest)
            longest = run;
        if (run > 0)
            text += run - 1;
    }
    return longest;
}

static void
add_fence(struct buffer *out, size_t length)
{
    while (length-- > 0)
        buffer_add_text(out, "`");
}

/* A span of code, which shows every sign as it is; a table takes only '|' for its own. */
static void
add_code(struct buffer *out, const char *text)
{
    size_t fence = longest_run(text) + 1;

    add_fence(out, fence);
    if (fence > 1)
        buffer_add_text(out, " ");
    for (; *text; text++) {
        if (*text == '|')
            buffer_add_text(out, "\\");
        buffer_add(out, text, 1);
    }
    if (fence > 1)
        buffer_add_text(out, " ");
    add_fence(out, fence);
}

static void
add_value(struct buffer *out, const struct sheet_row *row)
{
    const char *sign = row->kind == SHEET_CHOOSE ? "**" : "";

    if (row->kind == SHEET_ASK) {
        buffer_add_text(out, "…………………");
    } else if (row->kind == SHEET_TYPE) {
        add_code(out, row->value);
    } else {
        buffer_add_text(out, sign);
        add_text(out, row->value);
        buffer_add_text(out, sign);
    }
}

static void
add_table(struct buffer *out, const struct sheet_section *section)
{
    buffer_add_text(out, "|");
    for (size_t i = 0; i < sizeof section->columns / sizeof section->columns[0]; i++) {
        buffer_add_text(out, " ");
        add_text(out, section->columns[i]);
        buffer_add_text(out, " |");
    }
    buffer_add_text(out, "\n| --- | --- | --- |\n");
    for (size_t i = 0; i < section->count; i++) {
        buffer_add_text(out, "| ");
        add_text(out, section->rows[i].label);
        buffer_add_text(out, " | ");
        add_value(out, &section->rows[i]);
        buffer_add_text(out, " | ");
        add_text(out, section->rows[i].note);
        buffer_add_text(out, " |\n");
    }
}

static void
add_steps(struct buffer *out, const struct sheet_section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        buffer_format(out, "%zu. **", i + 1);
        add_text(out, section->rows[i].label);
        buffer_add_text(out, "** ");
        add_text(out, section->rows[i].note);
        buffer_add_text(out, "\n");
    }
}

static void
add_paragraph(struct buffer *out, const char *sign, const char *text)
{
    if (!*text)
        return;
    buffer_add_text(out, sign);
    add_text(out, text);
    buffer_format(out, "%s\n\n", sign);
}

void
sheet_write_markdown(const struct sheet *sheet, struct buffer *out)
{
    buffer_add_text(out, "# ");
    add_text(out, sheet->title);
    buffer_add_text(out, "\n\n");
    add_paragraph(out, "", sheet->intro);
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_section *section = &sheet->sections[i];

        buffer_add_text(out, i ? "\n## " : "## ");
        add_text(out, section->title);
        buffer_add_text(out, "\n\n");
        add_paragraph(out, "*", section->where);
        add_paragraph(out, "", section->intro);
        if (section->kind == SHEET_STEPS)
            add_steps(out, section);
        else
            add_table(out, section);
    }
}
