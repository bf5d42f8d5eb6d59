/* Ladders give what their alternatives give one by one: random rules on random people, with the
 * ladders and without. */
#include "unit.h"

#include "mapping_sample.h"

#include "mapping/rules.h"

#include <stdlib.h>
#include <string.h>

enum { MAPPINGS = 150, PEOPLE = 20, ALTERNATIVES_MOST = 60 };

/* Values that compare equal stand here in several forms. */
static const char *const words[] = {"staff",     "STAFF",    "staff  member",   "Staff Member",
                                    "x",         "\xc3\x84", "\xc3\xa4",        "cn=a,o=b",
                                    "CN=A, O=b", "o=b",      "20260831220000Z", "kind=staff,o=b"};
enum { WORDS = sizeof words / sizeof words[0] };

static const char *
word(void)
{
    return words[rand() % WORDS];
}

/* The other attributes are there to yield nothing now and then. */
static void
write_alternative(struct buffer *out, int number)
{
    static const char *const subjects[] = {"kind", "kind", "kind", "group", "define.kind", "dn"};
    static const char *const values[] = {"'V%d'", "'V%d'", "'V%d ${other}'", "'${other}'"};
    static int subject, left;

    if (left-- <= 0) {
        subject = rand() % 6;
        left = rand() % 25;
    }
    buffer_add_text(out, "    - ");
    switch (rand() % 60) {
    case 0:
        buffer_format(out, "{ when: '(%s=*)', value: '${other}' }\n", subjects[subject]);
        break;
    case 1:
        buffer_format(out, "{ when: '(!(%s=%s))', value: '${other}' }\n", subjects[subject],
                      word());
        break;
    case 2:
        buffer_add_text(out, "${other}\n");
        break;
    case 3:
        buffer_format(out, "{ when: '(kind:dn:=staff)', value: V }\n");
        break;
    case 4:
        buffer_format(out, "{ when: '(%s=2026083122Z)', value: '${other}' }\n", subjects[subject]);
        break;
    default:
        buffer_format(out, "{ when: '(%s=%s)', value: ", subjects[subject], word());
        buffer_format(out, values[rand() % 4], number);
        buffer_add_text(out, " }\n");
    }
}

static void
write_mapping(struct buffer *out)
{
    buffer_add_text(out, "mapping: 1\nmatch_id: primary_id\ndefine: { kind: '${kind | lower}' }\n"
                         "user:\n  primary_id: ${uid}\n  user_group:\n");
    for (int i = rand() % ALTERNATIVES_MOST; i >= 0; i--)
        write_alternative(out, i);
    buffer_add_text(out, "  emails:\n  - email_address: a@example.edu\n    email_types:\n");
    for (int i = rand() % ALTERNATIVES_MOST; i >= 0; i--)
        write_alternative(out, i);
}

static void
write_person(struct buffer *out)
{
    buffer_format(out, "dn: %s\nuid: x\n", word());
    for (int i = rand() % 4; i > 0; i--)
        buffer_format(out, "%s: %s\n", rand() % 2 ? "kind" : "group", word());
    if (rand() % 4 == 0)
        buffer_add_text(out, "kind:: 4WJj\n"); /* no UTF-8: a finding */
    if (rand() % 3 == 0)
        buffer_format(out, "other: %s\n", word());
}

static const struct rule *
email_types(const struct mapping *mapping)
{
    int emails = user_field_find("emails");
    int types = item_field_find(&user_fields[emails], "email_types");
    const struct item_rule *item = &mapping->lists[emails]->items[0];

    for (size_t i = 0; i < item->rule_count; i++)
        if (item->rules[i].field == types)
            return &item->rules[i];
    fail();
    return NULL;
}

/* How many there were. */
static size_t
take_away_ladders(const struct rule *rule)
{
    size_t count = 0;

    for (size_t i = 0; rule->ladders && i < rule->count; i++) {
        count += rule->ladders[i] && (i == 0 || rule->ladders[i] != rule->ladders[i - 1]);
        rule->ladders[i] = NULL;
    }
    return count;
}

static void
note_finding(void *context, const struct finding *finding)
{
    buffer_format(context, "%u: %.*s\n", finding->where.line, SLICE_ARG(finding->text));
}

/* What comes out, with the lines of the rules. */
static void
map(struct sample *sample, struct slice text, struct buffer *out)
{
    const struct finding_sink sink = {note_finding, out};
    struct entry entry = sample_entry(sample, text);
    const struct position *where;

    sample_render(sample,
                  mapping_apply(sample->mapping, &entry, sample->arena, &sample->user, &sink), out);
    where = sample->user.values[user_field_find("user_group")].where;
    buffer_format(out, "%u\n", where ? where->line : 0);
    buffer_add(out, "", 1);
}

static size_t
compare_people(const struct buffer *mapping)
{
    struct sample with, without;
    size_t ladders;

    sample_open(&with, (struct slice){mapping->data, mapping->length});
    sample_open(&without, (struct slice){mapping->data, mapping->length});
    assert_non_null(with.mapping);
    ladders = take_away_ladders(without.mapping->fields[user_field_find("user_group")]) +
              take_away_ladders(email_types(without.mapping));
    for (int i = 0; i < PEOPLE; i++) {
        struct buffer person = BUFFER_INIT, got = BUFFER_INIT, expected = BUFFER_INIT;

        write_person(&person);
        map(&with, (struct slice){person.data, person.length}, &got);
        map(&without, (struct slice){person.data, person.length}, &expected);
        if (strcmp(got.data, expected.data) != 0)
            print_error("%.*s%.*s", (int)mapping->length, mapping->data, (int)person.length,
                        person.data);
        assert_string_equal(got.data, expected.data);
        buffer_free(&person);
        buffer_free(&got);
        buffer_free(&expected);
    }
    sample_close(&with);
    sample_close(&without);
    return ladders;
}

static void
ladders_change_nothing(void **state)
{
    size_t ladders = 0;

    (void)state;
    srand(10000);
    for (int i = 0; i < MAPPINGS; i++) {
        struct buffer mapping = BUFFER_INIT;

        write_mapping(&mapping);
        ladders += compare_people(&mapping);
        buffer_free(&mapping);
    }
    assert_true(ladders > MAPPINGS / 2);
}

/* One attribute with two values, rungs in the other order, and one that yields nothing. */
static void
the_first_rung_in_the_file_wins(void **state)
{
    struct buffer text = BUFFER_INIT, got;

    (void)state;
    buffer_add_text(&text, "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: ${uid}\n"
                           "  user_group:\n");
    for (int i = 0; i < 1000; i++)
        buffer_format(&text, "    - { when: (kind=%d), value: '%s%d' }\n", 1000 - i,
                      i < 500 ? "${none}" : "", i);
    got = sample_run((struct slice){text.data, text.length},
                     slice_of("uid: x\nkind: 100\nkind: 400\nkind: 900\n"));
    assert_string_equal(got.data, "primary_id = x\nuser_group = 600\nmatch_id = x\n");
    buffer_free(&got);
    buffer_free(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ladders_change_nothing),
    cmocka_unit_test(the_first_rung_in_the_file_wins),
};

UNIT_MAIN(tests)
