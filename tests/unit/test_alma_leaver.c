#include "unit.h"

#include "alma/alma.h"

static const struct date september = {2026, 9, 2};
static const struct date no_date = {0, 0, 0};

static void
expect(const char *record, struct date purge_date, const char *last)
{
    const struct alma_leaving leaving = {.expiry_date = september, .purge_date = purge_date};
    struct buffer out = BUFFER_INIT;

    alma_write_leaver(slice_of(record), &leaving, &out);
    assert_slice(((struct slice){out.data, out.length}), last);
    buffer_free(&out);
}

static void
a_record_ends_on_the_day_its_person_leaves(void **state)
{
    (void)state;
    expect("<user>\n<primary_id>a</primary_id>\n</user>\n", no_date,
           "<user>\n<expiry_date>2026-09-02Z</expiry_date>\n<status>INACTIVE</status>\n"
           "<primary_id>a</primary_id>\n</user>\n");
    expect("<user>\n<expiry_date>2030-01-31Z</expiry_date>\n<primary_id>a</primary_id>\n</user>\n",
           no_date,
           "<user>\n<expiry_date>2026-09-02Z</expiry_date>\n<status>INACTIVE</status>\n"
           "<primary_id>a</primary_id>\n</user>\n");
}

static void
a_record_that_has_ended_already_keeps_its_day(void **state)
{
    (void)state;
    expect("<user>\n<primary_id>a</primary_id>\n<expiry_date>2026-09-01Z</expiry_date>\n</user>\n",
           no_date,
           "<user>\n<expiry_date>2026-09-01Z</expiry_date>\n<status>INACTIVE</status>\n"
           "<primary_id>a</primary_id>\n</user>\n");
}

static void
there_is_one_status(void **state)
{
    (void)state;
    expect("<user>\n<status>ACTIVE</status>\n<status_date>2020-01-01Z</status_date>\n</user>\n",
           no_date,
           "<user>\n<expiry_date>2026-09-02Z</expiry_date>\n<status>INACTIVE</status>\n"
           "<status_date>2020-01-01Z</status_date>\n</user>\n");
}

static void
a_purge_date_takes_the_place_of_the_records_own(void **state)
{
    static const char record[] = "<user>\n<purge_date>2029-01-01Z</purge_date>\n</user>\n";

    (void)state;
    expect(record, (struct date){2027, 9, 2},
           "<user>\n<expiry_date>2026-09-02Z</expiry_date>\n<purge_date>2027-09-02Z</purge_date>\n"
           "<status>INACTIVE</status>\n</user>\n");
    expect(record, no_date,
           "<user>\n<expiry_date>2026-09-02Z</expiry_date>\n<status>INACTIVE</status>\n"
           "<purge_date>2029-01-01Z</purge_date>\n</user>\n");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_record_ends_on_the_day_its_person_leaves),
    cmocka_unit_test(a_record_that_has_ended_already_keeps_its_day),
    cmocka_unit_test(there_is_one_status),
    cmocka_unit_test(a_purge_date_takes_the_place_of_the_records_own),
};

UNIT_MAIN(tests)
