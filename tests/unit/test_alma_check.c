#include "unit.h"

#include "../support/sample_users.h"
#include "alma/alma.h"
#include "alma/value.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_MOST = 16 };

/* Findings as they came, copied. */
struct seen {
    struct arena *arena;
    struct finding findings[SEEN_MOST];
    size_t count;
};

static void
see(void *context, const struct finding *finding)
{
    struct seen *seen = context;
    struct finding *copy = &seen->findings[seen->count++];

    assert_true(seen->count <= SEEN_MOST);
    *copy = *finding;
    copy->text = arena_slice(seen->arena, finding->text);
    copy->field = finding->field ? arena_string(seen->arena, finding->field) : NULL;
}

/* What every test begins with: somebody whom Alma would take. */
struct fixture {
    struct arena *arena;
    struct user user;
    struct seen seen;
    struct finding_sink sink;
};

static int
set_up(void **state)
{
    struct fixture *fixture = memory_zero(1, sizeof *fixture);

    fixture->arena = arena_new();
    fixture->seen.arena = fixture->arena;
    fixture->sink = (struct finding_sink){see, &fixture->seen};
    sample_user_ordinary(fixture->arena, 1, &fixture->user);
    *state = fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static void
set(struct fixture *fixture, const char *list, size_t item, const char *field, const char *text)
{
    sample_user_set(fixture->arena, &fixture->user, list, item, field, text);
}

static struct user_value *
value(struct fixture *fixture, const char *list, size_t item, const char *field)
{
    return sample_user_value(fixture->arena, &fixture->user, list, item, field);
}

static struct user_items *
items(struct fixture *fixture, const char *list)
{
    return &fixture->user.lists[user_field_find(list)];
}

static bool
check(struct fixture *fixture)
{
    fixture->seen.count = 0;
    return alma_check(&fixture->user, &fixture->sink);
}

/* `count` times the text. */
static const char *
repeat(struct fixture *fixture, const char *text, size_t count)
{
    char *result = arena_alloc(fixture->arena, strlen(text) * count + 1);

    for (size_t i = 0; i < count; i++)
        strcat(result, text);
    return result;
}

static void
assert_only_finding(struct fixture *fixture, enum finding_code code, const char *field,
                    const char *text)
{
    const struct finding *finding = &fixture->seen.findings[0];

    assert_int_equal(fixture->seen.count, 1);
    assert_int_equal(finding->code, code);
    assert_string_equal(finding->field ? finding->field : "", field);
    assert_slice(finding->text, text);
    assert_true(slice_equal(finding->dn, fixture->user.dn));
}

static void
ordinary_people_pass(void **state)
{
    struct fixture *fixture = *state;

    for (uint64_t i = 0; i < 50; i++) {
        sample_user_ordinary(fixture->arena, i, &fixture->user);
        assert_true(check(fixture));
        assert_int_equal(fixture->seen.count, 0);
    }
}

static void
lengths_count_characters(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, NULL, 0, "first_name", repeat(fixture, "ß", 255));
    set(fixture, "addresses", 0, "line1", repeat(fixture, "no limit ", 1000));
    assert_true(check(fixture));
    set(fixture, NULL, 0, "first_name", repeat(fixture, "ß", 256));
    assert_false(check(fixture));
    assert_only_finding(fixture, FINDING_TOO_LONG, "first_name",
                        "first_name is 256 characters long, Alma takes 255; '| take 255' in the "
                        "mapping would cut it");
    assert_int_equal(text_characters(value(fixture, NULL, 0, "first_name")->text), 256);
}

static void
every_limit_is_checked(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, NULL, 0, "campus_code", repeat(fixture, "c", 51));
    set(fixture, "emails", 1, "email_address", repeat(fixture, "e", 300));
    set(fixture, "phones", 0, "phone_types", repeat(fixture, "t", 256));
    set(fixture, "addresses", 0, "segment_type", "elevenchars");
    assert_false(check(fixture));
    assert_int_equal(fixture->seen.count, 4);
    assert_string_equal(fixture->seen.findings[0].field, "campus_code");
    assert_string_equal(fixture->seen.findings[1].field, "addresses.segment_type");
    assert_string_equal(fixture->seen.findings[2].field, "emails.email_address");
    assert_slice(fixture->seen.findings[2].text,
                 "email_address is 300 characters long, Alma takes 255; '| take 255' in the "
                 "mapping would cut it");
    assert_string_equal(fixture->seen.findings[3].field, "phones.phone_types");
}

static void
dates_are_calendar_days(void **state)
{
    static const char *const good[] = {"2026-09-01", "2024-02-29Z", "0001-01-01", "9999-12-31Z"};
    static const char *const bad[] = {"20300116",         "2025-02-29",       "2026-13-01",
                                      "2026-09-01T00:00", "2026-9-1",         "26-09-01",
                                      "2026-09-01z",      "0000-01-01",       "2026-09-31",
                                      " 2026-09-01",      "2026-09-01+02:00", "never"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        set(fixture, NULL, 0, "expiry_date", good[i]);
        assert_true(check(fixture));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        set(fixture, NULL, 0, "expiry_date", bad[i]);
        assert_false(check(fixture));
        assert_int_equal(fixture->seen.findings[0].code, FINDING_BAD_VALUE);
    }
    assert_only_finding(fixture, FINDING_BAD_VALUE, "expiry_date",
                        "expiry_date is 'never', not a date as YYYY-MM-DD");
}

static void
date_times_are_dates_or_times(void **state)
{
    static const char *const good[] = {"2026-09-01",
                                       "2026-09-01Z",
                                       "2026-09-01T23:59:59",
                                       "2026-09-01T00:00:00Z",
                                       "2026-09-01T00:00:00.123456Z",
                                       "2026-09-01T00:00:00+14:00",
                                       "2026-09-01T00:00:00-00:30"};
    static const char *const bad[] = {
        "2026-09-01T24:00:00Z",  "2026-09-01T00:60:00Z",      "2026-09-01T00:00:60Z",
        "2026-09-01T00:00Z",     "2026-09-01 00:00:00",       "2026-09-01T00:00:00.",
        "2026-02-30T00:00:00Z",  "2026-09-01T00:00:00+14:01", "2026-09-01T00:00:00+2",
        "2026-09-01T00:00:00ZZ", "2026-09-01T0:00:00Z",       "2026-09-01Tzz:00:00Z",
        "20260901000000Z"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(value_is_valid(FIELD_DATE_TIME, slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(value_is_valid(FIELD_DATE_TIME, slice_of(bad[i])));
}

static void
booleans_are_settled(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "user_notes", 0, "user_viewable", "TRUE");
    set(fixture, "user_notes", 0, "popup_note", "False");
    assert_true(check(fixture));
    assert_slice(value(fixture, "user_notes", 0, "user_viewable")->text, "true");
    assert_slice(value(fixture, "user_notes", 0, "popup_note")->text, "false");
    set(fixture, "user_notes", 0, "popup_note", "1");
    assert_false(check(fixture));
    assert_only_finding(fixture, FINDING_BAD_VALUE, "user_notes.popup_note",
                        "popup_note is '1', not true or false");
}

static void
long_values_are_quoted_in_part(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, NULL, 0, "birth_date", repeat(fixture, "ß", 100));
    assert_false(check(fixture));
    assert_only_finding(fixture, FINDING_BAD_VALUE, "birth_date",
                        arena_format(fixture->arena,
                                     "birth_date is '%s…', not a date as YYYY-MM-DD",
                                     repeat(fixture, "ß", 60)));
}

static void
match_identifier_must_be_there(void **state)
{
    struct fixture *fixture = *state;

    fixture->user.match_id = SLICE_NONE;
    assert_false(check(fixture));
    assert_only_finding(fixture, FINDING_MATCH_ID, "",
                        "the mapping yields no match identifier for this person");
    fixture->user.match_id = slice_of("");
    assert_false(check(fixture));
}

static void
identifiers_must_not_be_mended(void **state)
{
    struct fixture *fixture = *state;

    value(fixture, NULL, 0, "last_name")->marks = TEXT_BAD_UTF8;
    value(fixture, NULL, 0, "primary_id")->marks = TEXT_FORBIDDEN;
    assert_true(check(fixture));
    value(fixture, NULL, 0, "primary_id")->marks = TEXT_BAD_UTF8;
    assert_false(check(fixture));
    assert_int_equal(fixture->seen.count, 1);
    assert_int_equal(fixture->seen.findings[0].code, FINDING_BAD_IDENTIFIER);
    assert_string_equal(fixture->seen.findings[0].field, "primary_id");
    value(fixture, NULL, 0, "primary_id")->marks = 0;
    value(fixture, "user_identifiers", 1, "value")->marks = TEXT_BAD_UTF8 | TEXT_FORBIDDEN;
    assert_false(check(fixture));
    assert_string_equal(fixture->seen.findings[0].field, "user_identifiers.value");
}

static void
every_reason_is_told(void **state)
{
    struct fixture *fixture = *state;

    fixture->user.match_id = SLICE_NONE;
    set(fixture, NULL, 0, "first_name", repeat(fixture, "x", 256));
    set(fixture, NULL, 0, "birth_date", "yesterday");
    value(fixture, NULL, 0, "primary_id")->marks = TEXT_BAD_UTF8;
    assert_false(check(fixture));
    assert_int_equal(fixture->seen.count, 4);
    assert_false(alma_check(&fixture->user, NULL));
}

static void
findings_name_the_rule(void **state)
{
    static const struct position rule = {"people.yaml", 12, 3}, item_rule = {"people.yaml", 30, 5};
    struct fixture *fixture = *state;
    struct finding *finding = &fixture->seen.findings[0];

    set(fixture, "emails", 1, "description", repeat(fixture, "x", 256));
    assert_false(check(fixture));
    assert_int_equal(finding->where.line, 0);
    items(fixture, "emails")->items[1].where = &item_rule;
    assert_false(check(fixture));
    assert_int_equal(finding->where.line, 30);
    value(fixture, "emails", 1, "description")->where = &rule;
    assert_false(check(fixture));
    assert_int_equal(finding->where.line, 12);
    assert_string_equal(finding->where.file, "people.yaml");
}

/* "t" preferred, "f" not, "-" not said; what comes out has one "t". */
static void
one_item_is_preferred(void **state)
{
    static const struct {
        const char *given, *settled;
    } cases[] = {{"-", "t"},     {"f", "t"},     {"---", "tff"}, {"-t-", "ftf"},
                 {"ftt", "ftf"}, {"fff", "tff"}, {"ttt", "tff"}, {"ff-", "tff"}};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t count = strlen(cases[i].given);

        *items(fixture, "emails") = (struct user_items){NULL, 0};
        for (size_t j = 0; j < count; j++) {
            char flag = cases[i].given[j];

            set(fixture, "emails", j, "email_address", "a@example.edu");
            set(fixture, "emails", j, "email_types", "work");
            set(fixture, "emails", j, "preferred",
                flag == 't'   ? "TRUE"
                : flag == 'f' ? "false"
                              : NULL);
        }
        assert_true(check(fixture));
        for (size_t j = 0; j < count; j++)
            assert_slice(value(fixture, "emails", j, "preferred")->text,
                         cases[i].settled[j] == 't' ? "true" : "false");
    }
}

static void
incomplete_items_are_left_out(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "emails", 0, "email_address", "");
    set(fixture, "phones", 0, "phone_number", NULL);
    value(fixture, "phones", 1, "phone_types")->code_count = 0;
    set(fixture, "addresses", 1, "address_types", "");
    assert_true(check(fixture));
    assert_int_equal(items(fixture, "emails")->count, 1);
    assert_slice(value(fixture, "emails", 0, "email_types")->codes[0], "personal");
    assert_slice(value(fixture, "emails", 0, "preferred")->text, "true");
    assert_int_equal(items(fixture, "phones")->count, 0);
    assert_int_equal(items(fixture, "addresses")->count, 1);
    /* user_viewable and popup_note are required but have a fallback. */
    assert_int_equal(items(fixture, "user_notes")->count, 1);
}

static void
random_users_pass(void **state)
{
    struct fixture *fixture = *state;

    for (uint64_t i = 0; i < 200; i++) {
        sample_user_random(fixture->arena, i, &fixture->user);
        assert_true(check(fixture));
        assert_int_equal(fixture->seen.count, 0);
        arena_reset(fixture->arena);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    TEST(ordinary_people_pass),           TEST(lengths_count_characters),
    TEST(every_limit_is_checked),         TEST(dates_are_calendar_days),
    TEST(date_times_are_dates_or_times),  TEST(booleans_are_settled),
    TEST(long_values_are_quoted_in_part), TEST(match_identifier_must_be_there),
    TEST(identifiers_must_not_be_mended), TEST(every_reason_is_told),
    TEST(findings_name_the_rule),         TEST(one_item_is_preferred),
    TEST(incomplete_items_are_left_out),  TEST(random_users_pass),
};

UNIT_MAIN(tests)
