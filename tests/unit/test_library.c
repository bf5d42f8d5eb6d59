/* The library as a stranger uses it: by its one header, also wrongly. */
#include "library_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
calls_in_the_wrong_order_are_answered(void **state)
{
    struct l2a *feed = l2a_new();

    (void)state;
    assert_string_equal(l2a_error_text(feed), "");
    assert_string_equal(l2a_error_hint(feed), "");
    assert_null(l2a_report(feed, "json"));
    assert_int_equal(l2a_report_save(feed, "json", "/nonexistent/report"), L2A_USAGE);
    assert_int_equal(l2a_set_mode(feed, "import"), L2A_USAGE);
    assert_int_equal(l2a_run(feed, 0), L2A_USAGE);
    assert_null(l2a_report(feed, "json"));
    assert_int_equal(l2a_test(feed, NULL, 0, NULL, 0), L2A_USAGE);
    assert_null(l2a_test_report(feed, "text", 0));
    assert_string_not_equal(l2a_error_text(feed), "");
    assert_int_equal(l2a_preview(feed, "p1", 0), L2A_USAGE);
    assert_null(l2a_preview_report(feed, "text", 0));
    assert_int_equal(l2a_check(feed, NULL, 0, 0), L2A_USAGE);
    assert_null(l2a_check_report(feed, "text"));
    assert_int_equal(l2a_worklist(feed, L2A_WORKLIST_RUN), L2A_USAGE);
    assert_null(l2a_worklist_report(feed, "text"));
    assert_int_equal(l2a_worklist_save(feed, "text", "/nonexistent/worklist"), L2A_USAGE);
    assert_int_equal(l2a_sheet(feed), L2A_USAGE);
    assert_null(l2a_sheet_report(feed, "text"));
    assert_int_equal(l2a_sheet_save(feed, "text", "/nonexistent/sheet"), L2A_USAGE);
    assert_null(l2a_table_cell(feed, (enum l2a_table)99, 0, 0));
    assert_null(l2a_table_cell(feed, L2A_TABLE_FINDINGS, 9999, 0));
    assert_null(l2a_table_cell(feed, L2A_TABLE_FIELDS, 0, 9999));
    for (int table = 0; table <= L2A_TABLE_MEASURES; table++)
        assert_string_not_equal(l2a_table_cell(feed, (enum l2a_table)table, 0, 0), "");
    assert_null(l2a_schema(feed, "people"));
    l2a_free(feed);
    l2a_free(NULL);
}

static void
nothing_runs_after_a_load_that_failed(void **state)
{
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();

    (void)state;
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_int_equal(l2a_load(feed, "/nonexistent.yaml"), L2A_CONFIGURATION);
    assert_int_equal(l2a_run(feed, 0), L2A_USAGE);
    l2a_free(feed);
    library_feed_remove(&folder);
}

static void
a_handle_loads_and_runs_again(void **state)
{
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();

    (void)state;
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_int_equal(l2a_run(feed, 0x100), L2A_USAGE);
    assert_int_equal(l2a_run(feed, L2A_RUN_FULL | L2A_RUN_CHANGED), L2A_USAGE);
    assert_int_equal(l2a_run(feed, L2A_RUN_DRY), L2A_DONE);
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_non_null(strstr(l2a_report(feed, "text"), "300"));
    assert_null(l2a_report(feed, "none"));
    assert_int_equal(l2a_set_mode(feed, "neither"), L2A_USAGE);
    assert_int_equal(l2a_set_mode(feed, "import"), L2A_DONE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(l2a_run(feed, 0), L2A_DONE);
        assert_non_null(strstr(l2a_report(feed, "json"), "test-import-"));
    }
    assert_int_equal(l2a_report_save(feed, "none", folder.report), L2A_USAGE);
    assert_int_equal(l2a_report_save(feed, "json", folder.report), L2A_DONE);
    l2a_free(feed);
    library_feed_remove(&folder);
}

static void
a_work_list_is_of_a_run_or_of_the_state(void **state)
{
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();
    char path[64];

    (void)state;
    snprintf(path, sizeof path, "%s/list.csv", folder.path);
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_int_equal(l2a_worklist(feed, 0), L2A_DATA);
    assert_int_equal(l2a_worklist(feed, 2), L2A_USAGE);
    assert_int_equal(l2a_worklist(feed, L2A_WORKLIST_RUN), L2A_DATA);
    assert_int_equal(l2a_run(feed, 0), L2A_DONE);
    for (unsigned flags = 0; flags <= L2A_WORKLIST_RUN; flags++) {
        assert_int_equal(l2a_worklist(feed, flags), L2A_DONE);
        assert_non_null(strstr(l2a_worklist_report(feed, "text"), "open      0\n"));
        assert_null(l2a_worklist_report(feed, "html"));
    }
    assert_int_equal(l2a_worklist_save(feed, "html", path), L2A_USAGE);
    assert_int_equal(l2a_worklist_save(feed, l2a_worklist_format(path), path), L2A_DONE);
    assert_int_equal(access(path, R_OK), 0);
    assert_null(l2a_worklist_format("list"));
    assert_int_equal(l2a_run(feed, L2A_RUN_DRY), L2A_DONE);
    assert_null(l2a_worklist_report(feed, "text"));
    l2a_free(feed);
    library_feed_remove(&folder);
}

static void
a_sheet_is_made_of_settings_and_mapping(void **state)
{
    static const char *const formats[] = {"text", "markdown", "html"};
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();
    char path[64];

    (void)state;
    snprintf(path, sizeof path, "%s/sheet.md", folder.path);
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_null(l2a_sheet_report(feed, "text"));
    for (size_t i = 0; i < 2 * sizeof formats / sizeof formats[0]; i++) {
        assert_int_equal(l2a_sheet(feed), L2A_DONE);
        assert_non_null(strstr(l2a_sheet_report(feed, formats[i / 2]), "Match ID Type"));
    }
    assert_null(l2a_sheet_report(feed, "json"));
    assert_int_equal(l2a_sheet_save(feed, "json", path), L2A_USAGE);
    assert_int_equal(l2a_sheet_save(feed, l2a_sheet_format(path), path), L2A_DONE);
    assert_int_equal(access(path, R_OK), 0);
    assert_null(l2a_sheet_format("sheet"));
    assert_null(l2a_sheet_format(".html"));
    l2a_free(feed);
    library_feed_remove(&folder);
}

static void
a_brake_is_released_for_one_run(void **state)
{
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();

    (void)state;
    assert_int_equal(l2a_release(feed, "nothing"), L2A_USAGE);
    assert_string_not_equal(l2a_error_text(feed), "");
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_int_equal(l2a_run(feed, 0), L2A_DONE);
    library_write(folder.path, "people.ldif", "dn: uid=p1,dc=example\nuid: P1\nsn: Cole\n\n");
    assert_int_equal(l2a_run(feed, 0), L2A_STOPPED);
    for (int i = 0; i < 40; i++)
        assert_int_equal(l2a_release(feed, "missing"), L2A_DONE);
    assert_int_equal(l2a_run(feed, L2A_RUN_DRY), L2A_STOPPED);
    assert_non_null(strstr(l2a_error_text(feed), "'field_loss'"));
    assert_null(strstr(l2a_error_text(feed), "'missing'"));
    assert_int_equal(l2a_run(feed, 0), L2A_STOPPED);
    assert_non_null(strstr(l2a_error_text(feed), "'missing'"));
    for (int i = 0; i < 2; i++)
        assert_int_equal(l2a_release(feed, i ? "field_loss" : "missing"), L2A_DONE);
    assert_int_equal(l2a_run(feed, 0), L2A_DONE);
    l2a_free(feed);
    library_feed_remove(&folder);
}

static void
mapping_tests_need_no_settings(void **state)
{
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();
    char path[64];
    const char *const paths[] = {path, "/nonexistent.test.yaml"};

    (void)state;
    snprintf(path, sizeof path, "%s/a.test.yaml", folder.path);
    library_write(folder.path, "a.test.yaml",
                  "mapping: mapping.yaml\ntoday: 2026-09-01\ncases:\n  - name: one\n"
                  "    entry: \"dn: uid=a\\nuid: A\\nsn: Cole\"\n"
                  "    expect: { primary_id: a, last_name: Kole }\n");
    assert_int_equal(l2a_test(feed, paths, 2, NULL, 0), L2A_CONFIGURATION);
    assert_null(l2a_test_report(feed, "text", 0));
    assert_int_equal(l2a_test(feed, paths, 1, NULL, 101), L2A_USAGE);
    assert_int_equal(l2a_test(feed, paths, 1, "two", 0), L2A_USAGE);
    assert_int_equal(l2a_test(feed, paths, 1, NULL, 100), L2A_DATA);
    assert_int_equal(l2a_test(feed, paths, 1, "ONE", 0), L2A_DONE);
    assert_non_null(strstr(l2a_test_report(feed, "text", 0), "1 passed, 0 failed"));
    assert_string_equal(l2a_test_report(feed, "text", L2A_TEST_FAILURES), "");
    assert_null(l2a_test_report(feed, "none", 0));
    assert_null(l2a_test_report(feed, "text", 4));
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_int_equal(l2a_test(feed, NULL, 0, NULL, 0), L2A_DONE);
    l2a_free(feed);
    library_feed_remove(&folder);
}

static void
people_are_looked_at_without_a_run(void **state)
{
    struct library_feed folder = library_feed_make();
    struct l2a *feed = l2a_new();
    char spool[64];

    (void)state;
    snprintf(spool, sizeof spool, "%s/spool", folder.path);
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_int_equal(l2a_preview(feed, "p7", 4), L2A_USAGE);
    assert_int_equal(l2a_preview(feed, "nobody", 0), L2A_DATA);
    assert_null(l2a_preview_report(feed, "text", 80));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(l2a_preview(feed, i == 0 ? "p7" : "(uid=p8)", 0), L2A_DONE);
        assert_non_null(strstr(l2a_preview_report(feed, "text", 80), i == 0 ? "p7" : "p8"));
        assert_null(l2a_preview_report(feed, "none", 80));
    }
    assert_int_equal(l2a_check(feed, NULL, 0, 2), L2A_USAGE);
    assert_int_equal(l2a_check_part(feed, "everything", 0), L2A_USAGE);
    assert_null(l2a_check_report(feed, "text"));
    assert_int_equal(l2a_check_part(feed, "delivery", 0), L2A_DONE);
    assert_non_null(strstr(l2a_check_report(feed, "text"), "delivery."));
    assert_null(strstr(l2a_check_report(feed, "text"), "directory."));
    assert_int_equal(l2a_check_part(feed, "limits", 0), L2A_DONE);
    assert_non_null(strstr(l2a_check_report(feed, "text"), "300 would be sent"));
    assert_null(strstr(l2a_check_report(feed, "text"), "delivery."));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(l2a_check(feed, NULL, 0, L2A_CHECK_STRICT), L2A_DONE);
        assert_non_null(strstr(l2a_check_report(feed, "text"), "300 would be sent"));
        assert_null(l2a_check_report(feed, "none"));
    }
    assert_int_equal(l2a_load(feed, folder.settings), L2A_DONE);
    assert_null(l2a_preview_report(feed, "text", 80));
    assert_null(l2a_check_report(feed, "text"));
    assert_int_equal(access(spool, F_OK), -1);
    l2a_free(feed);
    library_feed_remove(&folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_in_the_wrong_order_are_answered),
        cmocka_unit_test(nothing_runs_after_a_load_that_failed),
        cmocka_unit_test(a_handle_loads_and_runs_again),
        cmocka_unit_test(a_work_list_is_of_a_run_or_of_the_state),
        cmocka_unit_test(a_sheet_is_made_of_settings_and_mapping),
        cmocka_unit_test(a_brake_is_released_for_one_run),
        cmocka_unit_test(mapping_tests_need_no_settings),
        cmocka_unit_test(people_are_looked_at_without_a_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
