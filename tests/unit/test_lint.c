/* What mapping_lint() finds doubtful, and what it leaves alone. */
#include "unit.h"

#include "mapping_sample.h"

#include <string.h>

/* What is doubtful in the mapping, one a line; or its faults. */
static struct buffer
lint(struct slice mapping)
{
    struct buffer out = BUFFER_INIT;
    struct sample sample;

    sample_open(&sample, mapping);
    if (sample.mapping) {
        out = sample_lint(sample.mapping);
    } else {
        buffer_add(&out, sample.messages.data, sample.messages.length);
        buffer_add(&out, "", 1);
    }
    sample_close(&sample);
    return out;
}

/* Lines 1 and 2 of each mapping here. */
static const char head[] = "mapping: 1\nmatch_id: primary_id\n";

struct lint_case {
    const char *mapping; /* from line 3 */
    const char *found;
};

static void
check_cases(const struct lint_case *cases, size_t count)
{
    size_t failed = 0;

    for (size_t i = 0; i < count; i++) {
        struct buffer text = BUFFER_INIT, found;

        buffer_add_text(&text, head);
        buffer_add_text(&text, cases[i].mapping);
        found = lint((struct slice){text.data, text.length});
        if (strcmp(found.data, cases[i].found) != 0) {
            fprintf(stderr, "%s--- expected\n%s--- got\n%s", cases[i].mapping, cases[i].found,
                    found.data);
            failed++;
        }
        buffer_free(&text);
        buffer_free(&found);
    }
    assert_int_equal(failed, 0);
}

#define CHECK(cases) check_cases((cases), sizeof(cases) / sizeof(cases)[0])

static void
what_nothing_uses_is_told(void **state)
{
    static const struct lint_case cases[] = {
        {"tables:\n"
         "  groups: { staff: STAFF }\n"
         "  spare: { a: b }\n"
         "  inner: { a: b }\n"
         "define:\n"
         "  kind: ${employeeType | lookup groups}\n"
         "  rest: ${define.inner}\n"
         "  inner: ${employeeType | lookup inner}\n"
         "  asked: x\n"
         "select: (define.asked=x)\n"
         "codes:\n"
         "  gender: [F, M]\n"
         "  user_group: { values: [STAFF] }\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  user_group: ${define.kind}\n",
         "5:3 unused -: no rule that makes a user looks anything up in the table 'spare': remove "
         "it, or use it by '| lookup spare'\n"
         "6:3 unused -: no rule that makes a user looks anything up in the table 'inner': remove "
         "it, or use it by '| lookup inner'\n"
         "9:3 unused -: no rule that makes a user needs 'define.rest': remove it\n"
         "10:3 unused -: no rule that makes a user needs 'define.inner': remove it\n"
         "14:3 unused gender: 'codes' says what 'gender' may be, but no rule fills it: remove the "
         "list, or fill the field\n"},
        {"tables: { groups: { staff: STAFF } }\n"
         "define: { kind: '${employeeType | lookup groups}', other: x, third: y }\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  emails:\n"
         "    - when: (define.kind=STAFF)\n"
         "      each: ${mail | prefix x}${define.other}\n"
         "      email_address: ${each}\n"
         "      email_types: [{ when: (define.third=y), value: work }]\n",
         ""},
    };

    (void)state;
    CHECK(cases);
}

static void
what_stands_behind_a_certain_value_is_told(void **state)
{
    static const struct lint_case cases[] = {
        {"define: { sure: ['${uid}', x], unsure: ['${uid}', '${cn}'] }\n"
         "user:\n"
         "  primary_id: [\"${uid}\", \"${define.unsure}\"]\n"
         "  first_name: [\"${a}\", B, \"${c}\", \"${d}\"]\n"
         "  middle_name: [\"${a | default x | lower}\", \"${b}\"]\n"
         "  last_name: [\"${define.sure | upper | prefix x}\", \"${b}\"]\n"
         "  job_description: [\"${a | count} jobs\", \"${b}\"]\n"
         "  expiry_date: [\"${today | plus 1y | next 08-31}\", \"${b}\"]\n"
         "  purge_date: [\"${alma.expiry_date}\", \"${b}\"]\n"
         "  status: [\"${dn}\", \"${b}\"]\n"
         "  web_site_url: [\"${now}\", \"${b}\"]\n",
         "6:27 unreachable first_name: this alternative is never reached, nor the one behind "
         "it, as at the latest the one in line 6 gives a value: move it up, or remove it\n"
         "7:45 unreachable middle_name: this alternative is never reached, as at the latest the "
         "one in line 7 gives a value: move it up, or remove it\n"
         "8:52 unreachable last_name: this alternative is never reached, as at the latest the "
         "one in line 8 gives a value: move it up, or remove it\n"
         "9:42 unreachable job_description: this alternative is never reached, as at the latest "
         "the one in line 9 gives a value: move it up, or remove it\n"
         "10:52 unreachable expiry_date: this alternative is never reached, as at the latest "
         "the one in line 10 gives a value: move it up, or remove it\n"
         "11:39 unreachable purge_date: this alternative is never reached, as at the latest the "
         "one in line 11 gives a value: move it up, or remove it\n"
         "12:21 unreachable status: this alternative is never reached, as at the latest the one "
         "in line 12 gives a value: move it up, or remove it\n"
         "13:28 unreachable web_site_url: this alternative is never reached, as at the latest "
         "the one in line 13 gives a value: move it up, or remove it\n"},
        /* Each of these may be without a value. */
        {"user:\n"
         "  primary_id: [\"${uid}\", x]\n"
         "  first_name: [\"${dn | take 3}\", x]\n"
         "  middle_name: [\"${today | plus 9000y}\", x]\n"
         "  last_name: [\"${today} ${sn}\", x]\n"
         "  pin_number: [\"${a | default ' '}\", x]\n"
         "  job_description: [\"${today | digits | plus 1d}\", x]\n"
         "  web_site_url: [\"${dn | rdn cn}\", x]\n"
         "  status: [{ when: (a=*), value: A }, { when: (b=*), value: B }, x]\n",
         ""},
        /* A list of codes is no list of alternatives. */
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  emails:\n"
         "    - email_address: ${mail}\n"
         "      email_types: [work, home, \"${type}\"]\n",
         ""},
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  emails:\n"
         "    - each: ${mail}\n"
         "      email_address: [\"${each}\", \"${other}\"]\n"
         "      email_types: work\n",
         "7:34 unreachable emails.email_address: this alternative is never reached, as at the "
         "latest the one in line 7 gives a value: move it up, or remove it\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
conditions_that_never_hold_are_told(void **state)
{
    static const struct lint_case cases[] = {
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  user_group:\n"
         "    - { when: \"(|)\", value: A }\n"
         "    - { when: \"(!(objectClass=*))\", value: B }\n"
         "    - { when: \"(&(a=x)(!(A=X)))\", value: C }\n"
         "    - { when: \"(&(a=x)(|(!(a=*))(&(b=y)(!(b=y)))))\", value: D }\n"
         "    - { when: \"(!(&))\", value: E }\n"
         "    - { when: \"(!(dn=*))\", value: F }\n"
         "    - ${group}\n",
         "6:7 unreachable user_group: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "7:7 unreachable user_group: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "8:7 unreachable user_group: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "9:7 unreachable user_group: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "10:7 unreachable user_group: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "11:7 unreachable user_group: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"},
        {"select: (&(objectClass=person)(!(locked=TRUE)))\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  status:\n"
         "    - { when: \"(locked=true)\", value: INACTIVE }\n"
         "    - { when: (a=*), value: ACTIVE }\n"
         "    - { when: (objectClass=person), value: ACTIVE }\n"
         "    - ${status}\n",
         "7:7 unreachable status: this alternative is never reached, as 'select' or the item's "
         "own 'when' leaves no entry that meets its condition: remove it\n"
         "10:7 unreachable status: this alternative is never reached, as at the latest the one "
         "in line 9 gives a value: move it up, or remove it\n"},
        {"select: (&(a=x)(!(a=x)))\n"
         "user: { primary_id: \"${uid}\" }\n",
         "3:9 unreachable -: no entry meets 'select', so nobody would be sent: mend it\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
conditions_that_others_include_are_told(void **state)
{
    static const struct lint_case cases[] = {
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  job_category:\n"
         "    - { when: (job=12*), value: A }\n"
         "    - { when: (job=123*9), value: B }\n"
         "    - { when: (JOB=1234), value: C }\n"
         "    - { when: (&(job=1255)(x=y)), value: D }\n"
         "    - { when: (job=1*), value: E }\n"
         "    - { when: (|(job=17)(job=18)), value: F }\n"
         "    - { when: (job=*), value: G }\n"
         "    - { when: (job>=9), value: H }\n"
         "    - { when: (job;x=9), value: I }\n"
         "    - { when: (ou:dn:=x), value: J }\n"
         "    - { when: (ou=*), value: K }\n",
         "7:7 unreachable job_category: this alternative is never reached, as the alternatives "
         "above it take every entry that meets its condition: move it up, or remove it\n"
         "8:7 unreachable job_category: this alternative is never reached, as the alternatives "
         "above it take every entry that meets its condition: move it up, or remove it\n"
         "9:7 unreachable job_category: this alternative is never reached, as the alternatives "
         "above it take every entry that meets its condition: move it up, or remove it\n"
         "11:7 unreachable job_category: this alternative is never reached, as the alternatives "
         "above it take every entry that meets its condition: move it up, or remove it\n"
         "13:7 unreachable job_category: this alternative is never reached, as the alternatives "
         "above it take every entry that meets its condition: move it up, or remove it\n"},
        /* The first may be without a value; an attribute may have both values. */
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  job_category:\n"
         "    - { when: (job=1), value: \"${x}\" }\n"
         "    - { when: (job=1), value: A }\n"
         "    - { when: (&(job=2)(job=3)), value: B }\n"
         "    - { when: (!(job=*)), value: C }\n"
         "    - { when: (job=11*), value: D }\n"
         "    - { when: (job=1*), value: E }\n"
         "    - { when: (job=*1*2), value: F }\n"
         "    - { when: (job=5*2), value: G }\n"
         "    - { when: (job=512), value: H }\n",
         "14:7 unreachable job_category: this alternative is never reached, as the alternatives "
         "above it take every entry that meets its condition: move it up, or remove it\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
alternatives_that_are_the_same_are_told(void **state)
{
    static const struct lint_case cases[] = {
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  status:\n"
         "    - { when: (a=x), value: A }\n"
         "    - { when: (!(a=x)), value: B }\n"
         "    - C\n"
         "  gender:\n"
         "    - \"${a}\"\n"
         "    - \"${b}\"\n"
         "    - \"${a}\"\n"
         "    - { when: (a=x), value: \"${b}\" }\n"
         "    - { when: (a=x), value: \"x${c}\" }\n"
         "    - { when: (&(b=y)(a=x)), value: \"x${c}\" }\n"
         "    - \"x${c}\"\n"
         "    - \"${a | lower}\"\n"
         "    - \"${a | take 1}\"\n"
         "    - \"${a | take 2}\"\n",
         "8:7 unreachable status: this alternative is never reached, as at the latest the one "
         "in line 7 gives a value: move it up, or remove it\n"
         "12:7 unreachable gender: this alternative is never reached, as it is the same as the "
         "one in line 10: remove it\n"
         "13:7 unreachable gender: this alternative is never reached, as it is the same as the "
         "one in line 11: remove it\n"
         "15:7 unreachable gender: this alternative is never reached, as it is the same as the "
         "one in line 14: remove it\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
what_never_has_a_value_is_told(void **state)
{
    static const struct lint_case cases[] = {
        {"define: { never: \"${x | lookup t}\", empty: [{ when: (|), value: x }], always: x }\n"
         "tables: { t: { a: \"\", b: \" \" } }\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  status: [\"${define.never}\", \"${define.empty | upper}\", \"${a}\"]\n"
         "  gender: [{ when: (define.never=*), value: A }, { when: (!(define.always=*)), value: B "
         "}, \"${a}\"]\n"
         "  emails:\n"
         "    - email_address: ${mail}\n"
         "      email_types: [\"${define.never}\", work]\n",
         "3:18 unreachable define.never: this can never give a value, as what 'lookup t' takes "
         "of the table is empty in each row: mend it, or remove it\n"
         "3:45 unreachable define.empty: this alternative is never reached, as no entry meets "
         "its condition: mend it, or remove the alternative\n"
         "7:12 unreachable status: this can never give a value, as 'define.never' never has "
         "one: mend it, or remove it\n"
         "7:31 unreachable status: this can never give a value, as 'define.empty' never has "
         "one: mend it, or remove it\n"
         "8:12 unreachable gender: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "8:50 unreachable gender: this alternative is never reached, as no entry meets its "
         "condition: mend it, or remove the alternative\n"
         "11:21 unreachable emails.email_types: this can never give a value, as 'define.never' "
         "never has one: mend it, or remove it\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
items_that_are_never_made_are_told(void **state)
{
    static const struct lint_case cases[] = {
        {"tables:\n"
         "  cards: { a: { barcode: \"1\", type: \"\" }, b: { barcode: \"2\" } }\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  user_identifiers:\n"
         "    - { id_type: A, value: \"${uid | lookup cards barcode | prefix a}\" }\n"
         "    - { id_type: \"${uid | lookup cards type}\", value: \"b${uid}\" }\n"
         "    - { when: (!(objectClass=*)), id_type: A, value: \"c${uid}\" }\n"
         "    - { each: \"${uid | lookup cards type}\", id_type: A, value: \"d${each}\" }\n"
         "    - when: (a=x)\n"
         "      id_type: [{ when: (!(a=*)), value: A }]\n"
         "      value: e${uid}\n"
         "  user_notes:\n"
         "    - { note_type: A, user_viewable: \"${uid | lookup cards type}\" }\n",
         "9:18 incomplete user_identifiers.id_type: this item is never made, as 'id_type', "
         "which Alma requires, never has a value (what 'lookup cards type' takes of the table "
         "is empty in each row): mend it, or remove the item\n"
         "10:7 incomplete user_identifiers: this item is never made, as no entry that comes "
         "here meets its 'when': mend it, or remove the item\n"
         "11:7 incomplete user_identifiers.each: this item is never made, as its 'each' never "
         "has a value (what 'lookup cards type' takes of the table is empty in each row): mend "
         "it, or remove the item\n"
         "13:16 incomplete user_identifiers.id_type: this item is never made, as 'id_type', "
         "which Alma requires, never has a value (no entry meets its conditions): mend it, or "
         "remove the item\n"
         "16:38 unreachable user_notes.user_viewable: this can never give a value, as what "
         "'lookup cards type' takes of the table is empty in each row: mend it, or remove it\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
identifiers_that_are_the_same_are_told(void **state)
{
    static const struct lint_case cases[] = {
        {"define: { net: \"${uid | lower}\" }\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  user_identifiers:\n"
         "    - { id_type: A, value: \"${uid | upper}\" }\n"
         "    - { id_type: B, value: \"${card}\" }\n"
         "    - { id_type: C, value: [\"${barcode}\", \"${card | trim}\"] }\n"
         "    - { each: \"${define.net}\", id_type: D, value: \"${each}\" }\n"
         "    - { id_type: E, value: \"U${card}\" }\n"
         "    - { id_type: F, value: \"u${card | lower}\" }\n"
         "    - { id_type: G, value: \"${alma.primary_id}\" }\n",
         "7:28 same_identifier user_identifiers.value: this is the value of 'primary_id' in "
         "line 5 too, and within one user Alma takes no identifier twice, whatever its type and "
         "case: leave one out, or give them conditions that exclude each other\n"
         "9:43 same_identifier user_identifiers.value: this is the value of "
         "'user_identifiers.value' in line 8 too, and within one user Alma takes no identifier "
         "twice, whatever its type and case: leave one out, or give them conditions that "
         "exclude each other\n"
         "10:51 same_identifier user_identifiers.value: this is the value of 'primary_id' in "
         "line 5 too, and within one user Alma takes no identifier twice, whatever its type and "
         "case: leave one out, or give them conditions that exclude each other\n"
         "12:28 same_identifier user_identifiers.value: this is the value of "
         "'user_identifiers.value' in line 11 too, and within one user Alma takes no identifier "
         "twice, whatever its type and case: leave one out, or give them conditions that "
         "exclude each other\n"
         "13:28 same_identifier user_identifiers.value: this is the value of 'primary_id' in "
         "line 5 too, and within one user Alma takes no identifier twice, whatever its type and "
         "case: leave one out, or give them conditions that exclude each other\n"},
        {"user:\n"
         "  primary_id: ${uid}\n"
         "  user_identifiers:\n"
         "    - { when: (kind=a), id_type: A, value: \"${card}\" }\n"
         "    - { when: (!(kind=a)), id_type: B, value: \"${card}\" }\n"
         "    - { id_type: C, value: [{ when: (&(!(kind=A))(kind=*)), value: \"${other}\" }] }\n"
         "    - { when: (!(kind=*)), id_type: D, value: \"${other}\" }\n"
         "    - { id_type: E, value: \"${card | take 3}\" }\n"
         "    - { id_type: F, value: \"${card | take 4}\" }\n"
         "    - { each: \"${mail | matching a}\", id_type: G, value: \"${each}\" }\n"
         "    - { each: \"${mail | matching b}\", id_type: H, value: \"${each}\" }\n"
         "    - { each: \"x ${mail}\", id_type: I, value: \"${each}\" }\n"
         "    - { each: \"y ${mail}\", id_type: J, value: \"${each}\" }\n",
         ""},
    };

    (void)state;
    CHECK(cases);
}

static void
codes_that_are_not_permitted_are_told(void **state)
{
    static const struct lint_case cases[] = {
        {"codes:\n"
         "  user_group: { values: [STAFF, FACULTY, OTHER], otherwise: warn }\n"
         "  emails.email_types: [work]\n"
         "  campus_code: [MAIN]\n"
         "define:\n"
         "  group:\n"
         "    - ${employeeType | lookup groups | first | only}\n"
         "    - STUFF\n"
         "tables:\n"
         "  groups:\n"
         "    staff: STAFF\n"
         "    faculty: FACULTI\n"
         "  places:\n"
         "    a: { city: Here, campus: MAIN }\n"
         "    b: { city: There, campus: Main }\n"
         "user:\n"
         "  primary_id: ${uid}\n"
         "  user_group: [\"${employeeType | lookup groups}\", \"${define.group | trim | default "
         "OTHERS}\"]\n"
         "  campus_code:\n"
         "    - ${l | lookup places city | upper}\n"
         "    - ${l | lookup places city | matching MAIN}\n"
         "    - ${l | lookup places campus}\n"
         "  emails:\n"
         "    - email_address: ${mail}\n"
         "      email_types: [work, home, \"${type}\"]\n",
         "10:7 code_in_mapping user_group: the code 'STUFF' is not among those that 'codes' "
         "permits for 'user_group' (but 'STAFF' is): write another, or add it there\n"
         "14:5 code_in_mapping user_group: the code 'FACULTI' is not among those that 'codes' "
         "permits for 'user_group' (but 'FACULTY' is): write another, or add it there\n"
         "17:5 code_in_mapping campus_code: the code 'Main' is not among those that 'codes' "
         "permits for 'campus_code' (but 'MAIN' is): write another, or add it there\n"
         "20:76 code_in_mapping user_group: the code 'OTHERS' is not among those that 'codes' "
         "permits for 'user_group' (but 'OTHER' is): write another, or add it there\n"
         "27:27 code_in_mapping emails.email_types: the code 'home' is not among those that "
         "'codes' permits for 'emails.email_types': write another, or add it there\n"},
    };

    (void)state;
    CHECK(cases);
}

static void
many_codes_are_counted(void **state)
{
    struct buffer text = BUFFER_INIT, found;

    (void)state;
    buffer_add_text(&text, head);
    buffer_add_text(&text, "codes: { user_group: [A] }\nuser:\n  primary_id: ${uid}\n"
                           "  user_group: ${x | lookup groups}\ntables:\n  groups:\n");
    for (int i = 0; i < 20; i++)
        buffer_format(&text, "    k%d: B%d\n", i, i);
    found = lint((struct slice){text.data, text.length});
    assert_null(strstr(found.data, "'B8'"));
    assert_non_null(strstr(found.data, "16:5 code_in_mapping user_group: the code 'B7' is not"));
    assert_non_null(strstr(found.data,
                           "3:10 code_in_mapping user_group: more codes for 'user_group', "
                           "which are not told here, are not among those that 'codes' "
                           "permits\n"));
    buffer_free(&found);
    buffer_free(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_nothing_uses_is_told),
    cmocka_unit_test(what_stands_behind_a_certain_value_is_told),
    cmocka_unit_test(conditions_that_never_hold_are_told),
    cmocka_unit_test(conditions_that_others_include_are_told),
    cmocka_unit_test(alternatives_that_are_the_same_are_told),
    cmocka_unit_test(what_never_has_a_value_is_told),
    cmocka_unit_test(items_that_are_never_made_are_told),
    cmocka_unit_test(identifiers_that_are_the_same_are_told),
    cmocka_unit_test(codes_that_are_not_permitted_are_told),
    cmocka_unit_test(many_codes_are_counted),
};

UNIT_MAIN(tests)
