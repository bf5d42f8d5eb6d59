#include "report/case_formats.h"

#include <string.h>

static const struct format {
    const char *name;
    void (*write)(const struct case_report *report, unsigned flags, struct buffer *out);
} formats[] = {
    {"text", case_write_text},
    {"color", case_write_color},
    {"tap", case_write_tap},
    {"junit", case_write_junit},
};

bool
case_report_write(const struct case_report *report, const char *format, unsigned flags,
                  struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(report, flags, out);
        return true;
    }
    return false;
}

size_t
case_report_count(const struct case_report *report)
{
    size_t count = 0;

    for (size_t i = 0; i < report->file_count; i++)
        count += report->files[i].count;
    return count;
}

size_t
case_report_failed(const struct case_report *report)
{
    size_t failed = 0;

    for (size_t i = 0; i < report->file_count; i++)
        for (size_t j = 0; j < report->files[i].count; j++)
            failed += report->files[i].results[j].difference_count > 0;
    return failed;
}

bool
case_coverage_is_enough(const struct case_report *report, const struct case_coverage *coverage)
{
    return coverage->reached * 100 >= coverage->total * report->coverage_min;
}

void
case_add_position(struct buffer *out, struct position where)
{
    buffer_add_text(out, where.file);
    if (where.line)
        buffer_format(out, ":%u:%u", where.line, where.column);
}

void
case_add_attempt(struct buffer *out, const struct case_attempt *attempt)
{
    case_add_position(out, attempt->where);
    if (attempt->rule)
        buffer_format(out, ": %s", attempt->rule);
    buffer_format(out, ": %s", attempt->result);
}

static void
add_value(struct buffer *out, unsigned indent, const char *label, const char *value,
          const char *color, const struct case_colors *colors)
{
    buffer_format(out, "%*s%-9s %s%s%s\n", indent, "", label, value ? color : colors->dim,
                  value ? value : "(no value)", colors->end);
}

void
case_add_difference(struct buffer *out, const struct case_difference *difference, unsigned indent,
                    const struct case_colors *colors)
{
    buffer_format(out, "%*s%s\n", indent, "", difference->what);
    indent += 2;
    if (difference->line_count == 0) {
        add_value(out, indent, "expected", difference->expected, colors->good, colors);
        add_value(out, indent, "got", difference->got, colors->bad, colors);
    }
    for (size_t i = 0; i < difference->line_count; i++)
        buffer_format(out, "%*s%s%s%s\n", indent, "",
                      difference->lines[i][0] == '-' ? colors->good : colors->bad,
                      difference->lines[i], colors->end);
    for (size_t i = 0; i < difference->attempt_count; i++) {
        buffer_format(out, "%*s%s", indent, "", colors->dim);
        case_add_attempt(out, &difference->attempts[i]);
        buffer_format(out, "%s\n", colors->end);
    }
}

/* Cut, not rounded: only what is whole is 100 %. */
void
case_add_coverage(struct buffer *out, const struct case_report *report,
                  const struct case_coverage *coverage)
{
    size_t tenths = coverage->total ? coverage->reached * 1000 / coverage->total : 1000;

    buffer_format(out, "coverage of %s: %zu of %zu parts, %zu.%zu %%", coverage->mapping,
                  coverage->reached, coverage->total, tenths / 10, tenths % 10);
    if (!case_coverage_is_enough(report, coverage))
        buffer_format(out, ", less than %u %%", report->coverage_min);
}

void
case_add_missed(struct buffer *out, const struct case_missed *missed)
{
    case_add_position(out, missed->where);
    buffer_format(out, ": %s", missed->what);
}
