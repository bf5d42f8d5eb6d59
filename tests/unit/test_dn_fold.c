#include "unit.h"

#include "model/dn_fold.h"

static void
spellings_fold_to_one(void **state)
{
    static const struct {
        const char *dn, *form;
    } rows[] = {
        {"uid=ana,ou=people,dc=example,dc=edu", "uid=ana,ou=people,dc=example,dc=edu"},
        {"UID=Ana , OU = People,dc=EXAMPLE, dc=edu ", "uid=ana,ou=people,dc=example,dc=edu"},
        {"userid=ana,2.5.4.11=people,DC=example,domainComponent=edu",
         "uid=ana,ou=people,dc=example,dc=edu"},
        {"0.9.2342.19200300.100.1.1=ana;organizationalUnitName=people", "uid=ana,ou=people"},
        {"cn=Ruiz\\, Ana,o=x", "cn=ruiz\\, ana,o=x"},
        {"cn=\"Ruiz, Ana\",o=x", "cn=ruiz\\, ana,o=x"},
        {"cn=Ruiz\\2C  Ana,o=x", "cn=ruiz\\, ana,o=x"},
        {"cn=#04095275697a2c20416e61,o=x", "cn=ruiz\\, ana,o=x"},
        {"cn=\\ Ana\\ ,o=x", "cn=ana,o=x"},
        {"ou=b+commonName=a,o=x", "cn=a+ou=b,o=x"},
        {"CN=A + OU=B,o=x", "cn=a+ou=b,o=x"},
        {"cn=N\303\272\303\261ez,o=x", "cn=n\303\272\303\261ez,o=x"},
        {"cn=N\\C3\\9A\\C3\\91ez,o=x", "cn=n\303\272\303\261ez,o=x"},
        {"cn=Nu\314\201n\314\203ez,o=x", "cn=n\303\272\303\261ez,o=x"},
        {"cn=\\23x\\\\y\\+z,o=x", "cn=#x\\\\y\\+z,o=x"},
        {"cn=,o=x", "cn=,o=x"},
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_slice(dn_fold(arena, slice_of(rows[i].dn)), rows[i].form);
    arena_free(arena);
}

/* What a lenient reader might take for another entry. */
static void
what_is_no_dn_is_refused(void **state)
{
    static const char *const rows[] = {
        "",
        " ",
        "ana",
        "=ana",
        "uid",
        "uid=ana,",
        "uid=ana,,o=x",
        "uid=ana+,o=x",
        "u d=ana",
        "uid;lang-fr=ana",
        "2.05=ana",
        "uid=a\\",
        "uid=a\\zb",
        "uid=a\"b",
        "uid=\"a",
        "uid=\"a\"b,o=x",
        "uid=\"",
        "uid=#04",
        "uid=#zz",
        "uid=#0500",
        "uid=\303",
        "uid=\\C3",
        "uid=#0401c3",
        "<GUID=0123>",
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_slice(dn_fold(arena, slice_of(rows[i])), NULL);
    assert_slice(dn_fold(arena, SLICE_NONE), NULL);
    assert_slice((dn_fold(arena, (struct slice){"uid=a\0b", 7})), NULL);
    arena_free(arena);
}

static void
types_have_one_name(void **state)
{
    (void)state;
    assert_slice(dn_fold_type(slice_of("SURNAME")), "sn");
    assert_slice(dn_fold_type(slice_of("2.5.4.3")), "cn");
    assert_slice(dn_fold_type(slice_of("eduPersonPrincipalName")), "eduPersonPrincipalName");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(spellings_fold_to_one),
    cmocka_unit_test(what_is_no_dn_is_refused),
    cmocka_unit_test(types_have_one_name),
};

UNIT_MAIN(tests)
