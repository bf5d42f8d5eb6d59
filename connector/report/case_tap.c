/* TAP version 14, testanything.org/tap-version-14-specification.html */
#include "report/case_formats.h"

/* A description: '#' would begin a directive, '\' escapes. */
static void
add_description(struct buffer *out, const char *text)
{
    for (; *text; text++)
        buffer_format(out, "%s%c", *text == '#' || *text == '\\' ? "\\" : "", *text);
}

/* A scalar of the YAML block, in double quotes; the text is one line without control characters. */
static void
add_scalar(struct buffer *out, const char *text)
{
    if (!text) {
        buffer_add_text(out, "~\n");
        return;
    }
    buffer_add_text(out, "\"");
    for (; *text; text++)
        buffer_format(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    buffer_add_text(out, "\"\n");
}

static void
add_member(struct buffer *out, const char *key, const char *text)
{
    buffer_add_text(out, key);
    add_scalar(out, text);
}

static void
add_position(struct buffer *out, const char *key, struct position where)
{
    struct buffer text = BUFFER_INIT;

    case_add_position(&text, where);
    buffer_add(&text, "", 1);
    add_member(out, key, text.data);
    buffer_free(&text);
}

static void
write_attempts(const struct case_difference *difference, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;

    if (difference->attempt_count)
        buffer_add_text(out, "      rules:\n");
    for (size_t i = 0; i < difference->attempt_count; i++) {
        text.length = 0;
        case_add_attempt(&text, &difference->attempts[i]);
        buffer_add(&text, "", 1);
        add_member(out, "        - ", text.data);
    }
    buffer_free(&text);
}

static void
write_difference(const struct case_difference *difference, struct buffer *out)
{
    add_member(out, "    - what: ", difference->what);
    add_position(out, "      at: ", difference->where);
    if (difference->line_count) {
        buffer_add_text(out, "      lines:\n");
        for (size_t i = 0; i < difference->line_count; i++)
            add_member(out, "        - ", difference->lines[i]);
    } else {
        add_member(out, "      expected: ", difference->expected);
        add_member(out, "      got: ", difference->got);
    }
    write_attempts(difference, out);
}

static void
write_details(const struct case_result *result, struct buffer *out)
{
    if (result->difference_count + result->note_count == 0)
        return;
    buffer_add_text(out, "  ---\n");
    add_position(out, "  at: ", result->where);
    if (result->difference_count)
        buffer_add_text(out, "  differences:\n");
    for (size_t i = 0; i < result->difference_count; i++)
        write_difference(&result->differences[i], out);
    if (result->note_count)
        buffer_add_text(out, "  notes:\n");
    for (size_t i = 0; i < result->note_count; i++)
        add_member(out, "    - ", result->notes[i]);
    buffer_add_text(out, "  ...\n");
}

static void
write_coverage(const struct case_report *report, size_t number, unsigned flags, struct buffer *out)
{
    for (size_t i = 0; i < report->coverage_count; i++) {
        const struct case_coverage *coverage = &report->coverages[i];
        struct buffer text = BUFFER_INIT;

        case_add_coverage(&text, report, coverage);
        buffer_add(&text, "", 1);
        if (report->coverage_min) {
            buffer_format(out, "%s %zu - ",
                          case_coverage_is_enough(report, coverage) ? "ok" : "not ok", ++number);
            add_description(out, text.data);
            buffer_add_text(out, "\n");
        } else if (flags & CASE_REPORT_COVERAGE) {
            buffer_format(out, "# %s\n", text.data);
        }
        buffer_free(&text);
        for (size_t j = 0; (flags & CASE_REPORT_COVERAGE) && j < coverage->missed_count; j++) {
            buffer_add_text(out, "# ");
            case_add_missed(out, &coverage->missed[j]);
            buffer_add_text(out, "\n");
        }
    }
}

void
case_write_tap(const struct case_report *report, unsigned flags, struct buffer *out)
{
    size_t number = 0;

    buffer_format(out, "TAP version 14\n1..%zu\n",
                  case_report_count(report) + (report->coverage_min ? report->coverage_count : 0));
    for (size_t i = 0; i < report->file_count; i++)
        for (size_t j = 0; j < report->files[i].count; j++) {
            const struct case_result *result = &report->files[i].results[j];

            buffer_format(out, "%s %zu - ", result->difference_count ? "not ok" : "ok", ++number);
            add_description(out, report->files[i].path);
            buffer_add_text(out, ": ");
            add_description(out, result->name);
            buffer_add_text(out, "\n");
            write_details(result, out);
        }
    write_coverage(report, number, flags, out);
}
