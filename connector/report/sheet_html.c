/* HTML as html.spec.whatwg.org has it: one page, which loads nothing and runs nothing. */
#include "report/sheet.h"

#include "report/markup.h"

/* No page size is set, so that it prints on A4 and Letter alike; colors do not count on paper. */
static const char style[] =
    "body { font: 11pt/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff;\n"
    "  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }\n"
    "h1 { font-size: 1.7rem; margin-bottom: .3rem; }\n"
    "h2 { font-size: 1.25rem; margin: 2rem 0 .3rem; border-bottom: 2px solid #1a1a1a; }\n"
    "p { margin: .4rem 0; }\n"
    ".where { font-weight: 600; }\n"
    "table { border-collapse: collapse; width: 100%; margin-top: .6rem; }\n"
    "th, td { border: 1px solid #767676; padding: .3rem .5rem; text-align: left;\n"
    "  vertical-align: top; overflow-wrap: anywhere; }\n"
    "thead th { background: #ececec; }\n"
    "tbody th { font-weight: 600; width: 24%; }\n"
    "td { width: 34%; }\n"
    "td + td { width: auto; }\n"
    "code { font: 1em ui-monospace, monospace; background: #f3f3f3; padding: 0 .2em;\n"
    "  -webkit-user-select: all; user-select: all; }\n"
    ".ask { display: block; min-height: 1.3em; border-bottom: 1px dotted #1a1a1a; }\n"
    ".steps { list-style: none; padding: 0; counter-reset: step; }\n"
    ".steps li { margin: .6rem 0; padding-left: 3.4rem; text-indent: -3.4rem; }\n"
    ".steps li::before { content: \"\\2610\\2002\" counter(step) \".\"; counter-increment: step;\n"
    "  display: inline-block; width: 3.4rem; text-indent: 0; }\n"
    "@page { margin: 16mm; }\n"
    "@media print {\n"
    "  body { font-size: 9.5pt; max-width: none; margin: 0; padding: 0; }\n"
    "  h2 { break-after: avoid; }\n"
    "  .where, .intro { break-after: avoid; }\n"
    "  tr, li { break-inside: avoid; }\n"
    "}\n";

static void
add_text(struct buffer *out, const char *text)
{
    markup_add(out, slice_of(text));
}

/* An element with the text in it; nothing where there is no text. */
static void
add_element(struct buffer *out, const char *begin, const char *text, const char *end)
{
    if (!*text)
        return;
    buffer_add_text(out, begin);
    add_text(out, text);
    buffer_add_text(out, end);
}

static void
add_value(struct buffer *out, const struct sheet_row *row)
{
    switch (row->kind) {
    case SHEET_TYPE:
        add_element(out, "<code>", row->value, "</code>");
        break;
    case SHEET_CHOOSE:
        add_element(out, "<strong>", row->value, "</strong>");
        break;
    case SHEET_ASK:
        buffer_add_text(out, "<span class=\"ask\">&nbsp;</span>");
        break;
    case SHEET_WORDS:
        add_text(out, row->value);
        break;
    }
}

static void
add_table(struct buffer *out, const struct sheet_section *section, size_t number)
{
    buffer_format(out, "<table aria-labelledby=\"part-%zu\">\n<thead><tr>", number);
    for (size_t i = 0; i < sizeof section->columns / sizeof section->columns[0]; i++)
        add_element(out, "<th scope=\"col\">", section->columns[i], "</th>");
    buffer_add_text(out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < section->count; i++) {
        buffer_add_text(out, "<tr><th scope=\"row\">");
        add_text(out, section->rows[i].label);
        buffer_add_text(out, "</th><td>");
        add_value(out, &section->rows[i]);
        buffer_add_text(out, "</td><td>");
        add_text(out, section->rows[i].note);
        buffer_add_text(out, "</td></tr>\n");
    }
    buffer_add_text(out, "</tbody>\n</table>\n");
}

static void
add_steps(struct buffer *out, const struct sheet_section *section)
{
    buffer_add_text(out, "<ol class=\"steps\">\n");
    for (size_t i = 0; i < section->count; i++) {
        add_element(out, "<li><strong>", section->rows[i].label, "</strong> ");
        add_text(out, section->rows[i].note);
        buffer_add_text(out, "</li>\n");
    }
    buffer_add_text(out, "</ol>\n");
}

static void
add_section(struct buffer *out, const struct sheet_section *section, size_t number)
{
    buffer_format(out, "<section aria-labelledby=\"part-%zu\">\n<h2 id=\"part-%zu\">", number,
                  number);
    add_text(out, section->title);
    buffer_add_text(out, "</h2>\n");
    add_element(out, "<p class=\"where\">", section->where, "</p>\n");
    add_element(out, "<p class=\"intro\">", section->intro, "</p>\n");
    if (section->kind == SHEET_STEPS)
        add_steps(out, section);
    else
        add_table(out, section, number);
    buffer_add_text(out, "</section>\n");
}

void
sheet_write_html(const struct sheet *sheet, struct buffer *out)
{
    buffer_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; style-src 'unsafe-inline'\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n<title>");
    add_text(out, sheet->title);
    buffer_format(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
    add_text(out, sheet->title);
    buffer_add_text(out, "</h1>\n");
    add_element(out, "<p>", sheet->intro, "</p>\n");
    for (size_t i = 0; i < sheet->count; i++)
        add_section(out, &sheet->sections[i], i + 1);
    buffer_add_text(out, "</main>\n</body>\n</html>\n");
}
