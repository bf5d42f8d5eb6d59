#include "unit.h"

#include "model/rdn.h"

static struct whole_entry *
entry_of(const char *dn, const char *name, const char *value)
{
    struct whole_entry *entry = whole_entry_new(slice_of(dn));

    whole_entry_add(entry, slice_of(name), slice_of(value));
    return entry;
}

static void
expect(const struct whole_entry *entry, const char *name, size_t count, const char *last)
{
    struct entry_values values = whole_entry_find(entry, slice_of(name));

    assert_int_equal(values.count, count);
    if (count > 0)
        assert_slice(values.values[count - 1], last);
}

static void
values_come_and_go(void **state)
{
    struct whole_entry *entry = entry_of("cn=Ruiz\\, Ana+uid=7,o=x", "cn", "Ana");

    (void)state;
    assert_slice(rdn_find_missing(entry), "uid");
    rdn_add_values(entry);
    expect(entry, "cn", 2, "Ruiz, Ana");
    expect(entry, "uid", 1, "7");
    expect(entry, "o", 0, NULL);
    assert_slice(rdn_find_missing(entry), NULL);
    rdn_remove_values(entry);
    expect(entry, "cn", 1, "Ana");
    expect(entry, "uid", 0, NULL);
    whole_entry_free(entry);
}

/* The entry spells it in its own way. */
static void
values_match_as_directories_match(void **state)
{
    struct whole_entry *entry = entry_of("CN=ana  RUIZ", "commonName", "Ana Ruiz");

    (void)state;
    assert_slice(rdn_find_missing(entry), NULL);
    rdn_add_values(entry);
    expect(entry, "cn", 0, NULL);
    expect(entry, "commonName", 1, "Ana Ruiz");
    rdn_remove_values(entry);
    assert_int_equal(whole_entry_count(entry), 0);
    rdn_add_values(entry);
    expect(entry, "CN", 1, "ana  RUIZ");
    whole_entry_set_dn(entry, slice_of("2.5.4.4=Ruiz"));
    rdn_add_values(entry);
    expect(entry, "sn", 1, "Ruiz");
    whole_entry_free(entry);
}

/* Where the very same bytes are there, they are what goes. */
static void
the_same_bytes_go_first(void **state)
{
    struct whole_entry *entry = entry_of("cn=ana", "cn", "Ana");

    (void)state;
    whole_entry_add(entry, slice_of("cn"), slice_of("ana"));
    rdn_remove_values(entry);
    expect(entry, "cn", 1, "Ana");
    whole_entry_free(entry);
}

static void
parents_are_what_is_behind(void **state)
{
    (void)state;
    assert_slice(rdn_parent(slice_of("cn=a\\,b+uid=c , OU=x,o=y")), "OU=x,o=y");
    assert_slice(rdn_parent(slice_of("cn=a")), "");
    assert_true(rdn_is_one(slice_of("cn=a\\,b + uid=c")));
    assert_false(rdn_is_one(slice_of("cn=a,o=b")));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_come_and_go),
    cmocka_unit_test(values_match_as_directories_match),
    cmocka_unit_test(the_same_bytes_go_first),
    cmocka_unit_test(parents_are_what_is_behind),
};

UNIT_MAIN(tests)
