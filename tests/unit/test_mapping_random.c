/* Random mappings and people: whoever looks on changes nothing and sees what was made, and what
 * mapping_lint() calls unreachable nobody reaches. */
#include "unit.h"

#include "base/text.h"
#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>

struct watcher {
    struct sample sample;
    unsigned char *reached; /* by part */
};

struct random {
    uint32_t state;
};

static uint32_t
draw(struct random *random, uint32_t below)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 17;
    random->state ^= random->state << 5;
    return random->state % below;
}

static const char *
pick(struct random *random, const char *const *texts, size_t count)
{
    return texts[draw(random, (uint32_t)count)];
}

#define PICK(random, texts) pick((random), (texts), sizeof(texts) / sizeof(texts)[0])

enum { DEFINES = 4 };

/* The fields in the order in which rules may need each other. */
static const char *const fields[] = {"primary_id",  "first_name", "last_name",
                                     "birth_date",  "user_group", "status",
                                     "expiry_date", "purge_date", "job_description"};

enum { FIELDS = sizeof fields / sizeof fields[0] };

/* `defines` and `done`: so many defines and fields may be named. */
static void
add_source(struct random *random, uint32_t defines, uint32_t done, bool each, struct buffer *out)
{
    static const char *const sources[] = {"a", "b", "c", "d", "dn", "today", "now"};

    switch (draw(random, 6)) {
    case 0:
        if (defines > 0) {
            buffer_format(out, "define.d%u", draw(random, defines));
            return;
        }
        break;
    case 1:
        if (done > 0) {
            buffer_format(out, "alma.%s", fields[draw(random, done)]);
            return;
        }
        break;
    case 2:
        if (each) {
            buffer_add_text(out, "each");
            return;
        }
        break;
    default:
        break;
    }
    buffer_add_text(out, PICK(random, sources));
}

static void
add_template(struct random *random, uint32_t defines, uint32_t done, bool each, struct buffer *out)
{
    static const char *const steps[] = {
        "lower",      "upper", "trim",     "squeeze",      "take 2",         "drop 1",
        "prefix 'x'", "first", "last",     "only",         "join ', '",      "matching '[ab]'",
        "sort",       "count", "lookup t", "lookup u one", "default z",      "replace 'a' 'bb'",
        "plus 1d",    "ascii", "digits",   "before a",     "extract '(.)b'", "date '%Y'"};
    static const char *const texts[] = {"x", "Y z", "2026-09-01", " - "};

    bool has_source = false; /* a text alone would have to be a date where one is meant */

    do {
        if (draw(random, 3) == 0) {
            buffer_add_text(out, PICK(random, texts));
            continue;
        }
        has_source = true;
        buffer_add_text(out, "${");
        add_source(random, defines, done, each, out);
        for (uint32_t i = draw(random, 4); i > 0; i--)
            buffer_format(out, " | %s", PICK(random, steps));
        buffer_add_text(out, "}");
    } while (!has_source || draw(random, 3) == 0);
}

static void
add_rule(struct random *random, uint32_t defines, uint32_t done, bool each, struct buffer *out)
{
    static const char *const values[] = {"=*", "=a*", "=x", ">=2", "=*b*", "=staff"};

    buffer_add_text(out, "[");
    for (uint32_t i = 1 + draw(random, 4); i > 0; i--) {
        buffer_add_text(out, "{ when: \"");
        if (draw(random, 3) == 0)
            buffer_add_text(out, "(&)");
        else {
            buffer_add_text(out, draw(random, 2) ? "(!(" : "(&(");
            /* Often the same, so that conditions have to do with each other. */
            if (draw(random, 3) > 0)
                buffer_add_text(out, "a");
            else
                add_source(random, defines, done, each, out);
            buffer_format(out, "%s))", PICK(random, values));
        }
        buffer_add_text(out, "\", value: \"");
        add_template(random, defines, done, each, out);
        buffer_add_text(out, "\" }, ");
    }
    buffer_add_text(out, "]\n");
}

static struct buffer
random_mapping(struct random *random)
{
    struct buffer out = BUFFER_INIT;

    buffer_add_text(&out, "mapping: 1\nmatch_id: primary_id\nrequire: [first_name, emails]\n"
                          "tables: { t: { staff: S, ab: T, x: U }, u: { a: { one: A }, b: { one: "
                          "B } } }\ndefine:\n");
    for (uint32_t i = 0; i < DEFINES; i++) {
        buffer_format(&out, "  d%u: ", i);
        add_rule(random, i, 0, false, &out);
    }
    buffer_add_text(&out, "user:\n");
    for (uint32_t i = 0; i < FIELDS; i++) {
        buffer_format(&out, "  %s: ", fields[i]);
        add_rule(random, DEFINES, i, false, &out);
    }
    buffer_add_text(&out, "  emails:\n");
    for (uint32_t i = 0; i < 3; i++) {
        bool each = draw(random, 2) == 0;

        buffer_add_text(&out, "    - email_address: ");
        add_rule(random, DEFINES, FIELDS, each, &out);
        buffer_add_text(&out, "      email_types: ");
        add_rule(random, DEFINES, FIELDS, each, &out);
        if (draw(random, 2))
            buffer_add_text(&out, "      when: (|(a=*)(b=x)(c>=1))\n");
        if (!each)
            continue;
        buffer_add_text(&out, "      each: \"");
        add_template(random, DEFINES, FIELDS, false, &out);
        buffer_add_text(&out, "\"\n");
    }
    return out;
}

static struct buffer
random_entry(struct random *random)
{
    static const char *const values[] = {"a",     "ab", "Ab b", "x",   "Staff", "2026-09-01",
                                         " b  c", "7",  "B",    "cab", "é",     "1999"};
    static const char *const attributes[] = {"a", "b", "c", "d"};
    struct buffer out = BUFFER_INIT;

    buffer_add_text(&out, "dn: cn=x,dc=example\n");
    for (uint32_t i = draw(random, 9); i > 0; i--)
        buffer_format(&out, "%s: %s\n", PICK(random, attributes), PICK(random, values));
    buffer_add(&out, "", 1);
    return out;
}

static const struct derivation_step *
last_step(const struct derivation_attempt *attempt)
{
    assert_true(attempt->step_count > 0);
    return &attempt->steps[attempt->step_count - 1];
}

/* The text is one that a step gave, as a field has it: tidied, and a date with a Z. */
static bool
is_of(struct arena *arena, struct slice text, const struct derivation_step *step)
{
    for (size_t i = 0; i < step->count; i++) {
        struct slice given = text_tidy(arena, step->values[i]);

        if (slice_equal(given, text) ||
            (text.length == given.length + 1 && text.data[given.length] == 'Z' &&
             memcmp(text.data, given.data, given.length) == 0))
            return true;
    }
    return false;
}

static void
check_text(struct arena *arena, const struct user_value *value)
{
    const struct derivation *derivation = value->derivation;
    size_t taken = 0;

    for (size_t i = 0; i < derivation->attempt_count; i++)
        if (derivation->attempts[i].outcome == DERIVATION_TAKEN)
            taken++;
    assert_int_equal(taken, value->text.data != NULL);
    if (taken == 0)
        return;
    assert_int_equal(derivation->attempts[derivation->attempt_count - 1].where.line,
                     value->where->line);
    assert_true(
        is_of(arena, value->text, last_step(&derivation->attempts[derivation->attempt_count - 1])));
}

static void
check_codes(struct arena *arena, const struct user_value *value)
{
    const struct derivation *derivation = value->derivation;
    size_t given = 0;

    for (size_t i = 0; i < derivation->attempt_count; i++) {
        const struct derivation_attempt *attempt = &derivation->attempts[i];

        if (attempt->outcome != DERIVATION_TAKEN)
            continue;
        for (size_t j = 0; j < value->code_count; j++)
            given += is_of(arena, value->codes[j], last_step(attempt));
    }
    assert_true(given >= value->code_count);
    assert_int_equal(given > 0, value->code_count > 0);
}

static void
check_derivations(const struct watcher *watcher)
{
    const struct user *user = &watcher->sample.user;
    const struct user_items *emails = &user->lists[user_field_find("emails")];
    const struct field *list = &user_fields[user_field_find("emails")];

    for (size_t i = 0; i < FIELDS; i++)
        check_text(watcher->sample.arena, &user->values[user_field_find(fields[i])]);
    for (size_t i = 0; i < emails->count; i++) {
        check_text(watcher->sample.arena,
                   &emails->items[i].values[item_field_find(list, "email_address")]);
        check_codes(watcher->sample.arena,
                    &emails->items[i].values[item_field_find(list, "email_types")]);
    }
}

static void
note_several(void *context, const char *rule, struct position where, const char *attribute,
             size_t count)
{
    (void)context;
    assert_non_null(rule);
    assert_int_not_equal(where.line, 0);
    assert_non_null(attribute);
    assert_true(count > 1);
}

static void
check_person(struct watcher *watcher, const char *text)
{
    struct entry entry = sample_entry(&watcher->sample, slice_of(text));
    struct buffer plain = BUFFER_INIT, watched = BUFFER_INIT;
    const struct mapping_watch looks[] = {{watcher->reached, true, note_several, NULL},
                                          {NULL, false, NULL, NULL},
                                          {watcher->reached, false, NULL, NULL},
                                          {NULL, true, NULL, NULL}};

    sample_render(&watcher->sample, sample_apply(&watcher->sample, &entry), &plain);
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
        watcher->sample.findings.length = watched.length = 0;
        sample_render(&watcher->sample, sample_watch(&watcher->sample, &entry, &looks[i]),
                      &watched);
        assert_true(slice_equal((struct slice){plain.data, plain.length},
                                (struct slice){watched.data, watched.length}));
        if (looks[i].derive)
            check_derivations(watcher);
    }
    watcher->sample.findings.length = 0;
    buffer_free(&plain);
    buffer_free(&watched);
}

/* No part where a finding says so was reached. */
static void
hold_against(void *context, const struct finding *finding)
{
    const struct watcher *watcher = context;
    const struct mapping *mapping = watcher->sample.mapping;

    if (finding->code != FINDING_UNREACHABLE && finding->code != FINDING_INCOMPLETE)
        return;
    for (size_t i = 0; i < mapping_part_count(mapping); i++)
        if (position_compare(mapping_part(mapping, i).where, finding->where) == 0 &&
            watcher->reached[i])
            fail_msg("%u:%u: %.*s", finding->where.line, finding->where.column,
                     SLICE_ARG(finding->text));
}

static void
check_mapping(struct random *random, struct slice text, int people)
{
    struct watcher watcher = {0};
    const struct finding_sink sink = {hold_against, &watcher};

    sample_open(&watcher.sample, text);
    if (!watcher.sample.mapping)
        fail_msg("%.*s", (int)watcher.sample.messages.length, watcher.sample.messages.data);
    watcher.reached = memory_zero(mapping_part_count(watcher.sample.mapping), 1);
    for (int i = 0; i < people; i++) {
        struct buffer entry = random_entry(random);

        check_person(&watcher, entry.data);
        buffer_free(&entry);
    }
    mapping_lint(watcher.sample.mapping, &sink);
    sample_close(&watcher.sample);
    free(watcher.reached);
}

static void
what_was_seen_and_judged_is_so(void **state)
{
    enum { MAPPINGS = 100, PEOPLE = 30 };
    struct random random = {20260901};

    (void)state;
    for (int i = 0; i < MAPPINGS; i++) {
        struct buffer mapping = random_mapping(&random);

        check_mapping(&random, (struct slice){mapping.data, mapping.length}, PEOPLE);
        buffer_free(&mapping);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_was_seen_and_judged_is_so),
};

UNIT_MAIN(tests)
