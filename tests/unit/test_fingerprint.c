/* What makes a record another one: a field that differs, and never the clock alone. */
#include "unit.h"

#include "run/fingerprint.h"

#include <string.h>

/* A record of the fields of the layout; a text within ~ was made of the clock. */
struct made {
    struct buffer record;
    struct alma_layout layout;
    struct fingerprint fingerprint;
};

static void
add_clock(struct alma_layout *layout, size_t begin, size_t end)
{
    memory_grow(&layout->clock, &layout->clock_capacity, layout->clock_count + 1,
                sizeof *layout->clock);
    layout->clock[layout->clock_count++] = (struct alma_span){(uint32_t)begin, (uint32_t)end};
}

static void
add_field(struct made *made, const char *name, const char *text)
{
    int field = user_field_find(name);
    size_t clock = 0;

    assert_true(field >= 0);
    made->layout.begins[field] = (uint32_t)made->record.length;
    buffer_format(&made->record, "<%s>", name);
    for (; *text; text++) {
        if (*text != '~') {
            buffer_add(&made->record, text, 1);
        } else if (clock == 0) {
            clock = made->record.length;
        } else {
            add_clock(&made->layout, clock, made->record.length);
            clock = 0;
        }
    }
    buffer_format(&made->record, "</%s>\n", name);
    made->layout.ends[field] = (uint32_t)made->record.length;
}

/* "primary_id=ana;expiry_date=~2026-09-01Z~" */
static struct made
make(const char *fields)
{
    struct made made = {.record = BUFFER_INIT};
    char name[32], text[64];
    int used;

    for (; sscanf(fields, "%31[^=]=%63[^;];%n", name, text, &used) == 2; fields += used)
        add_field(&made, name, text);
    fingerprint_make(&made.fingerprint, (struct slice){made.record.data, made.record.length},
                     &made.layout);
    return made;
}

static void
unmake(struct made *made)
{
    buffer_free(&made->record);
    alma_layout_free(&made->layout);
    fingerprint_free(&made->fingerprint);
}

static struct slice
fields_of(const struct made *made)
{
    return (struct slice){made->fingerprint.fields.data, made->fingerprint.fields.length};
}

/* The names of the fields that differ, or "same" where the records' digests are. */
static const char *
difference(const char *before, const char *now, char ret_names[256])
{
    struct made old = make(before), new = make(now);
    bool changed[USER_FIELDS_MOST];
    bool same = memcmp(old.fingerprint.digest, new.fingerprint.digest, FINGERPRINT_BYTES) == 0;

    fingerprint_compare(fields_of(&old), fields_of(&new), changed);
    ret_names[0] = '\0';
    for (size_t i = 0; i < user_field_count; i++)
        if (changed[i])
            strcat(strcat(ret_names, ret_names[0] ? " " : ""), user_fields[i].name);
    assert_int_equal(same, ret_names[0] == '\0');
    unmake(&old);
    unmake(&new);
    return same ? "same" : ret_names;
}

static void
what_differs_is_named(void **state)
{
    static const struct {
        const char *before, *now, *difference;
    } cases[] = {
        {"primary_id=ana;last_name=Ruiz;", "primary_id=ana;last_name=Ruiz;", "same"},
        {"primary_id=ana;last_name=Ruiz;", "primary_id=ana;last_name=Ruis;", "last_name"},
        {"primary_id=ana;last_name=Ruiz;", "primary_id=ana;", "last_name"},
        {"primary_id=ana;", "primary_id=ana;user_group=STAFF;campus_code=N;",
         "user_group campus_code"},
        /* A day that moves by itself. */
        {"primary_id=ana;expiry_date=~2026-09-01Z~;", "primary_id=ana;expiry_date=~2026-09-02Z~;",
         "same"},
        {"primary_id=ana;expiry_date=~2026-09-01Z~;", "primary_id=ana;expiry_date=~10000-09-02Z~;",
         "same"},
        /* What stands beside it counts, and so does that it is made of the clock. */
        {"primary_id=ana;expiry_date=~2026-09-01~Z;", "primary_id=ana;expiry_date=~2026-09-02~X;",
         "expiry_date"},
        {"primary_id=ana;expiry_date=~2026-09-01Z~;", "primary_id=ana;expiry_date=2026-09-01Z;",
         "expiry_date"},
        {"primary_id=ana;expiry_date=~2026-09-01Z~;", "primary_id=ana;purge_date=~2026-09-01Z~;",
         "expiry_date purge_date"},
        {"primary_id=ana;expiry_date=~1~;purge_date=~2~;last_name=A;",
         "primary_id=ana;expiry_date=~3~;purge_date=~4~;last_name=B;", "last_name"},
    };
    char names[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(difference(cases[i].before, cases[i].now, names), cases[i].difference);
}

static void
what_is_lost_is_named_and_what_was_there_counted(void **state)
{
    struct made old = make("primary_id=ana;last_name=Ruiz;user_group=STAFF;");
    struct made new = make("primary_id=ana;user_group=OTHER;campus_code=N;");
    struct fingerprint_tally tally;
    bool lost[USER_FIELDS_MOST];

    (void)state;
    fingerprint_compare_lost(fields_of(&old), fields_of(&new), lost);
    fingerprint_tally_begin(&tally);
    fingerprint_tally_add(&tally, fields_of(&old));
    fingerprint_tally_add(&tally, (struct slice){"\0\0xx", 4}); /* of another version */
    fingerprint_tally_add(&tally, fields_of(&new));
    for (size_t i = 0; i < user_field_count; i++) {
        const char *name = user_fields[i].name;

        assert_int_equal(lost[i], strcmp(name, "last_name") == 0);
        assert_int_equal(tally.counts[i],
                         strcmp(name, "primary_id") == 0 || strcmp(name, "user_group") == 0   ? 2
                         : strcmp(name, "last_name") == 0 || strcmp(name, "campus_code") == 0 ? 1
                                                                                              : 0);
    }
    unmake(&old);
    unmake(&new);
}

/* State keeps 16 bits of each field's name. */
static void
fields_are_told_apart(void **state)
{
    char one[64], other[64], names[256], expected[128];

    (void)state;
    for (size_t i = 0; i < user_field_count; i++)
        for (size_t j = i + 1; j < user_field_count; j++) {
            snprintf(one, sizeof one, "%s=x;", user_fields[i].name);
            snprintf(other, sizeof other, "%s=x;", user_fields[j].name);
            snprintf(expected, sizeof expected, "%s %s", user_fields[i].name, user_fields[j].name);
            assert_string_equal(difference(one, other, names), expected);
        }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_differs_is_named),
    cmocka_unit_test(what_is_lost_is_named_and_what_was_there_counted),
    cmocka_unit_test(fields_are_told_apart),
};

UNIT_MAIN(tests)
