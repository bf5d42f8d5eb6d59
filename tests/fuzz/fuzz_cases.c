/* Any bytes as a file of test cases: either there is a reason in words, or every case can be held
 * against a mapping and against what it makes of an empty entry. */
#include "mapping_sample.h"

#include "mapping/cases.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char mapping[] =
    "mapping: 1\n"
    "match_id: primary_id\n"
    "user:\n"
    "  primary_id: x\n"
    "  expiry_date: 2027-08-31\n"
    "  emails:\n"
    "    - { email_address: a@example.edu, email_types: [work, school] }\n"
    "  user_identifiers:\n"
    "    - { id_type: BARCODE, value: '1' }\n";

static void
hold(const struct case_value *values, size_t count, const struct user *user, struct arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        struct case_texts got = case_value_got(&values[i], user, arena);

        if (!values[i].name)
            abort();
        (void)case_value_holds(&values[i], &got);
    }
}

static void
hold_cases(const struct cases *cases, struct arena *arena)
{
    static struct sample sample; /* one for all runs */
    struct faults *faults = faults_new();
    struct entry entry = {.dn = SLICE_NONE};
    struct user user;

    if (!sample.mapping)
        sample_open(&sample, slice_of(mapping));
    if (!sample.mapping)
        abort();
    entry.attributes = sample.attributes;
    mapping_apply(sample.mapping, &entry, arena, &user, NULL);
    cases_check(cases, sample.mapping, faults);
    faults_free(faults);
    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *item = &cases->items[i];
        const struct finding finding = {.code = FINDING_REQUIRED, .field = "emails"};

        if (!item->name || (!item->entry.data && !item->ldif))
            abort();
        hold(item->expect, item->expect_count, &user, arena);
        hold(item->absent, item->absent_count, &user, arena);
        for (size_t j = 0; j < item->finding_count; j++)
            (void)case_finding_is(&item->findings[j], &finding);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct faults *faults = faults_new();
    const struct slice text = {arena_copy(arena, (const char *)data, size), size};
    const struct cases *cases = cases_parse(arena, "fuzz.test.yaml", text, faults);

    if (faults_count(faults) == 0) {
        if (!cases)
            abort();
        hold_cases(cases, arena);
    }
    faults_free(faults);
    arena_free(arena);
    return 0;
}
