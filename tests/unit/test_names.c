#include "unit.h"

#include "directory/names.h"

static struct attributes *
set_of(const char *const *names)
{
    struct attributes *attributes = attributes_new();

    for (; *names; names++)
        attributes_add(attributes, slice_of(*names));
    return attributes;
}

#define SET(...) set_of((const char *const[]){__VA_ARGS__, NULL})

static void
alias(struct names *names, const char *const *same)
{
    struct slice list[8];
    size_t count = 0;

    while (same[count]) {
        list[count] = slice_of(same[count]);
        count++;
    }
    names_alias(names, list, count);
}

#define ALIAS(names, ...) alias((names), (const char *const[]){__VA_ARGS__, NULL})

static int
slot(struct names *names, const char *description)
{
    return names_slot(names, slice_of(description));
}

static void
descriptions_go_to_their_own_slot(void **state)
{
    struct attributes *attributes = SET("cn", "cn;lang-fr", "mail");
    struct names *names = names_new(attributes);

    (void)state;
    names_seal(names);
    assert_int_equal(slot(names, "cn"), 0);
    assert_int_equal(slot(names, "CN"), 0);
    assert_int_equal(slot(names, "cn;lang-fr"), 1);
    assert_int_equal(slot(names, "cn;LANG-FR"), 1);
    assert_int_equal(slot(names, "cn;lang-de"), NAME_IGNORED);
    assert_int_equal(slot(names, "cnx"), NAME_IGNORED);
    assert_int_equal(slot(names, ""), NAME_IGNORED);
    assert_int_equal(slot(names, "mail"), 2);
    names_free(names);
    attributes_free(attributes);
}

static void
the_order_of_an_entry_is_learnt(void **state)
{
    static const char *const orders[][3] = {
        {"cn", "sn", "mail"}, {"cn", "sn", "mail"}, {"mail", "cn", "sn"}, {"cn", "mail", "sn"}};
    struct attributes *attributes = SET("mail", "sn", "cn");
    struct names *names = names_new(attributes);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        names_begin(names);
        for (size_t j = 0; j < 3; j++)
            assert_string_equal(attributes_name(attributes, slot(names, orders[i][j])),
                                orders[i][j]);
    }
    names_free(names);
    attributes_free(attributes);
}

static void
a_name_is_unknown_until_the_aliases_are_told(void **state)
{
    struct attributes *attributes = SET("surname", "mail");
    struct names *names = names_new(attributes);

    (void)state;
    assert_int_equal(slot(names, "surname"), 0);
    assert_int_equal(slot(names, "sn"), NAME_UNKNOWN);
    assert_int_equal(slot(names, "sn;lang-fr"), NAME_IGNORED);
    ALIAS(names, "2.5.4.3", "cn", "commonName");
    ALIAS(names, "2.5.4.4", "sn", "surname");
    names_seal(names);
    assert_int_equal(slot(names, "sn"), 2);
    assert_int_equal(slot(names, "2.5.4.4"), 2);
    assert_int_equal(slot(names, "cn"), NAME_IGNORED);
    assert_int_equal(names_slot_count(names), 3);
    assert_int_equal(names_group_count(names), 1);
    assert_int_equal(names_group(names, 0).count, 2);
    names_free(names);
    attributes_free(attributes);
}

static void
two_names_of_the_set_are_one_attribute(void **state)
{
    struct attributes *attributes = SET("sn", "mail", "SurName");
    struct names *names = names_new(attributes);

    (void)state;
    ALIAS(names, "2.5.4.4", "sn", "surname");
    names_seal(names);
    assert_int_equal(names_group_count(names), 1);
    assert_int_equal(names_group(names, 0).count, 3);
    assert_int_equal(slot(names, "sn"), 0);
    assert_int_equal(slot(names, "surname"), 2);
    assert_int_equal(slot(names, "2.5.4.4"), 3);
    names_free(names);
    attributes_free(attributes);
}

static void
aliases_keep_their_options(void **state)
{
    struct attributes *attributes = SET("surname;lang-fr", "surname");
    struct names *names = names_new(attributes);

    (void)state;
    assert_int_equal(slot(names, "sn;lang-fr"), NAME_UNKNOWN);
    assert_int_equal(slot(names, "sn;lang-de"), NAME_IGNORED);
    ALIAS(names, "2.5.4.4", "sn", "surname");
    names_seal(names);
    assert_int_equal(names_group_count(names), 2);
    assert_int_not_equal(slot(names, "sn"), slot(names, "sn;lang-fr"));
    assert_true(slot(names, "sn;lang-fr") >= 2);
    assert_int_equal(slot(names, "sn;lang-de"), NAME_IGNORED);
    names_free(names);
    attributes_free(attributes);
}

static void
an_attribute_that_no_definition_has_is_told(void **state)
{
    struct attributes *attributes = SET("SurName", "titel", "cn;lang-fr");
    struct names *names = names_new(attributes);

    (void)state;
    /* A schema that could not be read says nothing. */
    assert_false(names_is_undefined(names, 1));
    ALIAS(names, "2.5.4.3", "cn", "commonName");
    ALIAS(names, "2.5.4.4", "sn", "surname");
    names_seal(names);
    assert_false(names_is_undefined(names, 0));
    assert_true(names_is_undefined(names, 1));
    assert_false(names_is_undefined(names, 2));
    names_free(names);
    attributes_free(attributes);
}

static void
a_range_is_not_the_whole(void **state)
{
    struct attributes *attributes = SET("member", "memberOf;x-a");
    struct names *names = names_new(attributes);

    (void)state;
    names_seal(names);
    assert_int_equal(slot(names, "member;range=0-1499"), NAME_RANGED);
    assert_int_equal(slot(names, "MEMBER;Range=1500-*"), NAME_RANGED);
    assert_int_equal(slot(names, "memberof;range=0-9;x-a"), NAME_RANGED);
    assert_int_equal(slot(names, "memberof;x-a;range=0-9"), NAME_RANGED);
    assert_int_equal(slot(names, "memberof;range=0-9"), NAME_IGNORED);
    assert_int_equal(slot(names, "other;range=0-9"), NAME_IGNORED);
    names_free(names);
    attributes_free(attributes);
}

static void
an_alias_can_be_ranged(void **state)
{
    struct attributes *attributes = SET("2.5.4.31");
    struct names *names = names_new(attributes);

    (void)state;
    assert_int_equal(slot(names, "member;range=0-1499"), NAME_UNKNOWN);
    ALIAS(names, "2.5.4.31", "member");
    names_seal(names);
    assert_int_equal(slot(names, "member;range=0-1499"), NAME_RANGED);
    names_free(names);
    attributes_free(attributes);
}

static void
the_schema_is_needed_for_oids_and_doubles_only(void **state)
{
    static const struct {
        const char *set[4];
        bool needed;
    } cases[] = {
        {{"sn", "mail", "uid"}, false},
        {{"sn", "mail", "surname"}, true},
        {{"UserID", "cn", "UID"}, true},
        {{"2.5.4.4", "mail"}, true},
        {{"surname"}, false},
        {{"co", "c"}, false},
        {{"sn;lang-fr", "surname"}, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct attributes *attributes = set_of(cases[i].set);
        struct names *names = names_new(attributes);

        assert_int_equal(names_need_schema(names), cases[i].needed);
        names_free(names);
        attributes_free(attributes);
    }
}

static void
any_number_of_spellings_is_resolved(void **state)
{
    struct attributes *attributes = SET("cn");
    struct names *names = names_new(attributes);
    char name[32];

    (void)state;
    names_seal(names);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 10000; i++) {
            snprintf(name, sizeof name, "attribute%d", i);
            assert_int_equal(slot(names, name), NAME_IGNORED);
            assert_int_equal(slot(names, "Cn"), 0);
        }
    names_free(names);
    attributes_free(attributes);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(descriptions_go_to_their_own_slot),
    cmocka_unit_test(the_order_of_an_entry_is_learnt),
    cmocka_unit_test(a_name_is_unknown_until_the_aliases_are_told),
    cmocka_unit_test(two_names_of_the_set_are_one_attribute),
    cmocka_unit_test(aliases_keep_their_options),
    cmocka_unit_test(an_attribute_that_no_definition_has_is_told),
    cmocka_unit_test(a_range_is_not_the_whole),
    cmocka_unit_test(an_alias_can_be_ranged),
    cmocka_unit_test(the_schema_is_needed_for_oids_and_doubles_only),
    cmocka_unit_test(any_number_of_spellings_is_resolved),
};

UNIT_MAIN(tests)
