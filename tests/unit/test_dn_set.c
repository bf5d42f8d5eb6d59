#include "unit.h"

#include "directory/dn_set.h"

static void
a_name_is_new_once(void **state)
{
    struct dn_set *set = dn_set_new();

    (void)state;
    assert_true(dn_set_add(set, slice_of("uid=a,dc=example,dc=edu")));
    assert_true(dn_set_add(set, slice_of("uid=A,dc=example,dc=edu")));
    assert_true(dn_set_add(set, slice_of("")));
    assert_false(dn_set_add(set, slice_of("uid=a,dc=example,dc=edu")));
    assert_false(dn_set_add(set, slice_of("")));
    dn_set_clear(set);
    assert_true(dn_set_add(set, slice_of("uid=a,dc=example,dc=edu")));
    dn_set_free(set);
}

static void
many_names_are_told_apart(void **state)
{
    enum { COUNT = 20000 };
    struct dn_set *set = dn_set_new();
    char dn[64];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < COUNT; i++) {
            snprintf(dn, sizeof dn, "uid=u%06d,ou=people,dc=example,dc=edu", i);
            assert_int_equal(dn_set_add(set, slice_of(dn)), round == 0);
        }
    dn_set_free(set);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_name_is_new_once),
    cmocka_unit_test(many_names_are_told_apart),
};

UNIT_MAIN(tests)
