/* People whom a program hands over one by one, and what the library says of them. */
#include "library_fixture.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static const char mapping[] = "mapping: 1\n"
                              "match_id: primary_id\n"
                              "select: (!(employeeType=guest))\n"
                              "require: [last_name]\n"
                              "user:\n"
                              "  primary_id: ${uid | lower}\n"
                              "  last_name: ${sn}\n"
                              "  expiry_date: ${ends | date '%Y'}\n"
                              "  user_group:\n"
                              "    - { when: '(groups=cn=staff,dc=x)', value: STAFF }\n"
                              "    - { when: '(groups.nested=cn=all,dc=x)', value: MEMBER }\n"
                              "    - OTHER\n";

struct value {
    const char *attribute, *value;
};

static struct l2a_entry *
make_entry(const struct value *values, size_t count)
{
    struct l2a_entry *entry = l2a_entry_new("uid=x,dc=example");

    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            l2a_entry_add(entry, values[i].attribute, values[i].value, strlen(values[i].value)),
            L2A_DONE);
    return entry;
}

#define ENTRY(...)                                                                                 \
    make_entry((const struct value[]){__VA_ARGS__},                                                \
               sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value))

/* Maps the entry, which is freed. */
static int
map(struct l2a *handle, struct l2a_entry *entry)
{
    int status = l2a_map(handle, entry);

    l2a_entry_free(entry);
    return status;
}

static struct l2a *
open_feed(struct library_feed *feed)
{
    struct l2a *handle = l2a_new();

    *feed = library_feed_make();
    library_write(feed->path, "mapping.yaml", mapping);
    assert_int_equal(l2a_load(handle, feed->settings), L2A_DONE);
    return handle;
}

static void
close_feed(struct library_feed *feed, struct l2a *handle)
{
    l2a_free(handle);
    library_feed_remove(feed);
}

static void
a_person_becomes_a_record(void **state)
{
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);

    (void)state;
    assert_null(l2a_map_xml(handle));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(map(handle, ENTRY({"UID", "Ana"}, {"sn", "R\xc3\xbaiz"}, {"sn", "Z"})),
                         L2A_DONE);
        assert_string_equal(l2a_map_xml(handle), "<user>\n"
                                                 "<record_type>PUBLIC</record_type>\n"
                                                 "<primary_id>ana</primary_id>\n"
                                                 "<last_name>R\xc3\xbaiz</last_name>\n"
                                                 "<user_group>OTHER</user_group>\n"
                                                 "</user>\n");
        assert_null(l2a_finding(handle, 0, 0));
    }
    close_feed(&feed, handle);
}

static void
assert_group(struct l2a *handle, struct l2a_entry *entry, const char *group)
{
    char expected[64];

    snprintf(expected, sizeof expected, "<user_group>%s</user_group>", group);
    assert_int_equal(map(handle, entry), L2A_DONE);
    if (!strstr(l2a_map_xml(handle), expected))
        fail_msg("%s", l2a_map_xml(handle));
}

static void
groups_are_what_the_person_says(void **state)
{
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);

    (void)state;
    assert_group(handle, ENTRY({"uid", "a"}, {"sn", "b"}, {"memberOf", "cn=staff,dc=x"}), "STAFF");
    assert_group(handle, ENTRY({"uid", "a"}, {"sn", "b"}, {"groups", "cn=Staff,dc=x"}), "STAFF");
    assert_group(handle, ENTRY({"uid", "a"}, {"sn", "b"}, {"groups.nested", "cn=all,dc=x"}),
                 "MEMBER");
    assert_group(handle, ENTRY({"uid", "a"}, {"sn", "b"}), "OTHER");
    close_feed(&feed, handle);
}

static void
what_is_wrong_is_found(void **state)
{
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);

    (void)state;
    assert_int_equal(map(handle, ENTRY({"uid", "a"}, {"ends", "so\x1bon"})), L2A_DATA);
    assert_null(l2a_map_xml(handle));
    assert_string_equal(l2a_error_text(handle), "no record comes of 'uid=x,dc=example': no value "
                                                "for 'last_name', which the mapping requires");
    assert_string_equal(l2a_finding(handle, 1, 0), "unreadable");
    assert_string_equal(l2a_finding(handle, 1, 1), "warning");
    assert_string_equal(l2a_finding(handle, 1, 2), "expiry_date");
    assert_non_null(strstr(l2a_finding(handle, 1, 3), "'soon' was left out"));
    assert_string_equal(l2a_finding(handle, 2, 0), "required");
    assert_string_equal(l2a_finding(handle, 2, 1), "reject");
    assert_string_equal(l2a_finding(handle, 2, 2), "last_name");
    assert_string_equal(l2a_finding(handle, 2, 4), "uid=x,dc=example");
    assert_non_null(strstr(l2a_finding(handle, 2, 5), "/mapping.yaml:4:"));
    assert_null(l2a_finding(handle, 2, 6));
    assert_null(l2a_finding(handle, 3, 0));
    assert_int_equal(map(handle, ENTRY({"uid", "a"}, {"sn", "b"}, {"employeeType", "guest"})),
                     L2A_DATA);
    assert_null(l2a_finding(handle, 0, 0));
    assert_string_equal(l2a_error_text(handle),
                        "the mapping's 'select' leaves 'uid=x,dc=example' out");
    close_feed(&feed, handle);
}

/* What a stranger wrote must not reach a terminal as it is. */
static void
findings_are_fit_to_be_shown(void **state)
{
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);

    (void)state;
    assert_int_equal(map(handle, l2a_entry_new("uid=\x1b[2J\xff")), L2A_DATA);
    assert_string_equal(l2a_finding(handle, 0, 4), "uid=\\x1b[2J\\xff");
    assert_null(strchr(l2a_error_text(handle), '\x1b'));
    close_feed(&feed, handle);
}

static void
an_entry_takes_any_bytes_and_no_value_twice(void **state)
{
    static const char *const no_attributes[] = {"",   "a b",     "1x",         "a;",
                                                "dn", "Control", "changeType", NULL};
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);
    struct l2a_entry *entry = l2a_entry_new("");
    char *large = calloc(1, 1 << 20);

    (void)state;
    assert_non_null(large);
    assert_int_equal(l2a_entry_add(entry, "uid", "a", 1), L2A_DONE);
    assert_int_equal(l2a_entry_add(entry, "uid", "a", 1), L2A_DONE);
    assert_int_equal(l2a_entry_add(entry, "sn", "b\0c", 3), L2A_DONE);
    assert_int_equal(l2a_entry_add(entry, "title", NULL, 0), L2A_DONE);
    assert_int_equal(l2a_entry_add(entry, "jpegPhoto;binary", large, 1 << 20), L2A_DONE);
    free(large);
    for (size_t i = 0; no_attributes[i]; i++)
        assert_int_equal(l2a_entry_add(entry, no_attributes[i], "delete", 6), L2A_USAGE);
    assert_int_equal(l2a_map(handle, entry), L2A_DONE);
    assert_non_null(strstr(l2a_map_xml(handle), "<last_name>bc</last_name>"));
    assert_string_equal(l2a_finding(handle, 0, 0), "bad_text");
    assert_int_equal(l2a_load(handle, feed.settings), L2A_DONE);
    assert_null(l2a_finding(handle, 0, 0));
    l2a_entry_free(entry);
    l2a_entry_free(NULL);
    close_feed(&feed, handle);
}

static int
look_at_text(void *context, const char *ldif, size_t length)
{
    assert_int_equal(strlen(ldif), length);
    ++*(int *)context;
    return 0;
}

static void
who_is_pushed_is_listed_as_text(void **state)
{
    static const char *const attributes[] = {"uid"};
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);
    struct l2a_entry *entry = l2a_entry_new("nobody");
    int listed = 0;

    (void)state;
    library_write(feed.path, "ldap2alma.yaml",
                  "name: test\ndirectory: { push: {} }\nmapping: mapping.yaml\n"
                  "delivery: { folder: out }\nspool: spool\n");
    assert_int_equal(l2a_load(handle, feed.settings), L2A_DONE);
    assert_int_equal(l2a_put(handle, entry), L2A_DATA);
    assert_string_equal(l2a_error_text(handle), "'nobody' is no DN");
    l2a_entry_free(entry);
    entry = ENTRY({"uid", "a"}, {"sn", "a surname of some length"});
    assert_int_equal(l2a_put(handle, entry), L2A_DONE);
    l2a_entry_free(entry);
    assert_int_equal(l2a_put_text(handle, "dn: uid=b\nuid: b\nsn: b\n", 23), L2A_DONE);
    assert_int_equal(l2a_list(handle, NULL, NULL, 0, look_at_text, &listed), L2A_DONE);
    assert_int_equal(l2a_list(handle, NULL, attributes, 1, look_at_text, &listed), L2A_DONE);
    assert_int_equal(l2a_list(handle, NULL, attributes, 0, look_at_text, &listed), L2A_DONE);
    assert_int_equal(listed, 6);
    close_feed(&feed, handle);
}

static void
nobody_is_mapped_without_settings_or_mapping(void **state)
{
    struct library_feed feed;
    struct l2a *handle = open_feed(&feed);
    struct l2a *empty = l2a_new();
    struct library_said said = {.length = 0};

    (void)state;
    assert_int_equal(map(empty, ENTRY({"uid", "a"})), L2A_USAGE);
    assert_null(l2a_map_xml(empty));
    l2a_free(empty);
    /* A mapping that has changed is read again. */
    assert_int_equal(map(handle, ENTRY({"uid", "a"}, {"sn", "b"})), L2A_DONE);
    l2a_on_message(handle, library_say, &said);
    library_write(feed.path, "mapping.yaml", "mapping: 2\n");
    assert_int_equal(map(handle, ENTRY({"uid", "a"}, {"sn", "b"})), L2A_CONFIGURATION);
    assert_true(said.count > 0);
    assert_null(l2a_map_xml(handle));
    library_write(feed.path, "mapping.yaml", mapping);
    assert_int_equal(map(handle, ENTRY({"uid", "a"}, {"sn", "b"})), L2A_DONE);
    assert_non_null(l2a_map_xml(handle));
    assert_int_equal(l2a_load(handle, feed.settings), L2A_DONE);
    assert_null(l2a_map_xml(handle));
    close_feed(&feed, handle);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_becomes_a_record),
        cmocka_unit_test(groups_are_what_the_person_says),
        cmocka_unit_test(what_is_wrong_is_found),
        cmocka_unit_test(findings_are_fit_to_be_shown),
        cmocka_unit_test(an_entry_takes_any_bytes_and_no_value_twice),
        cmocka_unit_test(who_is_pushed_is_listed_as_text),
        cmocka_unit_test(nobody_is_mapped_without_settings_or_mapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
