#include "unit.h"

#include "model/attributes.h"
#include "model/finding.h"
#include "model/user_fields.h"

#include <string.h>

static void
names_compare_without_case(void **state)
{
    struct attributes *attributes = attributes_new();
    int mail = attributes_add(attributes, slice_of("mail"));

    (void)state;
    assert_int_equal(attributes_add(attributes, slice_of("MAIL")), mail);
    assert_int_equal(attributes_find(attributes, slice_of("Mail")), mail);
    assert_int_equal(attributes_find(attributes, slice_of("mail;lang-fr")), ATTRIBUTE_NONE);
    assert_string_equal(attributes_name(attributes, mail), "mail");
    attributes_free(attributes);
}

static void
many_names_keep_their_slots(void **state)
{
    struct attributes *attributes = attributes_new();
    char name[32];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "attribute%d", i);
        assert_int_equal(attributes_add(attributes, slice_of(name)), i);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "ATTRIBUTE%d", i);
        assert_int_equal(attributes_find(attributes, slice_of(name)), i);
    }
    assert_int_equal(attributes_count(attributes), 1000);
    attributes_free(attributes);
}

static void
descriptions_follow_rfc_4512(void **state)
{
    static const char *const good[] = {"cn",
                                       "c-n1",
                                       "cn;lang-fr",
                                       "2.5.4.3",
                                       "2.5.4.3;binary",
                                       "userCertificate;binary",
                                       "cn;lang-fr;x-a",
                                       "0.9.2342"};
    static const char *const bad[] = {"",     "1",    "c n",  "cn;",         "cn;;a",
                                      "-cn",  "2.5.", "2.05", "m\xc3\xa4il", "cn;l g",
                                      "cn_a", ".1",   "1cn"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(attributes_is_description(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(attributes_is_description(slice_of(bad[i])));
}

static void
every_field_fits_the_table(void **state)
{
    (void)state;
    assert_true(user_field_count <= USER_FIELDS_MOST);
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        assert_int_equal(user_field_find(field->name), (int)i);
        assert_non_null(field->help);
        assert_true(field->field_count <= ITEM_FIELDS_MOST);
        assert_true((field->kind == FIELD_ITEMS) == (field->fields != NULL));
        for (size_t j = 0; j < field->field_count; j++) {
            assert_non_null(field->fields[j].help);
            assert_int_equal(item_field_find(field, field->fields[j].name), (int)j);
        }
    }
    assert_int_equal(user_field_find("password"), -1);
}

static void
every_finding_has_a_row(void **state)
{
    (void)state;
    for (int i = 0; i < FINDING_CODE_COUNT; i++) {
        const struct finding_kind *kind = finding_kind((enum finding_code)i);
        enum finding_code code = FINDING_CODE_COUNT;

        assert_non_null(kind->help);
        assert_non_null(kind->remedy);
        assert_int_equal(kind->remedy[strlen(kind->remedy) - 1], '.');
        assert_true(finding_find(slice_of(kind->name), &code));
        assert_int_equal(code, i);
    }
    assert_false(finding_find(slice_of("none"), &(enum finding_code){0}));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_compare_without_case),   cmocka_unit_test(many_names_keep_their_slots),
    cmocka_unit_test(descriptions_follow_rfc_4512), cmocka_unit_test(every_field_fits_the_table),
    cmocka_unit_test(every_finding_has_a_row),
};

UNIT_MAIN(tests)
