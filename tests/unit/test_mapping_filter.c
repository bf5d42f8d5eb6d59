/* Conditions: what matches what, and which filters are none. Faults in filters and their columns
 * are in tests/refused/mapping-filters. */
#include "unit.h"

#include "model/normal.h"
#include "mapping_sample.h"

#include <stdlib.h>
#include <string.h>

static const char person[] = "dn: CN=Ana Ruiz,OU=Library Staff,DC=example,DC=edu\n"
                             "cn: Ana  Ruiz\n"
                             "cn: Ruiz, Ana\n"
                             "sn: N\xc3\xba\xc3\xb1"
                             "ez\n"
                             "mail: ARuiz@Example.edu\n"
                             "employeeType: Staff (library)\n"
                             "note: a*b\\c\n"
                             "memberOf: CN=Library Staff, OU=Groups,DC=example,DC=edu\n"
                             "memberOf: cn=Smith\\, John+uid=7,dc=example\n"
                             "memberOf: CN=M\\C3\\BCller,DC=example\n"
                             "userAccountControl: 66050\n"
                             "groupType: -2147483646\n"
                             "uidNumber: 0100\n"
                             "modifyTimestamp: 20260115120000.0Z\n"
                             "empty: \n"
                             "hello: World\n"
                             "cn;lang-fr: Anne\n"
                             "objectGUID:: kDlWPwErTU6KEQwiXneqAQ==\n"
                             "title: Prof.\xc2\xa0 \xef\xac\x81nance \xef\xbc\x91\xc2\xad"
                             "2\n"
                             "big: -00123456789012345678901234567890\n"
                             "small: 123456789012345678901234567890\n"
                             "zero: -0\n"
                             "fraction: 20260115120000.25Z\n"
                             "local: 2026011515,5+0330\n"
                             "hex: CN=#0C0141+2.5.4.3=x,DC=example\n"
                             "spaced: a   b  c\n"
                             "bits: 9223372036854775807\n";

static int
match(const char *filter)
{
    char mapping[4096];
    struct buffer got;
    int result = -1;
    int length =
        snprintf(mapping, sizeof mapping,
                 "mapping: 1\nmatch_id: primary_id\ndefine:\n  kind: ${employeeType | lower}\n"
                 "select: |-\n  %s\nuser:\n  primary_id: x\n  status: ACTIVE\n",
                 filter);

    got = sample_run((struct slice){mapping, (size_t)length}, slice_of(person));
    if (strcmp(got.data, "skipped\n") == 0)
        result = 0;
    else if (strstr(got.data, "match_id = x"))
        result = 1;
    else
        print_error("%s: %s", filter, got.data);
    buffer_free(&got);
    return result;
}

static void
expect(const char *const *filters, size_t count, int wanted)
{
    for (size_t i = 0; i < count; i++) {
        int got = match(filters[i]);

        if (got != wanted)
            print_error("%s is %d, expected %d\n", filters[i], got, wanted);
        assert_int_equal(got, wanted);
    }
}

#define EXPECT(filters, wanted) expect(filters, sizeof(filters) / sizeof *(filters), wanted)

static void
equality_ignores_case_and_blanks(void **state)
{
    static const char *const yes[] = {"(cn=ana ruiz)",
                                      "(CN=ANA RUIZ)",
                                      "(cn= Ana   Ruiz )",
                                      "(cn~=ana ruiz)",
                                      "(sn=n\xc3\x9a\xc3\x91"
                                      "EZ)",
                                      "(sn=Nu\xcc\x81n\xcc\x83"
                                      "ez)",
                                      "(mail=aruiz@example.edu)",
                                      "(employeeType=staff \\28library\\29)",
                                      "(note=a\\2ab\\5cc)",
                                      "(mail:=aruiz@example.edu)",
                                      "(mail:caseIgnoreMatch:=ARUIZ@example.edu)",
                                      "(mail:2.5.13.5:=ARuiz@Example.edu)",
                                      "(sn=N\\c3\\bA\\c3\\b1"
                                      "ez)",
                                      "(title=prof. finance 12)",
                                      "(title=PROF. FINANCE \\31\\E2\\80\\8B2)",
                                      "(spaced=A B\xc2\xa0\xe3\x80\x80"
                                      "C)",
                                      "(cn~=ANA  ruiz)",
                                      "(mail:caseIgnoreIA5Match:=aruiz@EXAMPLE.edu)",
                                      "(mail:CASEEXACTIA5MATCH:=ARuiz@Example.edu)",
                                      "(hello:booleanMatch:=world)",
                                      "(hello:objectIdentifierMatch:=WORLD)"};
    static const char *const no[] = {"(cn=ana)",
                                     "(cn=anaruiz)",
                                     "(missing=x)",
                                     "(mail=)",
                                     "(mail:caseExactMatch:=aruiz@example.edu)",
                                     "(empty=)",
                                     "(spaced=ab c)",
                                     "(title=prof.finance 12)",
                                     "(memberOf:caseIgnoreMatch:=cn=m\xc3\xbcller,dc=example)",
                                     "(hex:caseIgnoreMatch:=cn=a+2.5.4.3=x,dc=example)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
dns_compare_as_dns(void **state)
{
    static const char *const yes[] = {
        "(memberOf=cn=library staff,ou=groups,dc=EXAMPLE,dc=edu)",
        "(memberOf= CN = Library Staff , OU = Groups, DC=example,DC=edu)",
        "(memberOf=CN=Library\\5c20Staff,OU=Groups,DC=example,DC=edu)",
        "(memberOf=uid=7+CN=smith\\5c, john,DC=example)",
        "(memberOf=cn=Smith\\5c2c John+uid=7,dc=example)",
        "(memberOf=cn=m\xc3\xbcller,dc=example)",
        "(memberOf:distinguishedNameMatch:=cn=M\xc3\x9cLLER,dc=example)",
        "(dn=cn=ana ruiz,ou=library staff,dc=example,dc=edu)",
        "(dn=*,ou=library staff,dc=example,dc=edu)",
        "(hex=2.5.4.3=X+cn=a,dc=EXAMPLE)",
        "(hex=cn=\\5c41+2.5.4.3=\\23130178,dc=example)",
        "(memberOf=CN=\"smith, john\"+uid=7;dc=example)"};
    static const char *const no[] = {"(memberOf=cn=library staff,ou=groups,dc=example)",
                                     "(memberOf=cn=librarystaff,ou=groups,dc=example,dc=edu)",
                                     "(memberOf=cn=smith,john+uid=7,dc=example)",
                                     "(memberOf=library staff)",
                                     "(memberOf=ou=groups,cn=library staff,dc=example,dc=edu)",
                                     "(memberOf:distinguishedNameMatch:=dc=example)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
parts_of_the_dn_match_with_dn(void **state)
{
    static const char *const yes[] = {"(ou:dn:=LIBRARY  staff)",
                                      "(OU:DN:caseIgnoreMatch:=library staff)",
                                      "(ou:dn:caseExactMatch:=Library Staff)",
                                      "(ou;lang-en:dn:=library staff)",
                                      "(dc:dn:=edu)",
                                      "(cn:dn:=ruiz, ana)",
                                      "(cn:dn:2.5.13.2:=ana ruiz)",
                                      "(!(uid:dn:=x))"};
    static const char *const no[] = {"(ou=library staff)", "(ou:dn:=library)",
                                     "(ou:dn:caseExactMatch:=library staff)", "(dc:dn:=com)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

/* Values that are no text are compared byte for byte. */
static void
bytes_compare_as_bytes(void **state)
{
    static const char *const yes[] = {
        "(objectGUID=\\90\\39\\56\\3f\\01\\2b\\4d\\4E\\8a\\11\\0c\\22^w\\AA\\01)", "(objectGUID=*)",
        "(hello:octetStringMatch:=World)", "(note:2.5.13.17:=a\\2ab\\5cc)"};
    static const char *const no[] = {
        "(objectGUID=\\90\\39\\56\\3f\\01\\2b\\4d\\6E\\8a\\11\\0c\\22^w\\AA\\01)",
        "(objectGUID=\\90\\39)", "(hello:octetStringMatch:=world)", "(hello=World\\00)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

/* Values with and without options are values of two attributes. */
static void
options_make_another_attribute(void **state)
{
    static const char *const yes[] = {"(cn;lang-fr=anne)", "(CN;LANG-FR=*)", "(!(cn=anne))",
                                      "(!(cn;lang-de=*))", "(&(cn=ana*)(!(cn;lang-fr=ana*)))"};

    (void)state;
    EXPECT(yes, 1);
}

static void
substrings_and_presence(void **state)
{
    static const char *const yes[] = {"(cn=*)",
                                      "(cn=ana*)",
                                      "(cn=*ruiz)",
                                      "(cn=a*a*iz)",
                                      "(cn=*na ru*)",
                                      "(cn=ana *ruiz)",
                                      "(mail=*@*)",
                                      "(mail=**)",
                                      "(note=*\\2a*)",
                                      "(cn=ana*ruiz)",
                                      "(memberOf=cn=library*)",
                                      "(spaced=a b*)",
                                      "(spaced=*  C)",
                                      "(spaced=a*  b  *c)",
                                      "(spaced=a *)",
                                      "(title=*FINANCE*)",
                                      "(note=a\\2Ab*\\5cC)",
                                      "(cn=*, *)"};
    static const char *const no[] = {
        "(missing=*)",      "(cn=ruiz*ana*x)", "(cn=*z*b)",
        "(cn=ana*ana)",     "(empty=*)",       "(mail=aruiz@example.edu*aruiz@example.edu)",
        "(spaced=a*b c*c)", "(spaced=*ab*)",   "(note=a**c*b)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
text_orders_by_its_bytes(void **state)
{
    static const char *const yes[] = {"(mail>=alpha)", "(mail<=zeta)", "(mail>=ARUIZ)"};
    static const char *const no[] = {"(mail>=5)", "(mail<=5)", "(mail>=b)", "(missing>=1)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
integers_order_by_their_value(void **state)
{
    static const char *const yes[] = {"(uidNumber>=100)",
                                      "(uidNumber<=100)",
                                      "(uidNumber>=99)",
                                      "(uidNumber<=1000)",
                                      "(groupType<=-1)",
                                      "(groupType>=-2147483647)",
                                      "(uidNumber>=-5)",
                                      "(uidNumber<=99999999999999999999999)",
                                      "(uidNumber:integerMatch:=100)",
                                      "(uidNumber:2.5.13.14:=0000100)",
                                      "(big<=-123456789012345678901234567890)",
                                      "(big>=-123456789012345678901234567890)",
                                      "(big:integerMatch:=-123456789012345678901234567890)",
                                      "(big>=-123456789012345678901234567891)",
                                      "(big<=-123456789012345678901234567889)",
                                      "(big<=0)",
                                      "(big<=99)",
                                      "(small>=-123456789012345678901234567890)",
                                      "(small>=99999999999999999999999999999)",
                                      "(small<=0123456789012345678901234567890)",
                                      "(zero>=0)",
                                      "(zero<=-0)",
                                      "(zero<=00)",
                                      "(zero:integerMatch:=0)",
                                      "(zero>=-1)"};
    static const char *const no[] = {"(uidNumber>=101)",
                                     "(uidNumber<=-1)",
                                     "(big>=0)",
                                     "(big>=-123456789012345678901234567889)",
                                     "(big<=-123456789012345678901234567891)",
                                     "(big>=1)",
                                     "(small<=12345678901234567890123456789)",
                                     "(small<=-999999999999999999999999999999999)",
                                     "(zero<=-1)",
                                     "(zero>=1)",
                                     "(zero=00)",
                                     "(uidNumber=100)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
times_order_to_the_fraction(void **state)
{
    static const char *const yes[] = {"(fraction>=20260115120000.25Z)",
                                      "(fraction<=20260115120000,250000000Z)",
                                      "(fraction>=20260115120000.249Z)",
                                      "(fraction<=20260115120000.2500000001Z)",
                                      "(fraction>=202601151300+0100)",
                                      "(fraction=20260115140000.25+02)",
                                      "(local=20260115120000Z)",
                                      "(local>=20260115120000Z)",
                                      "(local<=2026011512Z)",
                                      "(local:generalizedTimeMatch:=20260115050000-0700)",
                                      "(modifyTimestamp>=20260115120000Z)",
                                      "(modifyTimestamp<=202601151300+0100)",
                                      "(modifyTimestamp>=20260115115959Z)",
                                      "(modifyTimestamp=20260115120000Z)",
                                      "(modifyTimestamp~=2026011512Z)"};
    static const char *const no[] = {"(cn>=20260115120000Z)",
                                     "(cn=20260115120000Z)",
                                     "(fraction<=20260115120000Z)",
                                     "(fraction>=20260115120000.251Z)",
                                     "(fraction<=20260115120000.2499999Z)",
                                     "(fraction=20260115120000Z)",
                                     "(local<=20260115115959.999Z)",
                                     "(local=20260115120001Z)",
                                     "(modifyTimestamp>=20260115120001Z)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
bits_are_all_or_any(void **state)
{
    static const char *const yes[] = {"(userAccountControl:1.2.840.113556.1.4.803:=2)",
                                      "(userAccountControl:1.2.840.113556.1.4.803:=65538)",
                                      "(userAccountControl:1.2.840.113556.1.4.804:=18)",
                                      "(userAccountControl:LDAP_MATCHING_RULE_BIT_AND:=512)",
                                      "(groupType:1.2.840.113556.1.4.803:=2147483648)",
                                      "(userAccountControl:1.2.840.113556.1.4.803:=0)",
                                      "(bits:1.2.840.113556.1.4.803:=9223372036854775807)",
                                      "(groupType:1.2.840.113556.1.4.804:=-2147483648)"};
    static const char *const no[] = {"(userAccountControl:1.2.840.113556.1.4.803:=3)",
                                     "(userAccountControl:1.2.840.113556.1.4.804:=5)",
                                     "(missing:1.2.840.113556.1.4.803:=0)",
                                     "(mail:1.2.840.113556.1.4.804:=1)",
                                     "(userAccountControl:1.2.840.113556.1.4.804:=0)",
                                     "(small:1.2.840.113556.1.4.804:=1)",
                                     "(bits:1.2.840.113556.1.4.803:=-1)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

static void
filters_combine(void **state)
{
    static const char *const yes[] = {"(&)",
                                      "(!(|))",
                                      "(&(cn=*)(sn=*))",
                                      "(|(missing=*)(cn=*))",
                                      "(!(missing=x))",
                                      "(& (cn=*)\n    (| (sn=a) (sn=n*) ) )",
                                      "(!(!(cn=*)))",
                                      "(define.kind=staff \\28library\\29)",
                                      "(define.kind=*library*)",
                                      "(alma.status=active)",
                                      "(today>=2026-09-01)",
                                      "(today=2026-*)"};
    static const char *const no[] = {
        "(|)",       "(!(&))",         "(&(cn=*)(missing=*))", "(|(missing=*)(x=*))",
        "(!(cn=*))", "(define.kind=x)"};

    (void)state;
    EXPECT(yes, 1);
    EXPECT(no, 0);
}

/* The quick way for plain DNs gives what the general way gives. */
static void
dn_forms_agree(void **state)
{
    static const struct {
        const char *dn, *form;
    } rows[] = {
        {"CN=a", "cn=a"},
        {" CN = a  b , O = c ", "cn=a b,o=c"},
        {"cn=,o=x", "cn=,o=x"},
        {"cn=a=b,o=x", "cn=a=b,o=x"},
        {"CN=a;O=b", "cn=a,o=b"},
        {"b=2+a=1,o=x", "a=1+b=2,o=x"},
        {"cn=\"a,b\",o=x", "cn=a\\,b,o=x"},
        {"cn=a\\,b,o=x", "cn=a\\,b,o=x"},
        {"cn=a\\2cb,o=x", "cn=a\\,b,o=x"},
        {"2.5.4.3=A", "2.5.4.3=a"},
        {"cn=#04024869", "cn=hi"},
        {"CN=#0C02C3BA,O=#0403", "cn=\xc3\xba,o=#0403"},
        {"cn=#02010A", "cn=#02010a"},
        {"cn=\\#04024869", "cn=#04024869"},
        {"CN=a\\0ADEL:1,DC=x", "cn=a del:1,dc=x"},
        {"cn=a,", NULL},
        {"cn=a+", NULL},
        {"=a", NULL},
        {"c n=a", NULL},
        {"cn=a,b", NULL},
        {"cn", NULL},
        {"", NULL},
        {",", NULL},
        {"cn=a,,o=b", NULL},
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_slice(normal_dn(arena, slice_of(rows[i].dn)), rows[i].form);
    arena_free(arena);
}

/* A comma that is escaped as itself goes the quick way, as "2c" the general one. */
static void
escaped_commas_are_the_same_both_ways(void **state)
{
    enum { ROUNDS = 20000, PIECES_MOST = 12 };
    static const char *const pieces[][2] = {{"a", "a"},   {"B", "B"},      {" ", " "},
                                            {"  ", "  "}, {"\\,", "\\2c"}, {",ou=", ",ou="},
                                            {"=", "="},   {",", ","},      {"-", "-"}};
    struct arena *arena = arena_new();
    unsigned seed = 8, formed = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct buffer quick = BUFFER_INIT, general = BUFFER_INIT;
        struct slice one, other;

        buffer_add_text(&quick, "cn=");
        buffer_add_text(&general, "cn=");
        for (int i = 0; i < PIECES_MOST; i++) {
            const char *const *piece =
                pieces[(unsigned)rand_r(&seed) % (sizeof pieces / sizeof pieces[0])];

            buffer_add_text(&quick, piece[0]);
            buffer_add_text(&general, piece[1]);
        }
        one = normal_dn(arena, (struct slice){quick.data, quick.length});
        other = normal_dn(arena, (struct slice){general.data, general.length});
        assert_int_equal(one.data == NULL, other.data == NULL);
        assert_true(slice_equal(one, other));
        formed += one.data != NULL;
        buffer_free(&quick);
        buffer_free(&general);
        arena_reset(arena);
    }
    assert_true(formed > ROUNDS / 100);
    arena_free(arena);
}

static void
deep_filters_are_bounded(void **state)
{
    enum { DEPTH = 100000 };
    struct buffer text = BUFFER_INIT, got;

    (void)state;
    buffer_add_text(&text, "mapping: 1\nmatch_id: primary_id\nuser: { primary_id: x }\nselect: '");
    for (int i = 0; i < DEPTH; i++)
        buffer_add_text(&text, "(!");
    buffer_add_text(&text, "'\n");
    got = sample_run((struct slice){text.data, text.length}, slice_of(""));
    assert_string_equal(got.data,
                        "mapping.yaml:4:138: bad filter: more than 64 filters within each "
                        "other (at character 129)\n");
    buffer_free(&text);
    buffer_free(&got);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(equality_ignores_case_and_blanks),
    cmocka_unit_test(dns_compare_as_dns),
    cmocka_unit_test(parts_of_the_dn_match_with_dn),
    cmocka_unit_test(bytes_compare_as_bytes),
    cmocka_unit_test(options_make_another_attribute),
    cmocka_unit_test(substrings_and_presence),
    cmocka_unit_test(text_orders_by_its_bytes),
    cmocka_unit_test(integers_order_by_their_value),
    cmocka_unit_test(times_order_to_the_fraction),
    cmocka_unit_test(bits_are_all_or_any),
    cmocka_unit_test(filters_combine),
    cmocka_unit_test(dn_forms_agree),
    cmocka_unit_test(escaped_commas_are_the_same_both_ways),
    cmocka_unit_test(deep_filters_are_bounded),
};

UNIT_MAIN(tests)
