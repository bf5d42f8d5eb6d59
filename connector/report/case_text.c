#include "report/case_formats.h"

enum { CASE_INDENT = 8 };

static void
write_result(const struct case_result *result, const struct case_colors *colors, struct buffer *out)
{
    bool failed = result->difference_count > 0;

    buffer_format(out, "  %s%-4s%s  %s\n", failed ? colors->bad : colors->good,
                  failed ? "FAIL" : "ok", colors->end, result->name);
    if (failed) {
        buffer_format(out, "%*s%s", CASE_INDENT, "", colors->dim);
        case_add_position(out, result->where);
        buffer_format(out, "%s\n", colors->end);
    }
    for (size_t i = 0; i < result->difference_count; i++)
        case_add_difference(out, &result->differences[i], CASE_INDENT, colors);
    for (size_t i = 0; i < result->note_count; i++)
        buffer_format(out, "%*s%snote: %s%s\n", CASE_INDENT, "", colors->dim, result->notes[i],
                      colors->end);
}

static void
write_file(const struct case_file *file, unsigned flags, const struct case_colors *colors,
           struct buffer *out)
{
    bool named = false;

    for (size_t i = 0; i < file->count; i++) {
        if ((flags & CASE_REPORT_FAILURES) && file->results[i].difference_count == 0)
            continue;
        if (!named)
            buffer_format(out, "%s\n", file->path);
        named = true;
        write_result(&file->results[i], colors, out);
    }
}

static void
write_coverage(const struct case_report *report, const struct case_coverage *coverage,
               unsigned flags, const struct case_colors *colors, struct buffer *out)
{
    bool enough = case_coverage_is_enough(report, coverage);

    if (enough && (flags & (CASE_REPORT_COVERAGE | CASE_REPORT_FAILURES)) != CASE_REPORT_COVERAGE)
        return;
    buffer_add_text(out, enough ? "" : colors->bad);
    case_add_coverage(out, report, coverage);
    buffer_format(out, "%s\n", enough ? "" : colors->end);
    for (size_t i = 0; i < coverage->missed_count; i++) {
        buffer_add_text(out, "  ");
        case_add_missed(out, &coverage->missed[i]);
        buffer_add_text(out, "\n");
    }
}

static void
write_report(const struct case_report *report, unsigned flags, const struct case_colors *colors,
             struct buffer *out)
{
    size_t count = case_report_count(report), failed = case_report_failed(report);

    for (size_t i = 0; i < report->file_count; i++)
        write_file(&report->files[i], flags, colors, out);
    if (failed > 0 || !(flags & CASE_REPORT_FAILURES))
        buffer_format(out, "%zu case%s: %zu passed, %s%zu failed%s\n", count, count == 1 ? "" : "s",
                      count - failed, failed ? colors->bad : "", failed, failed ? colors->end : "");
    for (size_t i = 0; i < report->coverage_count; i++)
        write_coverage(report, &report->coverages[i], flags, colors, out);
}

void
case_write_text(const struct case_report *report, unsigned flags, struct buffer *out)
{
    static const struct case_colors none = {"", "", "", ""};

    write_report(report, flags, &none, out);
}

/* ECMA-48 section 8.3.117 (SGR): green, red, faint. */
void
case_write_color(const struct case_report *report, unsigned flags, struct buffer *out)
{
    static const struct case_colors colors = {"\033[32m", "\033[31m", "\033[2m", "\033[0m"};

    write_report(report, flags, &colors, out);
}
