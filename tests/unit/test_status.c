/* How a status and what is remembered of people look, also with values made to do harm. */
#include "unit.h"

#include "report/remembered.h"
#include "report/status.h"

#include <json-c/json.h>
#include <string.h>

static struct status_run runs[] = {
    {.started = 1788231600,
     .at_work = true,
     .mode = "synchronize",
     .outcome = "at-work",
     .error = ""},
    {.started = 1788145200,
     .finished = 1788145212,
     .mode = "synchronize",
     .full = true,
     .outcome = "done",
     .error = "",
     .read = 1003,
     .rejected = 3,
     .sent = 1000},
    {.started = 1788058800,
     .finished = 1788062400 + 330,
     .mode = "import",
     .outcome = "failed",
     .exit_status = 69,
     .error = "cannot reach 'ldaps://dc1.example.edu\x1b[1m'"},
    {.started = 1787972400, .mode = "synchronize", .outcome = "cut-short", .error = ""},
};

static struct status_package outbox[] = {
    {"example-03.zip", "/srv/alma", 12, 3456, "planned", 1788231605, STATUS_UNKNOWN, NULL},
    {"example-02.zip", "/srv/alma", 1, 345, "renaming", 1788231604, STATUS_WAITING, NULL},
};

static struct status_package packages[] = {
    {"example-01.zip", "/srv/alma", 1000, 65432, "delivered", 1788145211, STATUS_WAITING, NULL},
    {"example-00.zip", "/srv/alma", 999, 65431, "delivered", 1788058800, STATUS_TAKEN,
     "example-00.zip.handled"},
    {"old.zip", "/srv/old", 1, 6543, "delivered", 1787972400, STATUS_NOWHERE, NULL},
    {"older.zip", "/srv/old", 1, 6543, "delivered", 1787972400, STATUS_FOREIGN, NULL},
    {"oldest.zip", "/srv/old", 1, 6543, "delivered", 1787972400, STATUS_UNKNOWN, NULL},
};

static struct status_leavers leavers[] = {{1, 5}, {2, 4}, {3, 3}};

static struct status
sample(void)
{
    return (struct status){
        .feed = "example",
        .state = "/var/lib/ldap2alma/state.db",
        .known = true,
        .pid = 4711,
        .since = 1788231600,
        .people = 1020,
        .expired = 20,
        .absent = 12,
        .grace = 3,
        .leavers = leavers,
        .leaver_count = 3,
        .runs = runs,
        .run_count = 4,
        .outbox = outbox,
        .outbox_count = 2,
        .packages = packages,
        .package_count = 5,
        .asked = true,
    };
}

static const char *
written(const struct status *status, const char *format, unsigned width, struct buffer *out)
{
    buffer_free(out);
    assert_true(status_write(status, format, width, out));
    buffer_add(out, "", 1);
    return out->data;
}

static void
text_tells_everything(void **state)
{
    static const char expected[] =
        "example: a run is at work (pid 4711, since 2026-09-01T03:00:00Z)\n"
        "  state /var/lib/ldap2alma/state.db\n"
        "\n"
        "Last runs\n"
        "  2026-09-01T03:00:00Z  -            synchronize  changed  at-work\n"
        "  2026-08-31T03:00:00Z  12 s         synchronize  full     done\n"
        "    1003 read, 1000 sent, 3 rejected\n"
        "  2026-08-30T03:00:00Z  65 min 30 s  import       changed  failed (exit 69)\n"
        "    cannot reach 'ldaps://dc1.example.edu\\x1b[1m'\n"
        "  2026-08-29T03:00:00Z  -            synchronize  changed  cut-short\n"
        "\n"
        "People\n"
        "      1000  delivered to Alma\n"
        "        12  of these no longer in the directory\n"
        "             5  absent from 1 complete run: the last record goes out after 2 more\n"
        "             4  absent from 2 complete runs: the next one sends the last record\n"
        "             3  absent from 3 complete runs: the last record is due, or not known\n"
        "        20  others have left: Alma has their last record\n"
        "\n"
        "Outbox\n"
        "  to /srv/alma\n"
        "  example-03.zip  12 records\n"
        "    2026-09-01T03:00:05Z  the run at work delivers it\n"
        "  example-02.zip  1 record\n"
        "    2026-09-01T03:00:04Z  the run at work delivers it\n"
        "\n"
        "Delivered\n"
        "  to /srv/alma\n"
        "  example-01.zip  1000 records\n"
        "    2026-08-31T03:00:11Z  waits for Alma\n"
        "  example-00.zip  999 records\n"
        "    2026-08-30T03:00:00Z  taken by Alma as example-00.zip.handled\n"
        "  to /srv/old\n"
        "  old.zip         1 record\n"
        "    2026-08-29T03:00:00Z  taken, and gone from there\n"
        "  older.zip       1 record\n"
        "    2026-08-29T03:00:00Z  another file has its name\n"
        "  oldest.zip      1 record\n"
        "    2026-08-29T03:00:00Z  not seen taken yet\n";
    struct status status = sample();
    struct buffer text = BUFFER_INIT;

    (void)state;
    assert_string_equal(written(&status, "text", 0, &text), expected);
    buffer_free(&text);
}

static void
what_a_run_left_is_told_when_none_is_at_work(void **state)
{
    struct status status = sample();
    struct buffer text = BUFFER_INIT;
    const char *shown;

    (void)state;
    status.pid = 0;
    status.grace = 0;
    status.unreachable = "no route";
    shown = written(&status, "text", 0, &text);
    assert_non_null(strstr(shown, "example\n  state /var"));
    assert_non_null(strstr(shown, "never delivered; the next run sends its people\n"));
    assert_non_null(strstr(shown, "it arrived; the next run takes note of it\n"));
    assert_non_null(strstr(shown, "no longer in the directory; they stay in Alma\n"));
    assert_non_null(strstr(shown, "absent from 1 complete run\n"));
    assert_non_null(strstr(shown, "This is what was seen last, as nobody could be asked.\n"));
    buffer_free(&text);
}

static void
colors_are_all_that_color_adds(void **state)
{
    struct status status = sample();
    struct buffer plain = BUFFER_INIT, color = BUFFER_INIT;
    const char *from;
    size_t at = 0;

    (void)state;
    written(&status, "text", 60, &plain);
    written(&status, "color", 60, &color);
    assert_non_null(strstr(color.data, "\033[32mdone\033[m"));
    assert_non_null(strstr(color.data, "\033[31mfailed\033[m"));
    for (from = color.data; *from;) {
        if (*from == '\033')
            from = strchr(from, 'm') + 1;
        else
            assert_int_equal(*from++, plain.data[at++]);
    }
    assert_int_equal(plain.data[at], '\0');
    buffer_free(&plain);
    buffer_free(&color);
}

static void
without_a_state_there_is_nothing_to_tell(void **state)
{
    struct status status = {.feed = "example", .state = "s.db"};
    struct buffer text = BUFFER_INIT;

    (void)state;
    assert_string_equal(written(&status, "text", 0, &text),
                        "example\n  there is no state yet: s.db\n");
    assert_non_null(strstr(written(&status, "json", 0, &text), "\"known\": false"));
    assert_false(status_write(&status, "html", 0, &text));
    buffer_free(&text);
}

static struct json_object *
at(struct json_object *json, const char *list, size_t index)
{
    return json_object_array_get_idx(json_object_object_get(json, list), index);
}

static const char *
text_of(struct json_object *json, const char *key)
{
    return json_object_get_string(json_object_object_get(json, key));
}

static void
json_has_stable_keys(void **state)
{
    struct status status = sample();
    struct buffer text = BUFFER_INIT;
    struct json_object *json = json_tokener_parse(written(&status, "json", 0, &text));

    (void)state;
    assert_non_null(json);
    assert_string_equal(text_of(json, "at_work"),
                        "{ \"pid\": 4711, \"since\": \"2026-09-01T03:00:00Z\" }");
    assert_string_equal(text_of(json, "people"),
                        "{ \"known\": 1020, \"absent\": 12, \"expired\": 20, \"grace\": 3, "
                        "\"leavers\": [ { \"absent\": 1, \"people\": 5 }, { \"absent\": 2, "
                        "\"people\": 4 }, { \"absent\": 3, \"people\": 3 } ] }");
    assert_string_equal(
        json_object_get_string(at(json, "runs", 2)),
        "{ \"started\": \"2026-08-30T03:00:00Z\", \"finished\": \"2026-08-30T04:05:30Z\", "
        "\"mode\": \"import\", \"changes\": \"changed\", \"outcome\": \"failed\", \"exit\": 69, "
        "\"error\": \"cannot reach 'ldaps:\\/\\/dc1.example.edu\\u001b[1m'\", \"counts\": { "
        "\"read\": 0, \"skipped\": 0, \"rejected\": 0, \"held\": 0, \"unchanged\": 0, \"sent\": 0, "
        "\"leavers\": 0 } }");
    assert_null(text_of(at(json, "runs", 0), "finished"));
    assert_null(text_of(at(json, "runs", 0), "exit"));
    assert_string_equal(
        json_object_get_string(at(json, "packages", 1)),
        "{ \"name\": \"example-00.zip\", \"target\": \"\\/srv\\/alma\", \"records\": 999, "
        "\"bytes\": 65431, \"fate\": \"delivered\", \"changed\": \"2026-08-30T03:00:00Z\", "
        "\"place\": \"taken\", \"taken_as\": \"example-00.zip.handled\" }");
    assert_string_equal(text_of(at(json, "outbox", 0), "fate"), "planned");
    assert_string_equal(text_of(json, "asked"), "true");
    assert_null(text_of(json, "unreachable"));
    json_object_put(json);
    buffer_free(&text);
}

static void
people_are_shown(void **state)
{
    struct remembered_person people[] = {
        {.id = "entryUUID 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
         .match_id = slice_of("ana\x1b"),
         .delivered = 1788231600,
         .package = "example-01.zip",
         .absent = 2,
         .record_bytes = 24,
         .record = slice_of("<user>\n\xe2\x80\xae</user>\n")},
        {.id = "uid=ben", .match_id = slice_of("ben"), .package = "x.zip", .expired = true},
    };
    const struct remembered remembered = {.who = "ana", .people = people, .count = 2};
    struct buffer text = BUFFER_INIT;

    (void)state;
    people[0].fields[user_field_find("primary_id")] = true;
    people[0].fields[user_field_find("emails")] = true;
    assert_true(remembered_write(&remembered, "text", &text));
    buffer_add(&text, "", 1);
    assert_string_equal(text.data, "ana\\x1b\n"
                                   "  id         entryUUID 3f2504e0-4f89-41d3-9a0c-0305e82c3301\n"
                                   "  delivered  2026-09-01T03:00:00Z in example-01.zip\n"
                                   "  fields     primary_id, emails\n"
                                   "  absent     from 2 complete runs\n"
                                   "  record     24 bytes are kept\n"
                                   "<user>\n"
                                   "\\u{202e}</user>\n"
                                   "\n"
                                   "ben\n"
                                   "  id         uid=ben\n"
                                   "  delivered   in x.zip\n"
                                   "  fields     \n"
                                   "  expired    a last record has told Alma that this person "
                                   "left\n");
    buffer_free(&text);
    assert_true(remembered_write(&remembered, "json", &text));
    buffer_add(&text, "", 1);
    assert_non_null(strstr(text.data, "\"match_id\": \"ana\\u001b\""));
    assert_false(remembered_write(&remembered, "xml", &text));
    buffer_free(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(text_tells_everything),
    cmocka_unit_test(what_a_run_left_is_told_when_none_is_at_work),
    cmocka_unit_test(colors_are_all_that_color_adds),
    cmocka_unit_test(without_a_state_there_is_nothing_to_tell),
    cmocka_unit_test(json_has_stable_keys),
    cmocka_unit_test(people_are_shown),
};

UNIT_MAIN(tests)
