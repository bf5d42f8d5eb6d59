/* Loading from files, what a mapping tells of itself, and what a value tells of where it came
 * from. What rules make of entries is in tests/cases. */
#include "unit.h"

#include "base/text.h"
#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char small[] = "mapping: 1\n"
                            "match_id: primary_id\n"
                            "select: (&(objectClass=person)(define.kind=*))\n"
                            "define: { kind: \"${employeeType}\" }\n"
                            "user:\n"
                            "  primary_id: ${uid}\n"
                            "  last_name:\n"
                            "    - ${preferredSn}\n"
                            "    - when: (cn;lang-fr=*)\n"
                            "      value: ${sn}\n"
                            "  user_notes:\n"
                            "    - { note_type: A, note_text: \"${dn} ${objectGUID | guid}\" }\n";

static void
only_what_rules_name_is_asked_for(void **state)
{
    static const char *const wanted[] = {"objectClass", "employeeType", "uid",       "preferredSn",
                                         "sn",          "cn;lang-fr",   "objectGUID"};
    struct sample sample;

    (void)state;
    sample_open(&sample, slice_of(small));
    assert_non_null(sample.mapping);
    assert_int_equal(attributes_count(sample.attributes), sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_int_not_equal(attributes_find(sample.attributes, slice_of(wanted[i])),
                             ATTRIBUTE_NONE);
    sample_close(&sample);
}

static void
values_know_their_rule_and_what_was_mended(void **state)
{
    struct sample sample;
    struct entry entry;
    const struct user_value *name;

    (void)state;
    sample_open(&sample, slice_of(small));
    entry = sample_entry(&sample, slice_of("dn: cn=x\nobjectClass: PERSON\nemployeeType: a\n"
                                           "uid:: eP8=\nsn: Ruiz\ncn;lang-fr: Anne\n"
                                           "objectGUID:: AAECAwQFBgcICQoLDA0ODw==\n"));
    assert_int_equal(sample_apply(&sample, &entry), MAPPING_MAPPED);
    name = &sample.user.values[user_field_find("last_name")];
    assert_slice(name->text, "Ruiz");
    assert_int_equal(name->where->line, 9);
    assert_int_equal(name->where->column, 7);
    assert_string_equal(name->where->file, "mapping.yaml");
    assert_int_equal(name->marks, 0);
    assert_int_equal(sample.user.values[user_field_find("primary_id")].marks, TEXT_BAD_UTF8);
    assert_slice(sample.user.match_id, "x\xef\xbf\xbd");
    assert_int_equal(sample.user.lists[user_field_find("user_notes")].count, 1);
    assert_int_equal(sample.user.lists[user_field_find("user_notes")].items[0].where->line, 12);
    assert_null(sample.user.values[user_field_find("first_name")].where);
    sample_close(&sample);
}

static void
a_mapping_is_named_by_itself_or_its_file(void **state)
{
    struct mapping_options options = {"/x/active-directory.yaml", {2026, 9, 1}, 0, NULL};
    struct error err = ERROR_INIT;
    struct attributes *attributes = attributes_new();
    struct mapping *mapping = mapping_parse(&options, slice_of(small), attributes, NULL, &err);

    (void)state;
    assert_string_equal(mapping_name(mapping), "active-directory");
    assert_string_equal(mapping_match_id(mapping), "primary_id");
    mapping_free(mapping);
    mapping = mapping_parse(
        &options,
        slice_of("mapping: 1\nname: Our  staff\nmatch_id: NET_ID\nuser:\n  user_identifiers:\n"
                 "    - { id_type: NET_ID, value: \"${uid}\" }\n"),
        attributes, NULL, &err);
    assert_string_equal(mapping_name(mapping), "Our staff");
    assert_string_equal(mapping_match_id(mapping), "NET_ID");
    mapping_free(mapping);
    mapping_free(NULL);
    attributes_free(attributes);
}

static void
files_are_loaded_or_said_to_be_missing(void **state)
{
    char path[] = "/tmp/test_mapping.XXXXXX";
    int fd = mkstemp(path);
    struct mapping_options options = {path, {2026, 9, 1}, 0, NULL};
    struct error err = ERROR_INIT;
    struct attributes *attributes = attributes_new();
    struct mapping *mapping;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, small, sizeof small - 1), sizeof small - 1);
    close(fd);
    mapping = mapping_load(&options, attributes, NULL, &err);
    assert_non_null(mapping);
    mapping_free(mapping);
    unlink(path);
    assert_null(mapping_load(&options, attributes, NULL, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "No such file or directory"));
    attributes_free(attributes);
}

static void
ten_thousand_values_make_ten_thousand_items(void **state)
{
    static const char text[] = "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: x\n"
                               "  phones:\n    - each: ${tel}\n      phone_number: ${each}\n"
                               "      phone_types: [office]\n";
    enum { COUNT = 10000 };
    struct sample sample;
    struct slice *values = memory_zero(COUNT, sizeof *values);
    char *digits = memory_alloc(COUNT * 8);
    struct entry_values slot = {values, COUNT};
    struct user_items *phones;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(digits + i * 8, 8, "%05zu", (i * 7919) % COUNT);
        values[i] = slice_of(digits + i * 8);
    }
    sample_open(&sample, slice_of(text));
    assert_non_null(sample.mapping);
    assert_int_equal(sample_apply(&sample, &(struct entry){.dn = slice_of(""),
                                                           .attributes = sample.attributes,
                                                           .slots = &slot}),
                     MAPPING_MAPPED);
    phones = &sample.user.lists[user_field_find("phones")];
    assert_int_equal(phones->count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(digits, 8, "%05zu", i);
        assert_slice(
            phones->items[i]
                .values[item_field_find(&user_fields[user_field_find("phones")], "phone_number")]
                .text,
            digits);
    }
    sample_close(&sample);
    free(values);
    free(digits);
}

/* A chain of the longest kind, through conditions that are as deep as they may be. */
static void
long_chains_of_defines_fit_the_stack(void **state)
{
    enum { CHAIN = 200, DEPTH = 60 };
    struct buffer text = BUFFER_INIT, got;

    (void)state;
    buffer_add_text(&text, "mapping: 1\nmatch_id: primary_id\ndefine:\n");
    for (int i = 0; i < CHAIN; i++) {
        buffer_format(&text, "  d%d: [{ when: \"", i);
        for (int j = 0; j < DEPTH; j++)
            buffer_add_text(&text, "(&");
        if (i + 1 < CHAIN)
            buffer_format(&text, "(define.d%d=x)", i + 1);
        for (int j = 0; j < DEPTH; j++)
            buffer_add_text(&text, ")");
        buffer_add_text(&text, "\", value: x }]\n");
    }
    buffer_add_text(&text, "user:\n  primary_id: ${define.d0}\n");
    got = sample_run((struct slice){text.data, text.length}, slice_of(""));
    assert_string_equal(got.data, "primary_id = x\nmatch_id = x\n");
    buffer_free(&got);
    text.length -= strlen("user:\n  primary_id: ${define.d0}\n");
    buffer_add_text(&text, "  d200: x\nuser: { primary_id: x }\n");
    got = sample_run((struct slice){text.data, text.length}, slice_of(""));
    assert_string_equal(got.data, "mapping.yaml:204:3: more than 200 defines\n");
    buffer_free(&got);
    buffer_free(&text);
}

/* Whether another day may make another record of the same entry, but for dates of the clock. */
static void
the_day_decides_where_more_than_a_date_is_made_of_it(void **state)
{
    static const struct {
        const char *rules;
        bool decides;
    } all[] = {
        {"  expiry_date: ${today | plus 3m | next 08-31}\n"
         "  purge_date: ${alma.expiry_date | plus 1y}\n",
         false},
        {"  expiry_date: [{ when: (define.kind=x), value: '${today}' }, '${now}']\n", false},
        {"  user_group: [{ when: (define.later=2026-09-01), value: A }, B]\n", true},
        {"  user_group: [{ when: (today>=2026-09-01), value: A }, B]\n", true},
        {"  user_group: ${today | extract '^(....)'}\n", true},
        {"  expiry_date: ${today}\n  user_group: ${alma.expiry_date | extract '^(....)'}\n", true},
        {"  expiry_date: ${define.later}\n"
         "  user_group: [{ when: (!(alma.expiry_date=2026-09-02)), value: A }, B]\n",
         true},
        {"  expiry_date: ${expires | generalized_time}\n"
         "  user_group: [{ when: (alma.expiry_date=2026-09-02), value: '${uid}' }, B]\n",
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct buffer text = BUFFER_INIT;
        struct sample sample;

        buffer_format(&text,
                      "mapping: 1\nmatch_id: primary_id\ndefine: { kind: '${uid | lower}', first: "
                      "'${today}', later: "
                      "'${define.first | plus 1d}' }\nuser:\n  primary_id: ${uid}\n%s",
                      all[i].rules);
        sample_open(&sample, (struct slice){text.data, text.length});
        assert_string_equal(sample.messages.length ? sample.messages.data : "", "");
        assert_int_equal(mapping_depends_on_clock(sample.mapping), all[i].decides);
        sample_close(&sample);
        buffer_free(&text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_day_decides_where_more_than_a_date_is_made_of_it),
    cmocka_unit_test(only_what_rules_name_is_asked_for),
    cmocka_unit_test(values_know_their_rule_and_what_was_mended),
    cmocka_unit_test(a_mapping_is_named_by_itself_or_its_file),
    cmocka_unit_test(files_are_loaded_or_said_to_be_missing),
    cmocka_unit_test(ten_thousand_values_make_ten_thousand_items),
    cmocka_unit_test(long_chains_of_defines_fit_the_stack),
};

UNIT_MAIN(tests)
