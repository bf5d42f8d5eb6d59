/* How a work list looks, also with values made to do harm. */
#include "unit.h"

#include "report/worklist.h"

#include <json-c/json.h>
#include <string.h>

enum { TUESDAY = 1788231600, MONDAY = TUESDAY - 86400 };

static struct worklist_item
item(enum finding_code code, const char *dn, time_t since)
{
    return (struct worklist_item){.kind = finding_kind(code),
                                  .id = "entryUUID 1",
                                  .dn = slice_of(dn),
                                  .match_id = slice_of("ana"),
                                  .text = slice_of("why"),
                                  .since = since};
}

static const char *
written(struct worklist *worklist, const char *format, struct buffer *out)
{
    buffer_free(out);
    worklist_sort(worklist);
    assert_true(worklist_write(worklist, format, out));
    buffer_add(out, "", 1);
    return out->data;
}

static void
text_stands_by_kinds(void **state)
{
    struct worklist_item items[] = {
        item(FINDING_REQUIRED, "uid=solved", MONDAY), item(FINDING_DUPLICATE, "uid=b", MONDAY),
        item(FINDING_REQUIRED, "uid=c", TUESDAY),     item(FINDING_REQUIRED, "uid=a", MONDAY),
        item(FINDING_REQUIRED, "uid=A", MONDAY),
    };
    struct worklist worklist = {.feed = "st\x1b"
                                        "aff",
                                .as_of = TUESDAY,
                                .items = items,
                                .count = 5,
                                .omitted = 7};
    struct buffer out = BUFFER_INIT;

    (void)state;
    items[0].how = "gone";
    items[1].dn = slice_of("uid=b\n\xe2\x80\xae");
    items[2].field = slice_of("last_name");
    items[2].match_id = SLICE_NONE;
    items[2].id = NULL;
    assert_string_equal(
        written(&worklist, "text", &out),
        "st\\x1baff: work list of the run of 2026-09-01T03:00:00Z\n"
        "    open      4\n    solved    1\n              7 more are not listed\n"
        "\nrequired: a field that the mapping requires is empty (3, rejected)\n"
        "    to do     Fill the field's attribute in the directory, or take the field out of the "
        "mapping's 'require'.\n"
        "\n    DN        uid=A\n    match id  ana\n    id        entryUUID 1\n    why       why\n"
        "    since     2026-08-31T03:00:00Z\n"
        "\n    DN        uid=a\n    match id  ana\n    id        entryUUID 1\n    why       why\n"
        "    since     2026-08-31T03:00:00Z\n"
        "\n    DN        uid=c\n    field     last_name\n    why       why\n"
        "    since     2026-09-01T03:00:00Z\n"
        "\nduplicate: several people have the same match identifier (1, held)\n"
        "    to do     Find out whose identifier it is, and correct the other entry in the "
        "directory.\n"
        "\n    DN        uid=b\\x0a\\u{202e}\n    match id  ana\n    id        entryUUID 1\n"
        "    why       why\n    since     2026-08-31T03:00:00Z\n"
        "\nSolved (1)\n"
        "\n    DN        uid=solved\n    match id  ana\n    id        entryUUID 1\n"
        "    was       why\n    since     2026-08-31T03:00:00Z\n"
        "    now       no longer in the directory\n");
    buffer_free(&out);
}

static void
an_empty_list_says_so(void **state)
{
    struct worklist worklist = {.feed = "staff"};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_string_equal(
        written(&worklist, "text", &out),
        "staff: work list, which no run has made yet\n    open      0\n    solved    0\n");
    assert_string_equal(written(&worklist, "csv", &out),
                        "status,since,match_id,dn,text,remedy,code,field,id\r\n");
    assert_string_equal(written(&worklist, "json", &out),
                        "{\n  \"feed\": \"staff\",\n  \"as_of\": null,\n  \"items\": [],\n"
                        "  \"omitted\": 0\n}\n");
    assert_false(worklist_write(&worklist, "html", &out));
    buffer_free(&out);
}

static void
csv_is_for_spreadsheets(void **state)
{
    struct worklist_item items[] = {item(FINDING_BAD_ENTRY, NULL, 0),
                                    item(FINDING_DUPLICATE, "uid=a,dc=example", MONDAY)};
    struct worklist worklist = {.feed = "staff", .items = items, .count = 2};
    struct buffer out = BUFFER_INIT;

    (void)state;
    items[0].match_id = slice_of("=cmd|' /C calc'!A0");
    items[1].how = "fit";
    items[1].text = slice_of("say \"\xff\"\r\n");
    assert_string_equal(
        written(&worklist, "csv", &out),
        "status,since,match_id,dn,text,remedy,code,field,id\r\n"
        "rejected,,'=cmd|' /C calc'!A0,,why,Correct the entry where it comes from.,bad_entry,,"
        "entryUUID 1\r\n"
        "solved,2026-08-31T03:00:00Z,ana,\"uid=a,dc=example\",\"say \"\"\\xff\"\"\\x0d\\x0a\","
        "Nothing: the record is fit for Alma now.,duplicate,,entryUUID 1\r\n");
    buffer_free(&out);
}

static void
json_is_for_programs(void **state)
{
    struct worklist_item items[] = {item(FINDING_DUPLICATE, "uid=\xff\x01\"", MONDAY),
                                    item(FINDING_DUPLICATE, "uid=b", MONDAY)};
    struct worklist worklist = {.feed = "staff", .as_of = TUESDAY, .items = items, .count = 2};
    struct buffer out = BUFFER_INIT;
    struct json_object *json, *first;

    (void)state;
    items[0].how = "skipped";
    json = json_tokener_parse(written(&worklist, "json", &out));
    assert_non_null(json);
    assert_string_equal(json_object_get_string(json_object_object_get(json, "as_of")),
                        "2026-09-01T03:00:00Z");
    first = json_object_array_get_idx(json_object_object_get(json, "items"), 0);
    assert_string_equal(json_object_get_string(json_object_object_get(first, "status")), "held");
    assert_null(json_object_object_get(first, "how"));
    first = json_object_array_get_idx(json_object_object_get(json, "items"), 1);
    assert_string_equal(json_object_get_string(json_object_object_get(first, "how")), "skipped");
    assert_string_equal(json_object_get_string(json_object_object_get(first, "dn")),
                        "uid=\xef\xbf\xbd\x01\"");
    json_object_put(json);
    buffer_free(&out);
}

static void
the_ending_of_a_file_names_its_format(void **state)
{
    (void)state;
    assert_string_equal(worklist_format_of("a.csv"), "csv");
    assert_string_equal(worklist_format_of("/a/b.json"), "json");
    assert_string_equal(worklist_format_of("b.json.txt"), "text");
    assert_null(worklist_format_of("a.html"));
    assert_null(worklist_format_of(".csv"));
    assert_null(worklist_format_of("csv"));
    assert_null(worklist_format_of(""));
}

static void
every_way_to_be_solved_has_words(void **state)
{
    static const char *const ways[] = {"fit", "skipped", "gone", "over"};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(worklist_solved_words(ways[i]), worklist_solved_words(ways[j]));
    assert_string_equal(worklist_solved_words("by magic"), worklist_solved_words("over"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_stands_by_kinds),
    cmocka_unit_test(an_empty_list_says_so),
    cmocka_unit_test(csv_is_for_spreadsheets),
    cmocka_unit_test(json_is_for_programs),
    cmocka_unit_test(the_ending_of_a_file_names_its_format),
    cmocka_unit_test(every_way_to_be_solved_has_words),
};

UNIT_MAIN(tests)
