/* What one entry may cost: rules that multiply its values end early, and reject the person. */
#include "unit.h"

#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT = 10000, BYTES_MOST = 300 * 1024 * 1024 };

#define HEAD "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: x\n"
#define EMAILS                                                                                     \
    HEAD "  emails:\n    - each: ${mail}\n      email_address: ${each}\n"                          \
         "      email_types: [work]\n"

static char words[COUNT][32];

/* The verdict on an entry that has the same ten thousand values in each attribute. */
static enum mapping_verdict
apply(struct sample *sample, const char *mapping)
{
    struct slice *values = memory_zero(COUNT, sizeof *values);
    struct entry_values *slots;
    enum mapping_verdict verdict;
    size_t count;

    for (size_t i = 0; i < COUNT; i++) {
        snprintf(words[i], sizeof words[i], "CN=Group %05zu,DC=example", (i * 7919) % COUNT);
        values[i] = slice_of(words[i]);
    }
    sample_open(sample, slice_of(mapping));
    if (!sample->mapping)
        print_error("%.*s", (int)sample->messages.length, sample->messages.data);
    assert_non_null(sample->mapping);
    count = attributes_count(sample->attributes);
    slots = memory_zero(count, sizeof *slots);
    for (size_t i = 0; i < count; i++)
        slots[i] = (struct entry_values){values, COUNT};
    verdict = sample_apply(
        sample,
        &(struct entry){.dn = slice_of(""), .attributes = sample->attributes, .slots = slots});
    assert_true(arena_size(sample->arena) < BYTES_MOST);
    free(slots);
    free(values);
    return verdict;
}

static void
expect_too_large(const char *mapping, const char *finding)
{
    struct sample sample;

    assert_int_equal(apply(&sample, mapping), MAPPING_REJECTED);
    buffer_add(&sample.findings, "", 1);
    if (!strstr(sample.findings.data, finding))
        print_error("'%s' is not in: %s", finding, sample.findings.data);
    assert_non_null(strstr(sample.findings.data, finding));
    sample_close(&sample);
}

static void
values_that_multiply_are_too_many(void **state)
{
    static const char items[] = "    - { each: \"${tel}\", phone_number: \"${each}\", "
                                "phone_types: [office] }\n";
    struct buffer text = BUFFER_INIT;

    (void)state;
    buffer_add_text(&text, HEAD "  phones:\n");
    for (int i = 0; i < 11; i++)
        buffer_add_text(&text, items);
    buffer_add(&text, "", 1);
    expect_too_large(text.data, "too_large phones.phone_types: more than 100000 values or 64 MB");
    buffer_free(&text);
    expect_too_large(EMAILS "      description: ${memberOf | join ','}\n",
                     "too_large emails.email_types: more than 100000 values or 64 MB");
}

static void
text_that_grows_is_too_large(void **state)
{
    struct buffer text = BUFFER_INIT;

    (void)state;
    buffer_add_text(&text, HEAD "  first_name: ${memberOf | join '");
    for (int i = 0; i < 1000; i++)
        buffer_add_text(&text, "-");
    buffer_add_text(&text, "'");
    for (int i = 0; i < 20; i++)
        buffer_add_text(&text, " | prefix x");
    buffer_add_text(&text, "}\n");
    buffer_add(&text, "", 1);
    expect_too_large(text.data, "too_large first_name: more than 100000 values or 64 MB");
    buffer_free(&text);
}

static void
conditions_on_all_values_for_each_of_many_are_too_much(void **state)
{
    struct buffer text = BUFFER_INIT;

    (void)state;
    buffer_add_text(&text, EMAILS "      description:\n");
    for (int i = 0; i < 20; i++)
        buffer_format(&text, "        - { when: \"(memberOf:octetStringMatch:=%d)\", value: x }\n",
                      i);
    buffer_add(&text, "", 1);
    expect_too_large(text.data, "the rules look at more than 200000000 values of this entry");
    buffer_free(&text);
    expect_too_large(EMAILS "      description: ${memberOf | matching x}\n",
                     "the rules look at more than 200000000 values of this entry");
}

/* As many conditions as a large university has, each on all values, once. */
static void
a_ladder_of_ten_thousand_conditions_is_climbed(void **state)
{
    struct buffer text = BUFFER_INIT;
    struct sample sample;

    (void)state;
    buffer_add_text(&text, HEAD "  user_group:\n");
    for (int i = 0; i < 10000; i++)
        buffer_format(&text, "    - { when: \"(memberOf=CN=No %d,DC=example)\", value: NO }\n", i);
    buffer_add_text(&text,
                    "    - { when: \"(memberOf=cn=group 04711,dc=EXAMPLE)\", value: YES }\n");
    buffer_add(&text, "", 1);
    assert_int_equal(apply(&sample, text.data), MAPPING_MAPPED);
    assert_slice(sample.user.values[user_field_find("user_group")].text, "YES");
    assert_int_equal(sample.findings.length, 0);
    sample_close(&sample);
    buffer_free(&text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_that_multiply_are_too_many),
    cmocka_unit_test(text_that_grows_is_too_large),
    cmocka_unit_test(conditions_on_all_values_for_each_of_many_are_too_much),
    cmocka_unit_test(a_ladder_of_ten_thousand_conditions_is_climbed),
};

UNIT_MAIN(tests)
