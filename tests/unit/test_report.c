/* What a report collects, and how it is saved. */
#include "unit.h"

#include "base/file.h"
#include "report/report.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
find(struct report *report, enum finding_code code, struct slice text)
{
    struct finding_sink sink = report_sink(report);
    struct finding finding = {.code = code, .dn = slice_of("uid=ana,dc=example"), .text = text};

    sink.add(sink.context, &finding);
}

/* The report as JSON, parsed again. */
static struct json_object *
as_json(const struct report *report)
{
    struct buffer text = BUFFER_INIT;
    struct json_object *value;

    report_write(report, "json", &text);
    buffer_add(&text, "", 1);
    value = json_tokener_parse(text.data);
    buffer_free(&text);
    assert_non_null(value);
    return value;
}

static uint64_t
number_at(struct json_object *json, const char *object, const char *key)
{
    return json_object_get_uint64(
        json_object_object_get(json_object_object_get(json, object), key));
}

static void
counts_must_add_up(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct report_counts *counts = report_counts(report);

    (void)state;
    assert_true(report_adds_up(report));
    *counts = (struct report_counts){
        .read = 10, .skipped = 1, .rejected = 2, .held = 3, .unchanged = 1, .sent = 2};
    assert_false(report_adds_up(report));
    counts->sent++;
    counts->fresh = 3;
    counts->leavers = 5;
    assert_true(report_adds_up(report));
    counts->unchanged += 2;
    assert_false(report_adds_up(report));
    report_free(report);
}

static void
a_restart_forgets_what_was_read(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct json_object *json;

    (void)state;
    report_counts(report)->read = 10;
    find(report, FINDING_TOO_LONG, slice_of("first attempt"));
    report_add_timing(report, "reading", 1);
    report_restart(report);
    find(report, FINDING_DUPLICATE, slice_of("second attempt"));
    assert_int_equal(report_counts(report)->read, 0);
    json = as_json(report);
    assert_int_equal(json_object_array_length(json_object_object_get(json, "findings")), 1);
    assert_int_equal(number_at(json, "timings", "reading"), 1);
    json_object_put(json);
    report_free(report);
}

static void
a_restart_keeps_what_is_about_the_mapping(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct finding_sink sink = report_sink(report);
    char text[] = "lines 3 and 4";
    const struct finding twice = {
        .code = FINDING_TWICE_IN_TABLE, .where = {"cards.csv", 4, 1}, .text = slice_of(text)};
    struct buffer shown = BUFFER_INIT;

    (void)state;
    find(report, FINDING_TOO_LONG, slice_of("first attempt"));
    sink.add(sink.context, &twice);
    find(report, FINDING_TOO_LONG, slice_of("first attempt"));
    report_restart(report);
    find(report, FINDING_DUPLICATE, slice_of("second attempt"));
    memset(text, 'x', sizeof text - 1);
    report_write(report, "text", &shown);
    buffer_add(&shown, "", 1);
    assert_null(strstr(shown.data, "first attempt"));
    assert_non_null(strstr(shown.data, "the first row counts (1, about the mapping)\n\n"
                                       "    rule      cards.csv:4\n"
                                       "    why       lines 3 and 4\n"));
    assert_non_null(strstr(shown.data, "second attempt"));
    buffer_free(&shown);
    report_free(report);
}

static void
times_of_a_phase_add_up(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct buffer text = BUFFER_INIT;

    (void)state;
    report_add_timing(report, "reading", 0.5);
    report_add_timing(report, "packing", 0.1);
    report_add_timing(report, "reading", 0.25);
    report_write(report, "json", &text);
    buffer_add(&text, "", 1);
    assert_non_null(strstr(text.data, "\"timings\": { \"reading\": 0.750, \"packing\": 0.100 }"));
    buffer_free(&text);
    report_free(report);
}

/* A flood of one kind is counted beyond the bound and hides no other kind. */
static void
a_million_findings_stay_bounded(void **state)
{
    enum { FLOOD = 1000000 };
    struct report *report = report_new("example", "import", false, 1);
    struct json_object *json, *findings;

    (void)state;
    for (int i = 0; i < FLOOD; i++)
        find(report, FINDING_BAD_TEXT, slice_of("mended"));
    find(report, FINDING_DUPLICATE, slice_of("two of them"));
    json = as_json(report);
    findings = json_object_object_get(json, "findings");
    assert_int_equal(json_object_array_length(findings), REPORT_FINDINGS_MOST + 1);
    assert_int_equal(number_at(json, "findings_omitted", "bad_text"), FLOOD - REPORT_FINDINGS_MOST);
    assert_int_equal(json_object_object_length(json_object_object_get(json, "findings_omitted")),
                     1);
    json_object_put(json);
    report_free(report);
}

static void
huge_values_stay_bounded(void **state)
{
    enum { HUGE = 1024 * 1024, MANY = 3000 };
    struct report *report = report_new("example", "import", false, 1);
    char *huge = memory_alloc(HUGE);
    struct json_object *json, *findings;
    const char *text;

    (void)state;
    /* Three bytes a character, so that the cut at REPORT_TEXT_BYTES falls into one. */
    for (int i = 0; i + 3 <= HUGE; i += 3)
        memcpy(huge + i, "\xe2\x82\xac", 3);
    for (int i = 0; i < MANY; i++)
        find(report, FINDING_TOO_LONG, (struct slice){huge, HUGE});
    json = as_json(report);
    findings = json_object_object_get(json, "findings");
    assert_in_range(json_object_array_length(findings), 1000,
                    REPORT_FINDINGS_BYTES / REPORT_TEXT_BYTES + 1);
    assert_int_equal(
        json_object_array_length(findings) + number_at(json, "findings_omitted", "too_long"), MANY);
    text = json_object_get_string(
        json_object_object_get(json_object_array_get_idx(findings, 0), "text"));
    assert_int_equal(strlen(text), 1998 + 3);
    assert_string_equal(text + 1995, "\xe2\x82\xac\xe2\x80\xa6");
    json_object_put(json);
    free(huge);
    report_free(report);
}

static struct slice
read_back(struct arena *arena, const char *path)
{
    struct error err = ERROR_INIT;
    struct slice text;

    if (!file_read(arena, path, 1 << 20, &text, &err))
        fail_msg("%s", err.text);
    return text;
}

static size_t
files_in(const char *folder)
{
    char command[256];
    FILE *list;
    int files = 0;

    snprintf(command, sizeof command, "ls -A '%s' | wc -l", folder);
    list = popen(command, "r");
    assert_non_null(list);
    assert_int_equal(fscanf(list, "%d", &files), 1);
    pclose(list);
    return (size_t)files;
}

static void
a_report_is_saved_whole_and_private(void **state)
{
    char folder[] = "/tmp/ldap2alma-report-XXXXXX", path[64];
    struct report *report = report_new("example", "import", false, 1);
    struct arena *arena = arena_new();
    struct buffer text = BUFFER_INIT;
    struct error err = ERROR_INIT;
    struct stat info;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/report.json", folder);
    for (int i = 0; i < 2; i++)
        assert_true(report_save(report, "json", path, &err));
    report_write(report, "json", &text);
    assert_true(slice_equal(read_back(arena, path), (struct slice){text.data, text.length}));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(files_in(folder), 1);
    unlink(path);
    rmdir(folder);
    buffer_free(&text);
    arena_free(arena);
    report_free(report);
}

static void
what_is_no_file_is_written_into(void **state)
{
    char folder[] = "/tmp/ldap2alma-report-XXXXXX", path[64], link[64];
    struct report *report = report_new("example", "import", false, 1);
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;
    struct stat info;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(link, sizeof link, "%s/link", folder);
    assert_int_equal(symlink("file", link), 0);
    fclose(fopen(path, "w"));
    assert_true(report_save(report, "text", link, &err));
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_true(read_back(arena, path).length > 0);
    assert_true(report_save(report, "text", "/dev/null", &err));
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    unlink(path);
    unlink(link);
    rmdir(folder);
    arena_free(arena);
    report_free(report);
}

static void
a_report_that_cannot_be_saved_is_an_error(void **state)
{
    static const char *const bad[] = {"/nowhere/report.json", "/tmp", ""};
    struct report *report = report_new("example", "import", false, 1);

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = ERROR_INIT;

        assert_false(report_save(report, "json", bad[i], &err));
        assert_int_equal(err.code, ERROR_WRITE);
        assert_non_null(strstr(err.text, "cannot write the report"));
    }
    report_free(report);
}

static void
an_unknown_format_is_refused(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct buffer text = BUFFER_INIT;
    struct error err = ERROR_INIT;

    (void)state;
    assert_false(report_write(report, "html", &text));
    assert_int_equal(text.length, 0);
    assert_false(report_save(report, "html", "/nowhere", &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.text, "no report format 'html'");
    report_free(report);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(counts_must_add_up),
    cmocka_unit_test(a_restart_forgets_what_was_read),
    cmocka_unit_test(a_restart_keeps_what_is_about_the_mapping),
    cmocka_unit_test(times_of_a_phase_add_up),
    cmocka_unit_test(a_million_findings_stay_bounded),
    cmocka_unit_test(huge_values_stay_bounded),
    cmocka_unit_test(a_report_is_saved_whole_and_private),
    cmocka_unit_test(what_is_no_file_is_written_into),
    cmocka_unit_test(a_report_that_cannot_be_saved_is_an_error),
    cmocka_unit_test(an_unknown_format_is_refused),
};

UNIT_MAIN(tests)
