/* What somebody learns who looks on while an entry is mapped, and that it makes no difference. */
#include "unit.h"

#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>

static const char university[] =
    "mapping: 1\n"                                                             /* 1 */
    "match_id: primary_id\n"                                                   /* 2 */
    "tables:\n"                                                                /* 3 */
    "  groups: { staff: STAFF, faculty: FACULTY }\n"                           /* 4 */
    "  \"cards\":\n"                                                           /* 5 */
    "    \"47 11\": { barcode: B1, desk: D1 }\n"                               /* 6 */
    "    \"4712\": { barcode: B2 }\n"                                          /* 7 */
    "define:\n"                                                                /* 8 */
    "  kind:\n"                                                                /* 9 */
    "    - { when: (memberOf=cn=lib*), value: LIB }\n"                         /* 10 */
    "    - ${employeeType | lower | lookup groups}\n"                          /* 11 */
    "  spare: x\n"                                                             /* 12 */
    "user:\n"                                                                  /* 13 */
    "  primary_id: ${sAMAccountName | lower}\n"                                /* 14 */
    "  first_name: [\"${givenName}\", None]\n"                                 /* 15 */
    "  last_name: '${sn | upper}, $${givenName}'\n"                            /* 16 */
    "  user_group: [\"${define.kind}\", OTHER]\n"                              /* 17 */
    "  expiry_date: ${end | date '%d.%m.%Y'}\n"                                /* 18 */
    "  purge_date: ${alma.expiry_date | plus 1y}\n"                            /* 19 */
    "  emails:\n"                                                              /* 20 */
    "    - each: ${mail | matching '@example\\.edu$'}\n"                       /* 21 */
    "      email_address: ${each | lower}\n"                                   /* 22 */
    "      email_types:\n"                                                     /* 23 */
    "        - { when: (each=a*), value: personal }\n"                         /* 24 */
    "        - work\n"                                                         /* 25 */
    "    - email_address: ${other}\n"                                          /* 26 */
    "      email_types: school\n"                                              /* 27 */
    "  user_identifiers:\n"                                                    /* 28 */
    "    - { id_type: BARCODE, value: \"${card | lookup cards barcode}\" }\n"; /* 29 */

struct watcher {
    struct sample sample;
    unsigned char *reached;
    struct buffer several;
};

static void
assert_buffer(const struct buffer *buffer, const char *expected)
{
    const struct slice got = {buffer->data, buffer->length};

    assert_slice(got, expected);
}

static void
note_several(void *context, const char *rule, struct position where, const char *attribute,
             size_t count)
{
    struct watcher *watcher = context;

    buffer_format(&watcher->several, "%u:%u %s %s %zu\n", where.line, where.column, rule, attribute,
                  count);
}

static void
watcher_open(struct watcher *watcher, struct slice mapping)
{
    sample_open(&watcher->sample, mapping);
    if (!watcher->sample.mapping)
        print_error("%.*s", (int)watcher->sample.messages.length, watcher->sample.messages.data);
    assert_non_null(watcher->sample.mapping);
    watcher->reached = memory_zero(mapping_part_count(watcher->sample.mapping) + 1, 1);
    watcher->several = BUFFER_INIT;
}

static void
watcher_close(struct watcher *watcher)
{
    sample_close(&watcher->sample);
    free(watcher->reached);
    buffer_free(&watcher->several);
}

static enum mapping_verdict
watch(struct watcher *watcher, const char *entry)
{
    const struct mapping_watch watch = {watcher->reached, true, note_several, watcher};
    struct entry sampled = sample_entry(&watcher->sample, slice_of(entry));

    return sample_watch(&watcher->sample, &sampled, &watch);
}

static void
parts_are_what_stands_in_the_file(void **state)
{
    static const char expected[] = "row 4:13 groups 'staff'\n"
                                   "row 4:27 groups 'faculty'\n"
                                   "row 6:5 cards '47 11'\n"
                                   "row 7:5 cards '4712'\n"
                                   "alternative 10:7 define.kind 'LIB'\n"
                                   "alternative 11:7 define.kind '${employeeType | lower | lookup "
                                   "groups}'\n"
                                   "alternative 12:10 define.spare 'x'\n"
                                   "alternative 14:15 primary_id '${sAMAccountName | lower}'\n"
                                   "alternative 15:16 first_name '${givenName}'\n"
                                   "alternative 15:32 first_name 'None'\n"
                                   "alternative 16:14 last_name '${sn | upper}, $${givenName}'\n"
                                   "alternative 17:16 user_group '${define.kind}'\n"
                                   "alternative 17:34 user_group 'OTHER'\n"
                                   "alternative 18:16 expiry_date '${end | date '%d.%m.%Y'}'\n"
                                   "alternative 19:15 purge_date '${alma.expiry_date | plus 1y}'\n"
                                   "item 21:7 emails '(none)'\n"
                                   "alternative 22:22 emails.email_address '${each | lower}'\n"
                                   "alternative 24:11 emails.email_types 'personal'\n"
                                   "alternative 25:11 emails.email_types 'work'\n"
                                   "item 26:7 emails '(none)'\n"
                                   "alternative 26:22 emails.email_address '${other}'\n"
                                   "alternative 27:20 emails.email_types 'school'\n"
                                   "item 29:7 user_identifiers '(none)'\n"
                                   "alternative 29:18 user_identifiers.id_type 'BARCODE'\n"
                                   "alternative 29:34 user_identifiers.value '${card | lookup "
                                   "cards barcode}'\n";
    static const char *const kinds[] = {"alternative", "item", "row"};
    struct watcher watcher;
    struct buffer got = BUFFER_INIT;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    for (size_t i = 0; i < mapping_part_count(watcher.sample.mapping); i++) {
        struct mapping_part part = mapping_part(watcher.sample.mapping, i);

        assert_string_equal(part.where.file, "mapping.yaml");
        buffer_format(&got, "%s %u:%u %s '%s'\n", kinds[part.kind], part.where.line,
                      part.where.column, part.name, part.text ? part.text : "(none)");
    }
    assert_buffer(&got, expected);
    buffer_free(&got);
    watcher_close(&watcher);
}

/* The lines and columns of the parts that were reached. */
static const char *
reached(struct watcher *watcher)
{
    const char *text = "";

    for (size_t i = 0; i < mapping_part_count(watcher->sample.mapping); i++) {
        struct position where = mapping_part(watcher->sample.mapping, i).where;

        if (watcher->reached[i])
            text = arena_format(watcher->sample.arena, "%s%u:%u ", text, where.line, where.column);
    }
    return text;
}

static void
what_was_used_counts_as_reached(void **state)
{
    struct watcher watcher;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    watch(&watcher, "dn: cn=x\nsAMAccountName: X\nemployeeType: Staff\nmail: b@example.edu\n"
                    "mail: c@example.com\ncard: 4713\n");
    /* The second e-mail and the barcode have no value, so their other parts do not count. */
    assert_string_equal(reached(&watcher), "4:13 11:7 14:15 15:32 17:16 21:7 22:22 25:11 ");
    watch(&watcher, "dn: cn=x\nmemberOf: cn=library\nmail: a@example.edu\nother: o@example.com\n"
                    "card: 47  11\nend: 31.08.2027\nsn: Ruiz\n");
    assert_string_equal(reached(&watcher),
                        "4:13 6:5 10:7 11:7 14:15 15:32 16:14 17:16 18:16 19:15 21:7 22:22 24:11 "
                        "25:11 26:7 26:22 27:20 29:7 29:18 29:34 ");
    watcher_close(&watcher);
}

static void
show(const struct derivation *derivation, int depth, struct buffer *out)
{
    static const char *const kinds[] = {"", "| ", "+ ", "= "};
    static const char *const outcomes[] = {"taken", "no value", "unmet"};

    buffer_format(out, "%*s%s\n", depth, "", derivation->rule);
    for (size_t i = 0; i < derivation->attempt_count; i++) {
        const struct derivation_attempt *attempt = &derivation->attempts[i];

        buffer_format(out, "%*s%u:%u %s%s[%s] %s:", depth, "", attempt->where.line,
                      attempt->where.column, attempt->when ? attempt->when : "",
                      attempt->when ? " " : "", attempt->template, outcomes[attempt->outcome]);
        for (size_t j = 0; j < attempt->step_count; j++) {
            const struct derivation_step *step = &attempt->steps[j];

            buffer_format(out, " %s%s {", kinds[step->kind], step->text);
            for (size_t k = 0; k < step->count; k++)
                buffer_format(out, "%s%.*s", k ? ";" : "", SLICE_ARG(step->values[k]));
            buffer_add_text(out, "}");
        }
        buffer_add_text(out, "\n");
        for (size_t j = 0; j < attempt->step_count; j++)
            if (attempt->steps[j].from)
                show(attempt->steps[j].from, depth + 2, out);
    }
}

static void
assert_derivation(const struct user_value *value, const char *expected)
{
    struct buffer out = BUFFER_INIT;

    assert_non_null(value->derivation);
    show(value->derivation, 0, &out);
    assert_buffer(&out, expected);
    buffer_free(&out);
}

static const struct user_value *
field(const struct watcher *watcher, const char *name)
{
    return &watcher->sample.user.values[user_field_find(name)];
}

static const struct user_value *
item_field(const struct watcher *watcher, const char *list, size_t index, const char *name)
{
    int field = user_field_find(list);

    assert_true(index < watcher->sample.user.lists[field].count);
    return &watcher->sample.user.lists[field]
                .items[index]
                .values[item_field_find(&user_fields[field], name)];
}

static void
values_tell_how_they_came_about(void **state)
{
    struct watcher watcher;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    watch(&watcher, "dn: cn=x\nsAMAccountName: ARuiz\nsn: Ruiz\nemployeeType: Guest\n"
                    "employeeType: Staff\nend: 31.08.2027\n");
    assert_derivation(field(&watcher, "primary_id"),
                      "primary_id\n14:15 [${sAMAccountName | lower}] taken: sAMAccountName {ARuiz} "
                      "| lower {aruiz}\n");
    assert_derivation(field(&watcher, "first_name"),
                      "first_name\n15:16 [${givenName}] no value: givenName {}\n"
                      "15:32 [None] taken: + None {None}\n");
    assert_derivation(field(&watcher, "last_name"),
                      "last_name\n16:14 [${sn | upper}, $${givenName}] taken: sn {Ruiz} | upper "
                      "{RUIZ} + , ${givenName} {, ${givenName}} = ${sn | upper}, $${givenName} "
                      "{RUIZ, ${givenName}}\n");
    assert_derivation(field(&watcher, "user_group"),
                      "user_group\n17:16 [${define.kind}] taken: define.kind {STAFF}\n"
                      "  define.kind\n  10:7 (memberOf=cn=lib*) [LIB] unmet:\n"
                      "  11:7 [${employeeType | lower | lookup groups}] taken: employeeType "
                      "{Guest;Staff} | lower {guest;staff} | lookup groups {STAFF}\n");
    assert_derivation(field(&watcher, "purge_date"),
                      "purge_date\n19:15 [${alma.expiry_date | plus 1y}] taken: alma.expiry_date "
                      "{2027-08-31} | plus 1y {2028-08-31}\n"
                      "  expiry_date\n  18:16 [${end | date '%d.%m.%Y'}] taken: end {31.08.2027} | "
                      "date '%d.%m.%Y' {2027-08-31}\n");
    assert_null(field(&watcher, "middle_name")->derivation);
    watcher_close(&watcher);
}

static void
items_tell_what_each_was(void **state)
{
    struct watcher watcher;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    watch(&watcher, "dn: cn=x\nmail: B@example.edu\nmail: A@example.edu\nmail: C@example.com\n");
    assert_derivation(item_field(&watcher, "emails", 1, "email_address"),
                      "emails.email_address\n22:22 [${each | lower}] taken: each {B@example.edu} | "
                      "lower {b@example.edu}\n"
                      "  emails.each\n  21:7 [${mail | matching '@example\\.edu$'}] taken: mail "
                      "{B@example.edu;A@example.edu;C@example.com} | matching '@example\\.edu$' "
                      "{B@example.edu;A@example.edu}\n");
    assert_derivation(item_field(&watcher, "emails", 1, "email_types"),
                      "emails.email_types\n24:11 (each=a*) [personal] unmet:\n"
                      "25:11 [work] taken: + work {work}\n");
    assert_derivation(item_field(&watcher, "emails", 0, "email_types"),
                      "emails.email_types\n24:11 (each=a*) [personal] taken: + personal {personal}"
                      "\n25:11 [work] taken: + work {work}\n");
    watcher_close(&watcher);
}

static void
a_field_without_a_value_tells_what_was_tried(void **state)
{
    struct watcher watcher;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    watch(&watcher, "dn: cn=x\nend: 2027\n");
    assert_null(field(&watcher, "expiry_date")->text.data);
    assert_derivation(field(&watcher, "expiry_date"),
                      "expiry_date\n18:16 [${end | date '%d.%m.%Y'}] no value: end {2027} | date "
                      "'%d.%m.%Y' {}\n");
    assert_derivation(field(&watcher, "last_name"),
                      "last_name\n16:14 [${sn | upper}, $${givenName}] no value: sn {} | upper {}"
                      "\n");
    watcher_close(&watcher);
}

static void
one_of_several_values_is_told(void **state)
{
    static const char text[] =
        "mapping: 1\n"
        "match_id: primary_id\n"
        "define:\n"
        "  name: ${sn | lower}\n"
        "  sorted: ${sn | sort}\n"
        "tables: { t: { a: X, b: X, c: Y } }\n"
        "user:\n"
        "  primary_id: ${uid}\n"
        "  first_name: ${sn}\n"
        "  middle_name: x ${sn | upper} ${uid}\n"
        "  last_name: ${define.name}\n"
        "  job_description: ${define.sorted}\n"
        "  status: ${sn | matching u}\n"
        "  gender: ${twice}\n"
        "  user_group: ${kind | lookup t}\n"
        "  campus_code: ${more | lookup t}\n"
        "  pin_number: ${sn | first}${sn | last}${sn | join ,}${sn | count}\n"
        "  web_site_url: [\"${sn | only}\", \"${id | guid}\"]\n"
        "  emails:\n"
        "    - each: ${mail}\n"
        "      email_address: ${each}\n"
        "      description: ${sn}\n"
        "      email_types: ${kind}\n";
    struct watcher watcher;

    (void)state;
    watcher_open(&watcher, slice_of(text));
    watch(&watcher, "dn: cn=x\nuid: x\nsn: Ruiz\nsn: Nunez\nsn: Ruiz\ntwice: x\ntwice: x\nkind: a\n"
                    "kind: b\nmore: b\nmore: c\nmore: d\nmail: a@x\n"
                    "id: 3f563990-2b01-4e4d-8a11-0c225e77aa01\n"
                    "id: 3f563990-2b01-4e4d-8a11-0c225e77aa02\n");
    assert_buffer(&watcher.several, "9:15 first_name sn 2\n"
                                    "10:16 middle_name sn 2\n"
                                    "11:14 last_name sn 2\n"
                                    "16:16 campus_code more 3\n"
                                    "18:34 web_site_url id 2\n"
                                    "22:20 emails.description sn 2\n");
    watcher_close(&watcher);
}

static void
attributes_know_where_they_are_named(void **state)
{
    struct watcher watcher;
    int slot;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    slot = attributes_find(watcher.sample.attributes, slice_of("GIVENNAME"));
    assert_int_equal(mapping_names_attribute(watcher.sample.mapping, slot, 0)->line, 15);
    assert_int_equal(mapping_names_attribute(watcher.sample.mapping, slot, 0)->column, 19);
    assert_null(mapping_names_attribute(watcher.sample.mapping, slot, 1));
    assert_null(mapping_names_attribute(watcher.sample.mapping, 1000, 0));
    watcher_close(&watcher);
    watcher_open(&watcher, slice_of("mapping: 1\nmatch_id: primary_id\nselect: (|(uid=a)(sn=b))\n"
                                    "user: { primary_id: \"${cn}-${UID | guid}\" }\n"));
    slot = attributes_find(watcher.sample.attributes, slice_of("uid"));
    assert_int_equal(mapping_names_attribute(watcher.sample.mapping, slot, 0)->column, 12);
    assert_int_equal(mapping_names_attribute(watcher.sample.mapping, slot, 1)->line, 4);
    assert_int_equal(mapping_names_attribute(watcher.sample.mapping, slot, 1)->column, 30);
    assert_null(mapping_names_attribute(watcher.sample.mapping, slot, 2));
    watcher_close(&watcher);
}

static void
conditions_from_outside_are_judged_alike(void **state)
{
    struct watcher watcher;
    struct error err = ERROR_INIT;
    struct mapping_condition *condition;
    struct entry entry;

    (void)state;
    watcher_open(&watcher, slice_of(university));
    condition = mapping_condition_new("(&(SN=ruiz)(room>=9)(!(dn=*,dc=com)))",
                                      watcher.sample.attributes, &err);
    assert_non_null(condition);
    entry = sample_entry(&watcher.sample, slice_of("dn: cn=x,dc=edu\nsn: Ruiz\nroom: 10\n"));
    assert_true(mapping_condition_holds(condition, &entry, watcher.sample.arena));
    entry = sample_entry(&watcher.sample, slice_of("dn: cn=x,dc=com\nsn: Ruiz\nroom: 10\n"));
    assert_false(mapping_condition_holds(condition, &entry, watcher.sample.arena));
    entry = sample_entry(&watcher.sample, slice_of("dn: cn=x,dc=edu\nsn:: cnVpev8=\nroom: 10\n"));
    assert_false(mapping_condition_holds(condition, &entry, watcher.sample.arena));
    mapping_condition_free(condition);
    mapping_condition_free(NULL);
    assert_null(mapping_condition_new("(sn=Ruiz", watcher.sample.attributes, &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.text, "'(sn=Ruiz': bad filter: ')' is missing (at character 9)");
    assert_null(mapping_condition_new("(define.kind=x)", watcher.sample.attributes, &err));
    assert_string_equal(err.text, "'(define.kind=x)': unknown define 'kind'");
    assert_null(
        mapping_condition_new("(|(sn=x)(today=2026-09-01))", watcher.sample.attributes, &err));
    assert_string_equal(err.text, "'(|(sn=x)(today=2026-09-01))': 'today' has a meaning only in a "
                                  "mapping");
    watcher_close(&watcher);
}

/* What a derivation takes of the arena counts for no bound: whoever is sent is shown as sent. */
static void
a_large_person_stays_within_bounds(void **state)
{
    enum { MAILS = 2000, BYTES = 20000 };
    static const char text[] = "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: x\n"
                               "  emails:\n    - each: ${mail}\n      email_address: ${each}\n"
                               "      description: ${each} ${note}\n      email_types: work\n";
    struct slice *mails = memory_zero(MAILS, sizeof *mails), note;
    char *bytes = memory_alloc(BYTES), digits[MAILS][8];
    struct entry_values slots[] = {{mails, MAILS}, {&note, 1}};
    struct watcher watcher;
    struct entry entry = {.dn = slice_of(""), .slots = slots};
    const struct mapping_watch watch = {NULL, true, NULL, NULL};

    (void)state;
    memset(bytes, 'x', BYTES);
    note = (struct slice){bytes, BYTES};
    for (size_t i = 0; i < MAILS; i++) {
        snprintf(digits[i], sizeof digits[i], "%zu", i);
        mails[i] = slice_of(digits[i]);
    }
    watcher_open(&watcher, slice_of(text));
    entry.attributes = watcher.sample.attributes;
    assert_int_equal(sample_watch(&watcher.sample, &entry, &watch), MAPPING_MAPPED);
    assert_int_equal(watcher.sample.user.lists[user_field_find("emails")].count, MAILS);
    arena_reset(watcher.sample.arena);
    assert_int_equal(sample_apply(&watcher.sample, &entry), MAPPING_MAPPED);
    watcher_close(&watcher);
    free(mails);
    free(bytes);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(parts_are_what_stands_in_the_file),
    cmocka_unit_test(what_was_used_counts_as_reached),
    cmocka_unit_test(values_tell_how_they_came_about),
    cmocka_unit_test(items_tell_what_each_was),
    cmocka_unit_test(a_field_without_a_value_tells_what_was_tried),
    cmocka_unit_test(one_of_several_values_is_told),
    cmocka_unit_test(attributes_know_where_they_are_named),
    cmocka_unit_test(conditions_from_outside_are_judged_alike),
    cmocka_unit_test(a_large_person_stays_within_bounds),
};

UNIT_MAIN(tests)
