#include "unit.h"

#include "base/buffer.h"
#include "model/whole_entry.h"

static struct slice
text(const char *text)
{
    return slice_of(text);
}

/* "cn=a;b mail=c", in the order in which the entry has them. */
static void
expect(const struct whole_entry *entry, const char *expected)
{
    struct buffer out = BUFFER_INIT;

    for (size_t i = 0; i < whole_entry_count(entry); i++) {
        struct entry_values values = whole_entry_values(entry, i);

        buffer_format(&out, "%s%.*s=", i ? " " : "", SLICE_ARG(whole_entry_name(entry, i)));
        for (size_t j = 0; j < values.count; j++)
            buffer_format(&out, "%s%.*s", j ? ";" : "", SLICE_ARG(values.values[j]));
    }
    assert_slice(((struct slice){out.data ? out.data : "", out.length}), expected);
    buffer_free(&out);
}

static struct whole_entry *
sample(void)
{
    struct whole_entry *entry = whole_entry_new(text("cn=a,o=b"));

    assert_true(whole_entry_add(entry, text("cn"), text("a")));
    assert_true(whole_entry_add(entry, text("mail"), text("m1")));
    assert_true(whole_entry_add(entry, text("cn;lang-fr"), text("f")));
    assert_true(whole_entry_add(entry, text("MAIL"), text("m2")));
    assert_true(whole_entry_add(entry, text("mail"), text("m3")));
    return entry;
}

static void
attributes_are_told_apart_without_case(void **state)
{
    struct whole_entry *entry = sample();

    (void)state;
    expect(entry, "cn=a mail=m1;m2;m3 cn;lang-fr=f");
    assert_false(whole_entry_add(entry, text("Mail"), text("m2")));
    assert_true(whole_entry_add(entry, text("Mail"), text("M2")));
    assert_int_equal(whole_entry_find(entry, text("mAIL")).count, 4);
    assert_int_equal(whole_entry_find(entry, text("cn;lang-de")).count, 0);
    assert_slice(whole_entry_dn(entry), "cn=a,o=b");
    whole_entry_set_dn(entry, text("cn=c"));
    assert_slice(whole_entry_dn(entry), "cn=c");
    whole_entry_free(entry);
    whole_entry_free(NULL);
}

static void
values_and_attributes_go(void **state)
{
    struct whole_entry *entry = sample();

    (void)state;
    assert_true(whole_entry_remove(entry, text("mail"), text("m2")));
    assert_false(whole_entry_remove(entry, text("mail"), text("m2")));
    expect(entry, "cn=a mail=m1;m3 cn;lang-fr=f");
    assert_true(whole_entry_remove(entry, text("CN"), text("a")));
    assert_false(whole_entry_remove(entry, text("cn"), text("a")));
    expect(entry, "mail=m1;m3 cn;lang-fr=f");
    assert_true(whole_entry_remove(entry, text("mail"), SLICE_NONE));
    assert_false(whole_entry_remove(entry, text("mail"), SLICE_NONE));
    expect(entry, "cn;lang-fr=f");
    assert_true(whole_entry_remove(entry, text("cn;lang-fr"), SLICE_NONE));
    expect(entry, "");
    assert_int_equal(whole_entry_size(entry), strlen("cn=a,o=b"));
    whole_entry_free(entry);
}

static void
values_are_bytes(void **state)
{
    struct whole_entry *entry = whole_entry_new(text("cn=a"));
    struct slice one = {"a\0b", 3}, other = {"a\0c", 3};

    (void)state;
    assert_true(whole_entry_add(entry, text("x"), one));
    assert_true(whole_entry_add(entry, text("x"), other));
    assert_false(whole_entry_add(entry, text("x"), one));
    assert_true(whole_entry_add(entry, text("x"), text("")));
    assert_false(whole_entry_add(entry, text("x"), SLICE_NONE));
    assert_int_equal(whole_entry_size(entry), strlen("cn=a") + 1 + 6);
    assert_true(whole_entry_remove(entry, text("x"), text("")));
    assert_true(whole_entry_remove(entry, text("x"), other));
    assert_true(slice_equal(whole_entry_find(entry, text("x")).values[0], one));
    whole_entry_free(entry);
}

/* Numbers from 0 on, of which none is there twice, whatever was taken away between. */
static void
many_values_are_told_apart(void **state)
{
    enum { VALUES = 3000, EACH = 7 };
    struct whole_entry *entry = whole_entry_new(text("cn=a"));
    char number[16];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < VALUES; i++) {
            snprintf(number, sizeof number, "%d", i);
            assert_int_equal(whole_entry_add(entry, text("x"), text(number)),
                             round == 0 || i % EACH == 0);
            if (round == 0 && i % EACH == 0)
                assert_true(whole_entry_remove(entry, text("x"), text(number)));
        }
    assert_int_equal(whole_entry_find(entry, text("x")).count, VALUES);
    assert_slice(whole_entry_find(entry, text("x")).values[0], "1");
    whole_entry_free(entry);
}

static void
copies_are_equal_in_any_order(void **state)
{
    struct whole_entry *entry = sample(), *copy = whole_entry_copy(entry);

    (void)state;
    expect(copy, "cn=a mail=m1;m2;m3 cn;lang-fr=f");
    assert_true(whole_entry_equal(entry, copy));
    whole_entry_remove(copy, text("mail"), text("m1"));
    assert_false(whole_entry_equal(entry, copy));
    assert_false(whole_entry_equal(copy, entry));
    whole_entry_add(copy, text("mail"), text("m4"));
    assert_false(whole_entry_equal(entry, copy));
    whole_entry_remove(copy, text("Mail"), SLICE_NONE);
    whole_entry_add(copy, text("Mail"), text("m3"));
    whole_entry_add(copy, text("Mail"), text("m2"));
    whole_entry_add(copy, text("Mail"), text("m1"));
    assert_true(whole_entry_equal(entry, copy));
    whole_entry_set_dn(copy, text("cn=A,o=b"));
    assert_false(whole_entry_equal(entry, copy));
    whole_entry_free(entry);
    whole_entry_free(copy);
}

static void
a_mapping_sees_what_it_asks_for(void **state)
{
    struct whole_entry *entry = sample();
    struct attributes *attributes = attributes_new();
    struct arena *arena = arena_new();
    int mail = attributes_add(attributes, text("Mail")),
        sn = attributes_add(attributes, text("sn"));
    struct entry view = whole_entry_view(entry, attributes, arena);

    (void)state;
    assert_slice(view.dn, "cn=a,o=b");
    assert_ptr_equal(view.attributes, attributes);
    assert_int_equal(view.slots[mail].count, 3);
    assert_slice(view.slots[mail].values[2], "m3");
    assert_int_equal(view.slots[sn].count, 0);
    arena_free(arena);
    attributes_free(attributes);
    whole_entry_free(entry);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(attributes_are_told_apart_without_case),
    cmocka_unit_test(values_and_attributes_go),
    cmocka_unit_test(values_are_bytes),
    cmocka_unit_test(many_values_are_told_apart),
    cmocka_unit_test(copies_are_equal_in_any_order),
    cmocka_unit_test(a_mapping_sees_what_it_asks_for),
};

UNIT_MAIN(tests)
