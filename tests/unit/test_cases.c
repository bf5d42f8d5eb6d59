/* Loading test files, and holding values against what they expect. What the program makes of them
 * is in tests/flow/test_cases.py, their faults in tests/refused/test-*. */
#include "unit.h"

#include "../support/sample_users.h"
#include "mapping/cases.h"
#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>

struct fixture {
    struct arena *arena;
    struct faults *faults;
    struct user user;
};

static int
set_up(void **state)
{
    struct fixture *fixture = memory_zero(1, sizeof *fixture);
    struct arena *arena = arena_new();
    struct user *user = &fixture->user;

    fixture->arena = arena;
    fixture->faults = faults_new();
    sample_user_set(arena, user, NULL, 0, "last_name", "Ruiz");
    sample_user_set(arena, user, NULL, 0, "expiry_date", "2027-08-31Z");
    sample_user_set(arena, user, "emails", 0, "email_address", "a@example.edu");
    sample_user_set(arena, user, "emails", 0, "email_types", "work");
    sample_user_set(arena, user, "emails", 0, "preferred", "true");
    sample_user_set(arena, user, "emails", 1, "email_address", "b@example.edu");
    sample_user_set(arena, user, "user_notes", 0, "note_type", "OTHER");
    sample_user_set(arena, user, "user_blocks", 0, "block_description", "02");
    sample_user_set(arena, user, "user_blocks", 0, "expiry_date", "2026-10-01T00:00:00Z");
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    faults_free(fixture->faults);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

/* The case of a file with just that, whose lines are those of `lines` from line 5 on. */
static const struct test_case *
parse(struct fixture *fixture, const char *lines)
{
    const char *text = arena_format(fixture->arena,
                                    "mapping: people.yaml\ntoday: 2026-09-01\ncases:\n"
                                    "  - name: one\n%s",
                                    lines);
    const struct cases *cases =
        cases_parse(fixture->arena, "tests/people.test.yaml", slice_of(text), fixture->faults);

    for (size_t i = 0; i < faults_count(fixture->faults); i++)
        print_error("%s\n", faults_text(fixture->faults, i));
    assert_int_equal(faults_count(fixture->faults), 0);
    assert_int_equal(cases->count, 1);
    assert_string_equal(cases->mapping, "tests/people.yaml");
    return &cases->items[0];
}

static bool
holds(struct fixture *fixture, const struct case_value *value)
{
    struct case_texts got = case_value_got(value, &fixture->user, fixture->arena);

    return case_value_holds(value, &got);
}

static void
expectations_compare_by_kind(void **state)
{
    static const struct {
        const char *line;
        bool holds;
    } cases[] = {
        {"last_name: Ruiz", true},
        {"last_name: '  Ruiz '", true},
        {"last_name: ruiz", false},
        {"first_name: Ana", false},
        {"expiry_date: 2027-08-31", true},
        {"expiry_date: 2027-08-31Z", true},
        {"expiry_date: 2027-09-01", false},
        {"emails[1]: a@example.edu", true},
        {"emails[1].email_address: a@example.edu", true},
        {"emails[work]: a@example.edu", true},
        {"emails[work][2]: b@example.edu", false},
        {"emails[1].preferred: TRUE", true},
        {"emails[1].preferred: false", false},
        {"emails[1].email_types: [work]", true},
        {"emails[1].email_types: work", true},
        {"emails[1].email_types: [work, school]", false},
        {"emails[2].email_types: [work]", false},
        {"emails.count: 2", true},
        {"emails.count: 02", false},
        {"phones.count: 0", true},
        {"phones.count: 1", false},
        {"emails[1].segment_type: External", true},
        {"user_notes[OTHER].user_viewable: false", true},
        {"user_notes[OTHER]: a note", false},
        {"user_blocks[1].expiry_date: 2026-10-01", true},
        {"user_blocks[1].expiry_date: 2026-10-01T00:00:00Z", true},
        {"user_blocks[1].expiry_date: 2026-10-02", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *fixture = *state;
        const struct test_case *item =
            parse(fixture,
                  arena_format(fixture->arena, "    entry: 'dn: x'\n    expect: { \"%.*s\"%s }\n",
                               (int)strcspn(cases[i].line, ":"), cases[i].line,
                               strchr(cases[i].line, ':')));

        if (holds(fixture, &item->expect[0]) != cases[i].holds)
            fail_msg("%s", cases[i].line);
    }
}

static void
what_is_absent_has_no_value(void **state)
{
    static const struct {
        const char *path;
        bool holds;
    } cases[] = {
        {"first_name", true},
        {"last_name", false},
        {"phones", true},
        {"emails", false},
        {"emails[2]", false},
        {"emails[3]", true},
        {"emails[school]", true},
        {"emails[2].email_types", true},
        {"emails[3].email_types", true},
        {"user_notes[OTHER]", false},
        {"user_notes[OTHER].note_text", true},
        {"user_notes[OTHER].popup_note", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *fixture = *state;
        const struct test_case *item =
            parse(fixture, arena_format(fixture->arena, "    entry: 'dn: x'\n    absent: ['%s']\n",
                                        cases[i].path));

        if (holds(fixture, &item->absent[0]) != cases[i].holds)
            fail_msg("%s", cases[i].path);
    }
}

static void
a_file_is_read_with_its_positions(void **state)
{
    struct fixture *fixture = *state;
    const struct test_case *item = parse(fixture, "    entry: |\n"
                                                  "      dn: uid=a\n"
                                                  "      uid: a\n"
                                                  "    rejected: required last_name\n"
                                                  "    finding: [bad_text, unreadable]\n"
                                                  "ldif: ../people.ldif\n"
                                                  "record_type: STAFF\n");
    const struct finding finding = {.code = FINDING_REQUIRED, .field = "last_name"};
    const struct finding other = {.code = FINDING_REQUIRED, .field = "user_group"};
    const struct finding match = {.code = FINDING_MATCH_ID};

    assert_string_equal(item->name, "one");
    assert_int_equal(item->where.line, 4);
    assert_slice(item->entry, "dn: uid=a\nuid: a\n");
    assert_int_equal(item->entry_line, 6);
    assert_null(item->ldif);
    assert_int_equal(item->outcome, CASE_REJECTED);
    assert_string_equal(item->rejected.text, "required last_name");
    assert_true(case_finding_is(&item->rejected, &finding));
    assert_false(case_finding_is(&item->rejected, &other));
    assert_false(case_finding_is(&item->rejected, &match));
    assert_int_equal(item->finding_count, 2);
    assert_int_equal(item->findings[1].code, FINDING_UNREADABLE);
    assert_null(item->findings[1].field);
    assert_int_equal(item->findings[1].where.line, 9);
    item = parse(fixture, "    skipped: true\n    dn: uid=b\nldif: ../people.ldif\n");
    assert_string_equal(item->ldif, "tests/../people.ldif");
    assert_string_equal(item->dn, "uid=b");
    assert_int_equal(item->outcome, CASE_SKIPPED);
    assert_false(item->entry.data);
    item = parse(fixture, "    entry: 'dn: x'\n    xml: { file: a.xml }\n    finding: none\n");
    assert_string_equal(item->xml_file, "tests/a.xml");
    assert_int_equal(item->entry_line, 5);
    assert_true(item->no_findings);
    assert_int_equal(item->outcome, CASE_RECORD);
}

static void
the_time_is_fixed(void **state)
{
    static const char cases[] = "cases: [{ name: x, entry: 'dn: x', skipped: true }]\n";
    struct fixture *fixture = *state;
    const char *text = arena_format(fixture->arena, "mapping: x\ntoday: 2026-09-01\n%s", cases);
    const struct cases *file = cases_parse(fixture->arena, "x", slice_of(text), fixture->faults);

    assert_int_equal(file->today.month, 9);
    assert_int_equal(file->now, 1788220800); /* date -ud 2026-09-01 +%s */
    text = arena_format(fixture->arena, "%snow: 2026-08-31T23:30:01Z\n", text);
    file = cases_parse(fixture->arena, "x", slice_of(text), fixture->faults);
    assert_int_equal(file->now, 1788219001);
    assert_int_equal(faults_count(fixture->faults), 0);
    assert_null(file->record_type);
}

static void
types_are_held_against_the_mapping(void **state)
{
    struct fixture *fixture = *state;
    struct sample sample;
    struct cases *cases;

    sample_open(&sample,
                slice_of("mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: ${uid}\n"
                         "  emails:\n    - email_address: ${mail}\n"
                         "      email_types: [work, \"${kind}\"]\n"
                         "  user_identifiers:\n    - { id_type: BARCODE, value: \"${c}\" }\n"
                         "    - { id_type: [\"${t}\"], value: \"${d}\", note: UNIV_ID }\n"
                         "  user_notes:\n    - { note_type: OTHER, note_text: x }\n"));
    assert_non_null(sample.mapping);
    cases = cases_parse(fixture->arena, "x",
                        slice_of("mapping: x\ntoday: 2026-09-01\ncases:\n  - name: x\n"
                                 "    entry: 'dn: x'\n    expect:\n      emails[home]: a\n"
                                 "      user_identifiers[UNIV_ID]: a\n      user_notes[1]: a\n"
                                 "      user_notes[OTHER]: a\n      user_notes[OTHR]: a\n"
                                 "    absent: [phones, 'phones[work]']\n"),
                        fixture->faults);
    assert_int_equal(faults_count(fixture->faults), 0);
    cases_check(cases, sample.mapping, fixture->faults);
    assert_int_equal(faults_count(fixture->faults), 2);
    assert_string_equal(faults_text(fixture->faults, 0),
                        "x:11:7: no item of 'user_notes' in the mapping 'mapping' can have the "
                        "note_type 'OTHR'; did you mean 'OTHER'?");
    assert_string_equal(faults_text(fixture->faults, 1),
                        "x:12:22: no item of 'phones' in the mapping 'mapping' can have the "
                        "phone_types 'work'");
    sample_close(&sample);
}

static void
keys_have_help(void **state)
{
    size_t count = 0;

    (void)state;
    for (; case_key(count); count++) {
        assert_true(strlen(case_key(count)->help) > 5);
        assert_int_not_equal(case_key(count)->kinds, 0);
    }
    assert_true(count > 10);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(expectations_compare_by_kind, set_up, tear_down),
    cmocka_unit_test_setup_teardown(what_is_absent_has_no_value, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_file_is_read_with_its_positions, set_up, tear_down),
    cmocka_unit_test_setup_teardown(the_time_is_fixed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(types_are_held_against_the_mapping, set_up, tear_down),
    cmocka_unit_test(keys_have_help),
};

UNIT_MAIN(tests)
