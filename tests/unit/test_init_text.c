/* What init writes can be read again: YAML scalars, LDIF values; masks show nothing; tallies count;
 * secrets are known as such.
 */
#include "unit.h"

#include "base/yaml.h"
#include "run/init_facts.h"
#include "run/init_tally.h"
#include "run/init_text.h"

static struct slice
text(const char *value)
{
    return slice_of(value);
}

static void
check_quoted(struct arena *arena, struct slice value)
{
    struct faults *faults = faults_new();
    const char *yaml = arena_format(arena, "plain: %s\nlist: [%s, last]\n",
                                    init_quote(arena, value), init_quote_item(arena, value));
    const struct yaml_node *node = yaml_parse(arena, "test", slice_of(yaml), faults);

    assert_int_equal(faults_count(faults), 0);
    assert_true(slice_equal(yaml_get(node, "plain")->text, value));
    assert_int_equal(yaml_get(node, "list")->count, 2);
    assert_true(slice_equal(yaml_get(node, "list")->items[0]->text, value));
    faults_free(faults);
}

static void
test_scalars_read_as_they_were(void **state)
{
    static const char *const values[] = {
        "plain",
        "ou=people,dc=example,dc=edu",
        "O'Brien",
        "a: b",
        "a #b",
        "# a",
        "- a",
        "12:30",
        "a:",
        "true",
        "null",
        "~",
        "",
        " a",
        "a ",
        "{a}",
        "[a]",
        "a, b",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "(&(a=b)(!(c=d)))",
        "/etc/x y",
        "Zo\u00eb",
        "\u0130",
        "a\\b",
        "\"a\"",
        "+49 89 1",
        "?",
        "|",
        ">",
        "line\nline",
        "tab\tbell\a",
        "next\xc2\x85line",
        "separate\u2028base: x",
        "paragraph\u2029, \"quoted\" \\",
        "hidden\u202e\u200b\ufeff",
        "control\xc2\x81\x7f",
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        check_quoted(arena, text(values[i]));
    assert_string_equal(init_quote(arena, text("cn=a,dc=b")), "cn=a,dc=b");
    assert_string_equal(init_quote_item(arena, text("cn=a,dc=b")), "'cn=a,dc=b'");
    arena_free(arena);
}

static void
check_line(struct slice value, const char *expected)
{
    struct buffer out = BUFFER_INIT;

    init_ldif_line(&out, "  ", "sn", value);
    buffer_add(&out, "", 1);
    assert_string_equal(out.data, expected);
    buffer_free(&out);
}

static void
test_values_of_ldif(void **state)
{
    (void)state;
    check_line(text("Ruiz"), "  sn: Ruiz\n");
    check_line(text("N\u00fa\u00f1ez"), "  sn: N\u00fa\u00f1ez\n");
    check_line(text(" Ruiz"), "  sn:: IFJ1aXo=\n");
    check_line(text("Ruiz "), "  sn:: UnVpeiA=\n");
    check_line(text(":a"), "  sn:: OmE=\n");
    check_line(text("a\r\nb"), "  sn:: YQ0KYg==\n");
    check_line(text("a\xff"), "  sn:: Yf8=\n");
    check_line(text("a\u2028b"), "  sn:: YeKAqGI=\n");
    check_line((struct slice){"\0\1\2", 3}, "  sn:: AAEC\n");
    check_line(text(""), "  sn:: \n");
}

static void
check_dn(const char *dn, const char *expected)
{
    struct arena *arena = arena_new();

    assert_string_equal(init_dn(arena, text(dn)), expected);
    arena_free(arena);
}

static void
test_dns_in_one_line(void **state)
{
    (void)state;
    check_dn("ou=Zo\u00eb\\, \\\\,dc=edu", "ou=Zo\u00eb\\, \\\\,dc=edu");
    check_dn("ou=a\nb\x7f,dc=edu", "ou=a\\0Ab\\7F,dc=edu");
    check_dn("ou=a\\\nb,dc=edu", "ou=a\\0Ab,dc=edu");
    check_dn("ou=a\\\\\nb,dc=edu", "ou=a\\\\\\0Ab,dc=edu");
    check_dn("ou=a\u2028b\u2029,dc=edu", "ou=a\\E2\\80\\A8b\\E2\\80\\A9,dc=edu");
    check_dn("ou=\xc3\xab\xff,dc=edu", "ou=\\C3\\AB\\FF,dc=edu");
}

static void
test_masks_show_nothing(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    assert_string_equal(init_mask(arena, text("Ana-Mar\u00eda 42")), "Xxx-Xxxxx 99");
    assert_string_equal(init_mask(arena, text("a.b@c.edu")), "x.x@x.xxx");
    assert_string_equal(init_mask(arena, text("a\nb")), "x x");
    assert_string_equal(init_mask(arena, text("\xff\xfe")), "(2 bytes)");
    assert_string_equal(init_mask(arena, text("")), "");
    assert_string_equal(init_mask(arena, text("0123456789012345678901234567890123456789x")),
                        "9999999999999999999999999999999999999999\u2026");
    arena_free(arena);
}

static void
check_parent(const char *dn, const char *expected)
{
    assert_true(slice_equal(init_parent(slice_of(dn)), slice_of(expected)));
}

static void
test_secrets_are_never_read(void **state)
{
    static const char *const secrets[] = {
        "userPassword",   "ms-Mcs-AdmPwd",      "krbPrincipalKey", "oathSecret",
        "sasLoginSecret", "krbPwdHistory",      "ipatokenOTPkey",  "shadowPasswd",
        "privateKeyBlob", "securityPassphrase", "sn;lang-ja",      "jpegPhoto",
    };

    (void)state;
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        assert_true(init_is_never_read(secrets[i]));
    assert_false(init_is_never_read("uid"));
}

static void
test_parents(void **state)
{
    (void)state;
    check_parent("uid=a,ou=b,dc=c", "ou=b,dc=c");
    check_parent("cn=Ruiz\\, Ana, ou=b", "ou=b");
    check_parent("cn=a\\\\,ou=b", "ou=b");
    check_parent("cn=a\\", "");
    check_parent("dc=c", "");
    check_parent("", "");
}

static void
test_numbers(void **state)
{
    struct arena *arena = arena_new();

    (void)state;
    assert_string_equal(init_number(arena, 0), "0");
    assert_string_equal(init_number(arena, 999), "999");
    assert_string_equal(init_number(arena, 1000), "1,000");
    assert_string_equal(init_number(arena, 1000012), "1,000,012");
    arena_free(arena);
}

static void
test_tallies(void **state)
{
    enum { TEXTS = 500 };
    struct arena *arena = arena_new();
    struct init_tally *tally = init_tally_new(arena);
    const struct init_count *rows;
    size_t count;

    (void)state;
    for (size_t i = 0; i < TEXTS; i++)
        assert_int_equal(init_tally_add(tally, slice_of(arena_format(arena, "Text %zu", i)), 1), i);
    assert_int_equal(init_tally_add(tally, text("TEXT 7"), 3), 7);
    assert_int_equal(init_tally_add(tally, text("tEXT 3"), 3), 3);
    assert_int_equal(init_tally_find(tally, text("text 7"))->count, 4);
    assert_null(init_tally_find(tally, text("text 500")));
    rows = init_tally_sorted(tally, &count);
    assert_int_equal(count, TEXTS);
    assert_true(slice_equal(rows[0].text, text("Text 3")));
    assert_true(slice_equal(rows[1].text, text("Text 7")));
    assert_true(slice_equal(rows[2].text, text("Text 0")));
    init_tally_free(tally);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars_read_as_they_were),
        cmocka_unit_test(test_values_of_ldif),
        cmocka_unit_test(test_dns_in_one_line),
        cmocka_unit_test(test_masks_show_nothing),
        cmocka_unit_test(test_secrets_are_never_read),
        cmocka_unit_test(test_parents),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_tallies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
