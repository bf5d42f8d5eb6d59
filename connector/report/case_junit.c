/* JUnit's XML as Jenkins and GitLab read it: one test suite a file. */
#include "report/case_formats.h"

#include "report/markup.h"

static const struct case_colors no_colors = {"", "", "", ""};

static void
add_attribute(struct buffer *out, const char *name, const char *text)
{
    buffer_format(out, " %s=\"", name);
    markup_add(out, slice_of(text));
    buffer_add_text(out, "\"");
}

static void
open_case(struct buffer *out, const char *name, const char *classname, struct position where)
{
    buffer_add_text(out, "    <testcase");
    add_attribute(out, "name", name);
    add_attribute(out, "classname", classname);
    add_attribute(out, "file", where.file);
    if (where.line)
        buffer_format(out, " line=\"%u\"", where.line);
    buffer_add_text(out, " time=\"0\"");
}

/* "wrong: user_group, emails.count" */
static void
add_summary(struct buffer *out, const struct case_result *result)
{
    struct buffer text = BUFFER_INIT;

    for (size_t i = 0; i < result->difference_count; i++)
        buffer_format(&text, "%s%s", i ? ", " : "wrong: ", result->differences[i].what);
    buffer_add(&text, "", 1);
    add_attribute(out, "message", text.data);
    buffer_free(&text);
}

static void
write_details(const struct case_result *result, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;

    for (size_t i = 0; i < result->difference_count; i++)
        case_add_difference(&text, &result->differences[i], 0, &no_colors);
    if (result->difference_count) {
        buffer_add_text(out, "      <failure");
        add_summary(out, result);
        buffer_add_text(out, " type=\"difference\">");
        markup_add(out, (struct slice){text.data, text.length});
        buffer_add_text(out, "</failure>\n");
    }
    if (result->note_count) {
        buffer_add_text(out, "      <system-out>");
        for (size_t i = 0; i < result->note_count; i++) {
            markup_add(out, slice_of(result->notes[i]));
            buffer_add_text(out, "\n");
        }
        buffer_add_text(out, "</system-out>\n");
    }
    buffer_free(&text);
}

static void
write_result(const struct case_file *file, const struct case_result *result, struct buffer *out)
{
    open_case(out, result->name, file->path, result->where);
    if (result->difference_count + result->note_count == 0) {
        buffer_add_text(out, "/>\n");
        return;
    }
    buffer_add_text(out, ">\n");
    write_details(result, out);
    buffer_add_text(out, "    </testcase>\n");
}

static void
open_suite(struct buffer *out, const char *name, size_t tests, size_t failures)
{
    buffer_add_text(out, "  <testsuite");
    add_attribute(out, "name", name);
    buffer_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
                  tests, failures);
}

static void
write_file(const struct case_file *file, struct buffer *out)
{
    size_t failed = 0;

    for (size_t i = 0; i < file->count; i++)
        failed += file->results[i].difference_count > 0;
    open_suite(out, file->path, file->count, failed);
    for (size_t i = 0; i < file->count; i++)
        write_result(file, &file->results[i], out);
    buffer_add_text(out, "  </testsuite>\n");
}

static void
write_coverage(const struct case_report *report, const struct case_coverage *coverage,
               struct buffer *out)
{
    bool enough = case_coverage_is_enough(report, coverage);
    struct buffer text = BUFFER_INIT;

    case_add_coverage(&text, report, coverage);
    buffer_add(&text, "", 1);
    open_case(out, "coverage", coverage->mapping, (struct position){coverage->mapping, 0, 0});
    buffer_add_text(out, ">\n      <");
    buffer_add_text(out, enough ? "system-out>" : "failure type=\"coverage\"");
    if (!enough) {
        add_attribute(out, "message", text.data);
        buffer_add_text(out, ">");
    }
    markup_add(out, slice_of(text.data));
    buffer_add_text(out, "\n");
    for (size_t i = 0; i < coverage->missed_count; i++) {
        text.length = 0;
        case_add_missed(&text, &coverage->missed[i]);
        markup_add(out, (struct slice){text.data, text.length});
        buffer_add_text(out, "\n");
    }
    buffer_format(out, "</%s>\n    </testcase>\n", enough ? "system-out" : "failure");
    buffer_free(&text);
}

/* Coverage is a suite of its own, with a case for each mapping, where somebody asks for it. */
static void
write_coverages(const struct case_report *report, struct buffer *out)
{
    size_t failed = 0;

    for (size_t i = 0; i < report->coverage_count; i++)
        failed += !case_coverage_is_enough(report, &report->coverages[i]);
    open_suite(out, "coverage", report->coverage_count, failed);
    for (size_t i = 0; i < report->coverage_count; i++)
        write_coverage(report, &report->coverages[i], out);
    buffer_add_text(out, "  </testsuite>\n");
}

void
case_write_junit(const struct case_report *report, unsigned flags, struct buffer *out)
{
    buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < report->file_count; i++)
        write_file(&report->files[i], out);
    if ((flags & CASE_REPORT_COVERAGE) || report->coverage_min)
        write_coverages(report, out);
    buffer_add_text(out, "</testsuites>\n");
}
