#include "unit.h"

#include "base/buffer.h"
#include "directory/ldap_group_bases.h"

/* The bases for these searches, with '|' between them. */
static void
check(const char *const *searches, const struct ldap_root *root, const char *base,
      const char *expected)
{
    struct ldap_search items[4];
    struct ldap_options options = {.searches = items, .groups.base = base};
    struct arena *arena = arena_new();
    struct ldap_group_bases bases;
    struct buffer text = BUFFER_INIT;

    for (; searches[options.search_count]; options.search_count++)
        items[options.search_count] = (struct ldap_search){.base = searches[options.search_count]};
    bases = ldap_group_bases_find(&options, root, arena);
    for (size_t i = 0; i < bases.count; i++)
        buffer_format(&text, "%s%s", i ? "|" : "", bases.items[i]);
    buffer_add(&text, "", 1);
    assert_string_equal(text.data, expected);
    buffer_free(&text);
    arena_free(arena);
}

#define SEARCHES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct ldap_root silent = {.readable = false};
static const struct ldap_root two = {
    .readable = true,
    .contexts = "dc=example,dc=edu\0ou=alumni,dc=example,dc=edu\0o=Other\0",
};
static const struct ldap_root domain = {
    .readable = true,
    .default_context = "DC=example,DC=edu",
    .contexts = "DC=example,DC=edu\0CN=Configuration,DC=example,DC=edu\0",
};

static void
groups_are_in_the_naming_context_of_the_people(void **state)
{
    (void)state;
    check(SEARCHES("ou=people,dc=example,dc=edu"), &two, NULL, "dc=example,dc=edu");
    check(SEARCHES("OU=People, DC=Example, DC=edu", "dc=example,dc=edu"), &two, NULL,
          "dc=example,dc=edu");
    check(SEARCHES("ou=law,ou=alumni,dc=example,dc=edu", "ou=people,o=other"), &two, NULL,
          "ou=alumni,dc=example,dc=edu|o=Other");
    check(SEARCHES("ou=graduates,ou=old-alumni,dc=example,dc=edu"), &two, NULL,
          "dc=example,dc=edu");
}

static void
what_the_server_does_not_tell_is_guessed(void **state)
{
    (void)state;
    check(SEARCHES("ou=people,dc=example,dc=edu"), &silent, NULL, "dc=example,dc=edu");
    check(SEARCHES("uid=a,ou=people,o=Example"), &silent, NULL, "o=example");
    check(SEARCHES("ou=a\\,dc=x,dc=example,dc=edu", "dc=edu"), &silent, NULL,
          "dc=example,dc=edu|dc=edu");
    check(SEARCHES("ou=people,o=else"), &domain, NULL, "o=else");
}

static void
no_name_is_the_servers_own_domain(void **state)
{
    (void)state;
    check(SEARCHES("<GUID=8f8f8f8f>"), &domain, NULL, "DC=example,DC=edu");
    check(SEARCHES("<GUID=8f8f8f8f>"), &two, NULL, "<GUID=8f8f8f8f>");
    check(SEARCHES(""), &domain, NULL, "");
}

static void
freeipa_has_a_tree_of_its_own(void **state)
{
    (void)state;
    check(SEARCHES("cn=users,cn=accounts,dc=example,dc=edu"), &two, NULL,
          "cn=accounts,dc=example,dc=edu");
    check(SEARCHES("cn=accounts,dc=example,dc=edu"), &two, NULL, "cn=accounts,dc=example,dc=edu");
    check(SEARCHES("cn=users,cn=accounts,dc=example,dc=edu"), &silent, NULL,
          "cn=accounts,dc=example,dc=edu");
    check(SEARCHES("cn=users,xcn=accounts,dc=example,dc=edu"), &two, NULL, "dc=example,dc=edu");
}

static void
the_settings_come_first(void **state)
{
    const struct ldap_options plain = {0}, own = {.groups.filter = "(cn=*)"};

    (void)state;
    check(SEARCHES("ou=people,dc=example,dc=edu", "o=other"), &two, "ou=groups,o=x",
          "ou=groups,o=x");
    assert_string_equal(ldap_groups_filter(&own), "(cn=*)");
    assert_non_null(strstr(ldap_groups_filter(&plain), "(objectClass=posixGroup)"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(groups_are_in_the_naming_context_of_the_people),
    cmocka_unit_test(what_the_server_does_not_tell_is_guessed),
    cmocka_unit_test(no_name_is_the_servers_own_domain),
    cmocka_unit_test(freeipa_has_a_tree_of_its_own),
    cmocka_unit_test(the_settings_come_first),
};

UNIT_MAIN(tests)
