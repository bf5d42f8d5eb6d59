/* How a report looks, also with values that were made to do harm. */
#include "unit.h"

#include "report/report.h"

#include <json-c/json.h>
#include <string.h>

static void
change_fields(struct report *report)
{
    uint64_t counts[USER_FIELDS_MOST] = {0};

    counts[user_field_find("emails")] = 3;
    counts[user_field_find("last_name")] = 3;
    counts[user_field_find("user_group")] = 10;
    report_set_changed_fields(report, counts);
}

static time_t
since_monday(void *context, const struct report_finding *finding)
{
    (void)context;
    assert_int_not_equal(finding_kind(finding->code)->severity, FINDING_WARNING);
    return finding->code == FINDING_TOO_LONG ? 1788145200 : 0;
}

static void
add_brakes(struct report *report)
{
    const struct slice lost[] = {slice_of("ana"), slice_of("cole\x1b")};

    report_add_brake(
        report, &(struct report_brake){
                    .name = "min_users", .unit = "people", .value = 1000, .limit = 1, .of = 5});
    report_add_brake(report, &(struct report_brake){.name = "field_loss",
                                                    .field = "emails",
                                                    .unit = "people",
                                                    .bears = "5%",
                                                    .says = "40 of 500 people have lost it",
                                                    .value = 40,
                                                    .limit = 25,
                                                    .of = 500,
                                                    .pulled = true,
                                                    .released = true,
                                                    .examples = lost,
                                                    .example_count = 2});
}

static void
add_packages(struct report *report)
{
    size_t first_open;

    report_add_package(report,
                       &(struct report_package){"example-01.zip", 1000, 1, 65432, "ab12", true});
    first_open = report_add_package(
        report, &(struct report_package){"example-02.zip", 5, 1, 200, "cd34", false});
    report_add_package(report,
                       &(struct report_package){"example-03.zip", 0, 1, 100, "ef56", false});
    report_set_delivered(report, first_open);
}

/* A run as it is, with a finding that has everything and one that has almost nothing. */
static struct report *
sample(void)
{
    struct report *report = report_new("example", "synchronize", false, 1788231600);
    struct finding_sink sink = report_sink(report);
    struct finding whole = {
        .code = FINDING_TOO_LONG,
        .dn = slice_of("uid=ana,ou=people,dc=example,dc=edu"),
        .match_id = slice_of("ana"),
        .field = "emails.email_address",
        .where = {"people.yaml", 12, 7},
        .text = slice_of("300 characters, and Alma takes 255"),
    };
    struct finding bare = {.code = FINDING_BAD_ENTRY, .text = slice_of("line 7 is no LDIF")};

    *report_counts(report) = (struct report_counts){.read = 1003,
                                                    .skipped = 1,
                                                    .rejected = 2,
                                                    .sent = 1000,
                                                    .fresh = 988,
                                                    .changed = 12,
                                                    .leavers = 2,
                                                    .expired = 1};
    report_set_changes(report, "changed");
    change_fields(report);
    report_add_leaver(report, &(struct report_leaver){slice_of("cole"), 1, false});
    report_add_leaver(report, &(struct report_leaver){slice_of("dora\x1b"), 2, true});
    sink.add(sink.context, &whole);
    sink.add(sink.context, &bare);
    report_set_source(report, "ldaps://dc1.example.edu", 2, 1);
    report_set_target(report, "sftp://alma@sftp.example.edu:22/alma");
    add_packages(report);
    add_brakes(report);
    report_date_findings(report, since_monday, NULL);
    report_add_solved(report, &(struct report_solved){.code = "required",
                                                      .field = "last_name",
                                                      .dn = slice_of("uid=bob\x1b"),
                                                      .match_id = slice_of("bob"),
                                                      .text = slice_of("no value"),
                                                      .since = 1788145200,
                                                      .how = "gone"});
    report_add_timing(report, "read", 1.5);
    report_add_timing(report, "deliver", 0.25);
    report_finish(report, REPORT_DONE, NULL, 1788231612);
    return report;
}

static char *
written(const struct report *report, const char *format, struct buffer *out)
{
    assert_true(report_write(report, format, out));
    buffer_add(out, "", 1);
    return out->data;
}

static const char json_of_sample[] =
    "{\n"
    "  \"feed\": \"example\",\n"
    "  \"mode\": \"synchronize\",\n"
    "  \"changes\": \"changed\",\n"
    "  \"detect\": null,\n"
    "  \"dry_run\": false,\n"
    "  \"started\": \"2026-09-01T03:00:00Z\",\n"
    "  \"finished\": \"2026-09-01T03:00:12Z\",\n"
    "  \"outcome\": \"done\",\n"
    "  \"exit\": 0,\n"
    "  \"error\": null,\n"
    "  \"counts\": { \"read\": 1003, \"skipped\": 1, \"rejected\": 2, \"held\": 0, "
    "\"unchanged\": 0, \"sent\": 1000, \"new\": 988, \"changed\": 12, \"resent\": 0, "
    "\"leavers\": 2, \"expired\": 1 },\n"
    "  \"changed_fields\": { \"last_name\": 3, \"user_group\": 10, \"emails\": 3 },\n"
    "  \"source\": { \"server\": \"ldaps://dc1.example.edu\", "
    "\"referrals\": 2, \"restarts\": 1 },\n"
    "  \"target\": \"sftp://alma@sftp.example.edu:22/alma\",\n"
    "  \"packages\": [\n"
    "    { \"name\": \"example-01.zip\", \"records\": 1000, \"files\": 1, \"bytes\": 65432, "
    "\"sha256\": \"ab12\", \"delivered\": true },\n"
    "    { \"name\": \"example-02.zip\", \"records\": 5, \"files\": 1, \"bytes\": 200, "
    "\"sha256\": \"cd34\", \"delivered\": true },\n"
    "    { \"name\": \"example-03.zip\", \"records\": 0, \"files\": 1, \"bytes\": 100, "
    "\"sha256\": \"ef56\", \"delivered\": false }\n"
    "  ],\n"
    "  \"kept\": null,\n"
    "  \"differences\": [],\n"
    "  \"differences_omitted\": 0,\n"
    "  \"leavers\": [\n"
    "    { \"match_id\": \"cole\", \"absent\": 1, \"expired\": false },\n"
    "    { \"match_id\": \"dora\\u001b\", \"absent\": 2, \"expired\": true }\n"
    "  ],\n"
    "  \"leavers_omitted\": 0,\n"
    "  \"findings\": [\n"
    "    { \"code\": \"too_long\", \"severity\": \"reject\", "
    "\"dn\": \"uid=ana,ou=people,dc=example,dc=edu\", \"match_id\": \"ana\", "
    "\"field\": \"emails.email_address\", \"where\": \"people.yaml:12\", "
    "\"text\": \"300 characters, and Alma takes 255\", "
    "\"since\": \"2026-08-31T03:00:00Z\" },\n"
    "    { \"code\": \"bad_entry\", \"severity\": \"reject\", \"dn\": null, "
    "\"match_id\": null, \"field\": null, \"where\": null, "
    "\"text\": \"line 7 is no LDIF\" }\n"
    "  ],\n"
    "  \"findings_omitted\": { },\n"
    "  \"solved\": [\n"
    "    { \"code\": \"required\", \"how\": \"gone\", \"dn\": \"uid=bob\\u001b\", "
    "\"match_id\": \"bob\", \"field\": \"last_name\", \"text\": \"no value\", "
    "\"since\": \"2026-08-31T03:00:00Z\" }\n"
    "  ],\n"
    "  \"solved_omitted\": 0,\n"
    "  \"brakes\": [\n"
    "    { \"name\": \"min_users\", \"value\": 1000, \"limit\": 1, \"pulled\": false, "
    "\"released\": false, \"unit\": \"people\", \"of\": 5, \"bears\": null, "
    "\"field\": null, \"examples\": [ ] },\n"
    "    { \"name\": \"field_loss\", \"value\": 40, \"limit\": 25, \"pulled\": true, "
    "\"released\": true, \"unit\": \"people\", \"of\": 500, \"bears\": \"5%\", "
    "\"field\": \"emails\", \"examples\": [ \"ana\", \"cole\\u001b\" ] }\n"
    "  ],\n"
    "  \"timings\": { \"read\": 1.500, \"deliver\": 0.250 }\n"
    "}\n";

static void
json_has_stable_keys(void **state)
{
    struct report *report = sample();
    struct buffer text = BUFFER_INIT;

    (void)state;
    assert_string_equal(written(report, "json", &text), json_of_sample);
    buffer_free(&text);
    report_free(report);
}

static const char text_of_sample[] =
    "example: done\n"
    "    mode      synchronize\n"
    "    changes   changed\n"
    "    started   2026-09-01T03:00:00Z\n"
    "    finished  2026-09-01T03:00:12Z\n"
    "    source    ldaps://dc1.example.edu\n"
    "    target    sftp://alma@sftp.example.edu:22/alma\n"
    "\n"
    "Counts\n"
    "    read                 1003  entries of the directory\n"
    "      skipped               1  not selected by the mapping\n"
    "      rejected              2  not good enough for Alma\n"
    "      held                  0  a person has to decide\n"
    "      unchanged             0  as Alma has them already\n"
    "      sent               1000  complete records in the packages\n"
    "        new               988  not sent before, or back again\n"
    "        changed            12  other than when last sent\n"
    "    leavers                 2  no longer in the directory\n"
    "      expired               1  get a last record, which ends\n"
    "\n"
    "Brakes\n"
    "    field_loss    40 of 500 people have lost it: released\n"
    "                  such as ana, cole\\x1b\n"
    "\n"
    "Changed fields\n"
    "    user_group             10 of 12 changed\n"
    "    last_name               3 of 12 changed\n"
    "    emails                  3 of 12 changed\n"
    "\n"
    "Packages\n"
    "    example-01.zip  1000 records, 65432 bytes, delivered\n"
    "    example-02.zip  5 records, 200 bytes, delivered\n"
    "    example-03.zip  0 records, 100 bytes, NOT delivered\n"
    "\n"
    "Leavers\n"
    "    cole  absent from 1 complete run\n"
    "    dora\\x1b  absent from 2 complete runs, gets a last record\n"
    "\n"
    "too_long: a value is longer than Alma takes (1, rejected)\n"
    "    to do     Shorten the value in the directory, or cut it in the mapping with "
    "'take'.\n"
    "\n"
    "    DN        uid=ana,ou=people,dc=example,dc=edu\n"
    "    match id  ana\n"
    "    field     emails.email_address\n"
    "    rule      people.yaml:12\n"
    "    why       300 characters, and Alma takes 255\n"
    "    since     2026-08-31T03:00:00Z\n"
    "\n"
    "bad_entry: an entry could not be read (1, rejected)\n"
    "    to do     Correct the entry where it comes from.\n"
    "\n"
    "    why       line 7 is no LDIF\n"
    "\n"
    "Solved (1)\n"
    "\n"
    "    DN        uid=bob\\x1b\n"
    "    match id  bob\n"
    "    was       no value\n"
    "    since     2026-08-31T03:00:00Z\n"
    "    now       no longer in the directory\n";

static void
text_reads_well(void **state)
{
    struct report *report = sample();
    struct buffer text = BUFFER_INIT;

    (void)state;
    assert_string_equal(written(report, "text", &text), text_of_sample);
    buffer_free(&text);
    report_free(report);
}

static void
a_brake_shows_all_and_the_hint_is_whole(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct buffer text = BUFFER_INIT;
    struct error err = ERROR_INIT;
    char hint[1200];

    (void)state;
    memset(hint, 'x', sizeof hint);
    memcpy(hint + sizeof hint - 5, "end.", 5);
    error_set(&err, ERROR_BRAKE, "the brake 'missing' stopped the run");
    error_hint(&err, "%s", hint);
    report_add_brake(report, &(struct report_brake){.name = "missing",
                                                    .unit = "people",
                                                    .says = "9 are gone",
                                                    .value = 9,
                                                    .limit = 5,
                                                    .pulled = true});
    report_add_brake(report,
                     &(struct report_brake){.name = "new", .unit = "people", .says = "0 are new"});
    report_add_brake(report, &(struct report_brake){.name = "quiet", .unit = "people"});
    report_finish(report, REPORT_STOPPED, &err, 1);
    written(report, "text", &text);
    assert_non_null(strstr(text.data, "xend.\n"));
    assert_non_null(strstr(text.data, "\nBrakes\n"
                                      "    missing       9 are gone: STOPPED\n"
                                      "    new           0 are new\n"));
    assert_null(strstr(text.data, "quiet"));
    buffer_free(&text);
    report_free(report);
}

static void
people_are_listed_once(void **state)
{
    struct report *report = sample();
    struct slice who[3];

    (void)state;
    assert_int_equal(report_list_people(report, FINDING_REJECT, 3, who), 1);
    assert_slice(who[0], "uid=ana,ou=people,dc=example,dc=edu");
    assert_int_equal(report_list_people(report, FINDING_HOLD, 3, who), 0);
    assert_int_equal(report_list_people(report, FINDING_REJECT, 0, who), 0);
    report_free(report);
}

static void
a_failed_run_says_why(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct buffer text = BUFFER_INIT;
    struct error err = ERROR_INIT;
    const char *shown;

    (void)state;
    error_set(&err, ERROR_UNAVAILABLE, "cannot reach 'ldaps://dc1.example.edu'");
    error_hint(&err, "Look whether it runs.");
    report_finish(report, REPORT_FAILED, &err, 0);
    shown = written(report, "json", &text);
    assert_non_null(strstr(shown, "\"source\": null,\n  \"target\": null,\n"));
    assert_non_null(strstr(shown, "\"finished\": null,\n"));
    assert_non_null(strstr(shown, "\"outcome\": \"failed\",\n  \"exit\": 69,\n"));
    assert_non_null(strstr(shown,
                           "\"error\": { \"code\": \"unavailable\", \"text\": \"cannot reach "
                           "'ldaps://dc1.example.edu'\", \"hint\": \"Look whether it runs.\""
                           " },\n"));
    assert_non_null(
        strstr(shown, "\"packages\": [],\n  \"kept\": null,\n  \"differences\": [],\n"));
    buffer_free(&text);
    assert_non_null(strstr(written(report, "text", &text),
                           "    error     cannot reach 'ldaps://dc1.example.edu'\n"
                           "    hint      Look whether it runs.\n"));
    buffer_free(&text);
    report_free(report);
}

/* What a directory gave, how JSON gives it back, and how a terminal gets to see it. */
static const struct {
    struct slice given;
    const char *parsed;
    size_t parsed_length;
    const char *shown;
} hostile[] = {
    {{"%s%n%99999d", 11}, "%s%n%99999d", 11, "%s%n%99999d"},
    {{"\x1b[31mred\x07\x7f", 10}, "\x1b[31mred\x07\x7f", 10, "\\x1b[31mred\\x07\\x7f"},
    {{"a\"b\\c/d", 7}, "a\"b\\c/d", 7, "a\"b\\c/d"},
    {{"new\nline\r\t", 10}, "new\nline\r\t", 10, "new\\x0aline\\x0d\\x09"},
    {{"nul\0nul", 7}, "nul\0nul", 7, "nul\\x00nul"},
    {{"\xe2\x80\xae"
      "exe.fdp",
      10},
     "\xe2\x80\xae"
     "exe.fdp",
     10,
     "\\u{202e}exe.fdp"},
    {{"bad\xff\xfe", 5}, "bad\xef\xbf\xbd\xef\xbf\xbd", 9, "bad\\xff\\xfe"},
    {{"a\x80"
      "b",
      3},
     "a\xef\xbf\xbd"
     "b",
     5,
     "a\\x80b"},
    {{"cut\xe2\x82", 5}, "cut\xef\xbf\xbd\xef\xbf\xbd", 9, "cut\\xe2\\x82"},
    {{"\xed\xa0\x80", 3}, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 9, "\\xed\\xa0\\x80"},
    {{"\xf8\x88\x80\x80\x80", 5}, NULL, 15, "\\xf8\\x88\\x80\\x80\\x80"},
    {{"J\xc3\xbcrgen \xf0\x9f\x93\x9a", 12},
     "J\xc3\xbcrgen \xf0\x9f\x93\x9a",
     12,
     "J\xc3\xbcrgen \xf0\x9f\x93\x9a"},
    {{"", 0}, "", 0, ""},
};

static void
check_hostile(size_t i)
{
    struct report *report = report_new("example", "import", false, 1);
    struct finding_sink sink = report_sink(report);
    struct finding finding = {.code = FINDING_BAD_VALUE,
                              .dn = hostile[i].given,
                              .match_id = hostile[i].given,
                              .text = hostile[i].given};
    struct buffer text = BUFFER_INIT, line = BUFFER_INIT;
    struct json_object *json, *value;

    sink.add(sink.context, &finding);
    json = json_tokener_parse(written(report, "json", &text));
    assert_non_null(json);
    value = json_object_array_get_idx(json_object_object_get(json, "findings"), 0);
    value = json_object_object_get(value, "dn");
    assert_int_equal(json_object_get_string_len(value), hostile[i].parsed_length);
    if (hostile[i].parsed)
        assert_memory_equal(json_object_get_string(value), hostile[i].parsed,
                            hostile[i].parsed_length);
    json_object_put(json);
    buffer_free(&text);
    buffer_format(&line, "\n    DN        %s\n    match id  %s\n    why       %s\n",
                  hostile[i].shown, hostile[i].shown, hostile[i].shown);
    buffer_add(&line, "", 1);
    assert_non_null(strstr(written(report, "text", &text), line.data));
    buffer_free(&line);
    buffer_free(&text);
    report_free(report);
}

static void
hostile_values_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        check_hostile(i);
}

/* The server's own words can stand in an error. */
static void
hostile_errors_do_no_harm(void **state)
{
    struct report *report = report_new("a\x1b[1m", "import", true, 1);
    struct buffer text = BUFFER_INIT;
    struct error err = ERROR_INIT;

    (void)state;
    error_set(&err, ERROR_UNAVAILABLE, "the server said '\x1b]0;x\x07\xff'");
    report_finish(report, REPORT_STOPPED, &err, 1);
    assert_non_null(strstr(written(report, "json", &text), "'?]0;x?\?'"));
    buffer_free(&text);
    assert_non_null(strstr(written(report, "text", &text), "'?]0;x?\?'"));
    assert_null(strchr(text.data, '\x1b'));
    buffer_free(&text);
    report_free(report);
}

static void
text_lists_the_first_of_each_kind(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct finding_sink sink = report_sink(report);
    struct finding finding = {.code = FINDING_BAD_TEXT, .dn = slice_of("cn=x")};
    struct buffer text = BUFFER_INIT;
    size_t listed = 0;

    (void)state;
    for (int i = 0; i < 130; i++)
        sink.add(sink.context, &finding);
    finding.code = FINDING_DUPLICATE;
    sink.add(sink.context, &finding);
    written(report, "text", &text);
    for (const char *at = text.data; (at = strstr(at, "    DN        cn=x\n")); at++)
        listed++;
    assert_int_equal(listed, 101);
    assert_non_null(strstr(text.data, "(130, sent all the same)\n"));
    assert_non_null(strstr(text.data, "\n    and 30 more of this kind\n"));
    assert_non_null(strstr(text.data, "(1, held)\n"));
    buffer_free(&text);
    report_free(report);
}

static void
leavers_are_bounded(void **state)
{
    enum { MORE = 7 };
    struct report *report = report_new("example", "import", false, 1);
    struct buffer text = BUFFER_INIT;
    struct json_object *json;

    (void)state;
    for (int i = 0; i < REPORT_LEAVERS_MOST + MORE; i++)
        report_add_leaver(report, &(struct report_leaver){slice_of("dora"), 2, true});
    json = json_tokener_parse(written(report, "json", &text));
    assert_int_equal(json_object_array_length(json_object_object_get(json, "leavers")),
                     REPORT_LEAVERS_MOST);
    assert_int_equal(json_object_get_int(json_object_object_get(json, "leavers_omitted")), MORE);
    json_object_put(json);
    buffer_free(&text);
    assert_non_null(strstr(written(report, "text", &text), "    and 9907 more\n"));
    buffer_free(&text);
    report_free(report);
}

static void
what_is_solved_is_bounded(void **state)
{
    enum { MORE = 7 };
    struct report *report = report_new("example", "import", false, 1);
    struct report_work work;
    struct buffer text = BUFFER_INIT;

    (void)state;
    for (int i = 0; i < REPORT_SOLVED_MOST + MORE; i++)
        report_add_solved(report, &(struct report_solved){
                                      .code = "required", .field = "", .since = 1, .how = "fit"});
    assert_non_null(strstr(written(report, "json", &text), "\"solved_omitted\": 7,\n"));
    buffer_free(&text);
    assert_non_null(strstr(written(report, "text", &text), "    and 9907 more\n"));
    buffer_free(&text);
    assert_false(report_list_work(report, &work));
    report_date_findings(report, since_monday, NULL);
    assert_true(report_list_work(report, &work));
    assert_int_equal(work.solved_count, REPORT_SOLVED_MOST);
    assert_int_equal(work.omitted, MORE);
    report_free(report);
}

static void
counts_that_are_not_known_yet_are_left_out(void **state)
{
    struct report *report = report_new("example", "import", false, 1);
    struct buffer text = BUFFER_INIT;

    (void)state;
    report_counts(report)->resent = 4;
    written(report, "text", &text);
    assert_non_null(
        strstr(text.data, "        resent              4  unchanged, and sent all the same\n"));
    assert_null(strstr(text.data, "leavers"));
    buffer_free(&text);
    report_free(report);
}

static void
formats_have_names(void **state)
{
    (void)state;
    assert_string_equal(report_format_name(0), "json");
    assert_string_equal(report_format_name(1), "text");
    assert_null(report_format_name(2));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(json_has_stable_keys),
    cmocka_unit_test(text_reads_well),
    cmocka_unit_test(a_brake_shows_all_and_the_hint_is_whole),
    cmocka_unit_test(people_are_listed_once),
    cmocka_unit_test(a_failed_run_says_why),
    cmocka_unit_test(hostile_values_do_no_harm),
    cmocka_unit_test(hostile_errors_do_no_harm),
    cmocka_unit_test(text_lists_the_first_of_each_kind),
    cmocka_unit_test(leavers_are_bounded),
    cmocka_unit_test(what_is_solved_is_bounded),
    cmocka_unit_test(counts_that_are_not_known_yet_are_left_out),
    cmocka_unit_test(formats_have_names),
};

UNIT_MAIN(tests)
