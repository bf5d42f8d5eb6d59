#include "unit.h"

#include "base/buffer.h"
#include "directory/ldap_entry.h"

#include <stdlib.h>
#include <string.h>

/* Encodes with the shortest length, or with a given number of length octets. */
static void
put(struct buffer *out, int tag, struct slice content, int octets)
{
    char head[16] = {(char)tag};
    size_t used = 1;

    if (octets == 0 && content.length >= 0x80)
        octets = content.length > 0xffff ? 3 : content.length > 0xff ? 2 : 1;
    if (octets == 0) {
        head[used++] = (char)content.length;
    } else {
        head[used++] = (char)(0x80 | octets);
        for (int i = octets - 1; i >= 0; i--)
            head[used++] = (char)(i < 8 ? content.length >> (8 * i) : 0);
    }
    buffer_add(out, head, used);
    buffer_add(out, content.data, content.length);
}

static struct slice
whole(const struct buffer *buffer)
{
    return (struct slice){buffer->data ? buffer->data : "", buffer->length};
}

static void
put_attribute(struct buffer *out, const char *name, const char *const *values, int octets)
{
    struct buffer set = BUFFER_INIT, attribute = BUFFER_INIT;

    for (; *values; values++)
        put(&set, 0x04, slice_of(*values), octets);
    put(&attribute, 0x04, slice_of(name), octets);
    put(&attribute, 0x31, whole(&set), octets);
    put(out, 0x30, whole(&attribute), octets);
    buffer_free(&set);
    buffer_free(&attribute);
}

#define ATTRIBUTE(out, name, ...)                                                                  \
    put_attribute((out), (name), (const char *const[]){__VA_ARGS__, NULL}, 0)

struct fixture {
    struct attributes *attributes;
    struct names *names;
    struct ldap_decoder *decoder;
    struct buffer list;
    struct entry entry;
    struct slice name;
};

static struct fixture
begin(const char *const *set)
{
    struct fixture fixture = {.attributes = attributes_new(), .list = BUFFER_INIT};

    for (; *set; set++)
        attributes_add(fixture.attributes, slice_of(*set));
    fixture.names = names_new(fixture.attributes);
    fixture.decoder = ldap_decoder_new(fixture.names);
    return fixture;
}

#define BEGIN(...) begin((const char *const[]){__VA_ARGS__, NULL})

static void
end(struct fixture *fixture)
{
    ldap_decoder_free(fixture->decoder);
    names_free(fixture->names);
    attributes_free(fixture->attributes);
    buffer_free(&fixture->list);
}

/* The list is copied to memory of its exact size, so that a sanitizer sees each byte beyond. */
static enum ldap_decoded
decode_bytes(struct fixture *fixture, const char *bytes, size_t length, char **ret_copy)
{
    char *copy = malloc(length ? length : 1);

    if (length)
        memcpy(copy, bytes, length);
    *ret_copy = copy;
    return ldap_entry_decode(fixture->decoder, (struct slice){copy, length}, &fixture->entry,
                             &fixture->name);
}

static enum ldap_decoded
decode(struct fixture *fixture)
{
    return ldap_entry_decode(fixture->decoder, whole(&fixture->list), &fixture->entry,
                             &fixture->name);
}

static void
values_are_filed_by_slot(void **state)
{
    struct fixture fixture = BEGIN("mail", "cn", "title");

    (void)state;
    ATTRIBUTE(&fixture.list, "CN", "Ana Ruiz");
    ATTRIBUTE(&fixture.list, "mail", "a@example.edu", "b@example.edu", "");
    names_seal(fixture.names);
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, 3);
    assert_slice(fixture.entry.slots[0].values[1], "b@example.edu");
    assert_non_null(fixture.entry.slots[0].values[2].data);
    assert_int_equal(fixture.entry.slots[0].values[2].length, 0);
    assert_int_equal(fixture.entry.slots[1].count, 1);
    assert_slice(fixture.entry.slots[1].values[0], "Ana Ruiz");
    assert_int_equal(fixture.entry.slots[2].count, 0);
    end(&fixture);
}

static void
an_entry_without_attributes_is_one(void **state)
{
    struct fixture fixture = BEGIN("mail");

    (void)state;
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, 0);
    put_attribute(&fixture.list, "mail", (const char *const[]){NULL}, 0);
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, 0);
    end(&fixture);
}

static void
many_and_large_values_are_read(void **state)
{
    enum { MANY = 10000, LARGE = 1024 * 1024 };
    struct fixture fixture = BEGIN("mail", "photo");
    struct buffer set = BUFFER_INIT, attribute = BUFFER_INIT;
    char *large = malloc(LARGE), value[32];

    (void)state;
    memset(large, 0, LARGE);
    for (int i = 0; i < MANY; i++) {
        snprintf(value, sizeof value, "m%d@example.edu", i);
        put(&set, 0x04, slice_of(value), 0);
    }
    put(&attribute, 0x04, slice_of("mail"), 0);
    put(&attribute, 0x31, whole(&set), 0);
    put(&fixture.list, 0x30, whole(&attribute), 0);
    set.length = attribute.length = 0;
    put(&set, 0x04, (struct slice){large, LARGE}, 0);
    put(&attribute, 0x04, slice_of("photo"), 0);
    put(&attribute, 0x31, whole(&set), 0);
    put(&fixture.list, 0x30, whole(&attribute), 0);
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, MANY);
    assert_slice(fixture.entry.slots[0].values[0], "m0@example.edu");
    assert_slice(fixture.entry.slots[0].values[MANY - 1], "m9999@example.edu");
    assert_int_equal(fixture.entry.slots[1].values[0].length, LARGE);
    free(large);
    buffer_free(&set);
    buffer_free(&attribute);
    end(&fixture);
}

static void
an_attribute_listed_twice_has_all_its_values(void **state)
{
    struct fixture fixture = BEGIN("mail", "cn");

    (void)state;
    ATTRIBUTE(&fixture.list, "mail", "one", "two");
    ATTRIBUTE(&fixture.list, "cn", "name");
    ATTRIBUTE(&fixture.list, "Mail", "three");
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, 3);
    assert_slice(fixture.entry.slots[0].values[0], "one");
    assert_slice(fixture.entry.slots[0].values[2], "three");
    assert_slice(fixture.entry.slots[1].values[0], "name");
    end(&fixture);
}

static void
an_alias_stops_until_it_is_known(void **state)
{
    const struct slice same[] = {slice_of("2.5.4.4"), slice_of("sn"), slice_of("surname")};
    struct fixture fixture = BEGIN("surname", "2.5.4.4");

    (void)state;
    ATTRIBUTE(&fixture.list, "sn", "Ruiz");
    assert_int_equal(decode(&fixture), LDAP_DECODED_UNKNOWN);
    assert_slice(fixture.name, "sn");
    names_alias(fixture.names, same, 3);
    names_seal(fixture.names);
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, 1);
    assert_slice(fixture.entry.slots[0].values[0], "Ruiz");
    assert_slice(fixture.entry.slots[1].values[0], "Ruiz");
    end(&fixture);
}

static void
an_own_answer_goes_before_an_aliases(void **state)
{
    const struct slice same[] = {slice_of("sn"), slice_of("surname")};
    struct fixture fixture = BEGIN("surname", "sn");

    (void)state;
    names_alias(fixture.names, same, 2);
    names_seal(fixture.names);
    ATTRIBUTE(&fixture.list, "sn", "Ruiz");
    ATTRIBUTE(&fixture.list, "surname", "Ruiz", "Ruiz-Gil");
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_int_equal(fixture.entry.slots[0].count, 2);
    assert_int_equal(fixture.entry.slots[1].count, 1);
    end(&fixture);
}

static void
a_range_is_not_the_whole(void **state)
{
    const struct slice all[] = {slice_of("cn=a"), slice_of("cn=b")};
    const struct entry_values values = {all, 2};
    struct fixture fixture = BEGIN("cn", "member");

    (void)state;
    put_attribute(&fixture.list, "member", (const char *const[]){NULL}, 0);
    ATTRIBUTE(&fixture.list, "member;range=0-0", "cn=a");
    ATTRIBUTE(&fixture.list, "cn", "group");
    assert_int_equal(decode(&fixture), LDAP_DECODED_RANGED);
    assert_slice(fixture.name, "member;range=0-0");
    ldap_decoder_complete(fixture.decoder, fixture.name, &values);
    assert_int_equal(decode(&fixture), LDAP_DECODED);
    assert_slice(fixture.entry.slots[0].values[0], "group");
    assert_int_equal(fixture.entry.slots[1].count, 2);
    assert_slice(fixture.entry.slots[1].values[1], "cn=b");
    ldap_decoder_forget(fixture.decoder);
    assert_int_equal(decode(&fixture), LDAP_DECODED_RANGED);
    end(&fixture);
}

static void
lengths_need_not_be_the_shortest(void **state)
{
    struct fixture fixture = BEGIN("mail");

    (void)state;
    for (int octets = 1; octets <= 8; octets++) {
        fixture.list.length = 0;
        put_attribute(&fixture.list, "mail", (const char *const[]){"a", "bc", NULL}, octets);
        assert_int_equal(decode(&fixture), LDAP_DECODED);
        assert_slice(fixture.entry.slots[0].values[1], "bc");
    }
    fixture.list.length = 0;
    put_attribute(&fixture.list, "mail", (const char *const[]){"a", NULL}, 9);
    assert_int_equal(decode(&fixture), LDAP_DECODED_BAD);
    end(&fixture);
}

static void
a_cut_list_is_bad(void **state)
{
    struct fixture fixture = BEGIN("mail", "cn");
    size_t first;

    (void)state;
    ATTRIBUTE(&fixture.list, "mail", "a@example.edu", "b@example.edu");
    first = fixture.list.length;
    put_attribute(&fixture.list, "cn", (const char *const[]){"Ana Ruiz", "Ruiz", NULL}, 2);
    for (size_t length = 1; length < fixture.list.length; length++) {
        char *copy;
        enum ldap_decoded decoded = decode_bytes(&fixture, fixture.list.data, length, &copy);

        assert_int_equal(decoded, length == first ? LDAP_DECODED : LDAP_DECODED_BAD);
        free(copy);
    }
    end(&fixture);
}

static void
hostile_encodings_are_bad(void **state)
{
    static const struct slice cases[] = {
        {"\x30", 1},
        {"\x31\x00", 2}, /* not a SEQUENCE */
        {"\x30\x00", 2}, /* no type */
        {"\x30\x80\x04\x02"
         "cn"
         "\x31\x00\x00\x00",
         10},                            /* indefinite length */
        {"\x30\x84\xff\xff\xff\xff", 6}, /* longer than the rest */
        {"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10},
        {"\x30\x88\x80", 3},
        {"\x30\xff", 2},
        {"\x30\x04\x04\x02"
         "cn",
         6}, /* no values */
        {"\x30\x06\x04\x7f"
         "cn"
         "\x31\x00",
         8}, /* type beyond its SEQUENCE */
        {"\x30\x06\x04\x02"
         "cn"
         "\x31\x7f",
         8}, /* values beyond it */
        {"\x30\x08\x04\x02"
         "cn"
         "\x31\x02\x04\x7f",
         10}, /* a value beyond its SET */
        {"\x30\x08\x04\x02"
         "cn"
         "\x31\x02\x02\x00",
         10}, /* a value that is no string */
        {"\x30\x08\x04\x02"
         "cn"
         "\x31\x00\x31\x00",
         10}, /* something behind the SET */
        {"\x30\x06\x04\x02"
         "cn"
         "\x30\x00",
         8}, /* values that are no SET */
    };
    struct fixture fixture = BEGIN("cn");

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy;

        assert_int_equal(decode_bytes(&fixture, cases[i].data, cases[i].length, &copy),
                         LDAP_DECODED_BAD);
        free(copy);
    }
    end(&fixture);
}

static void
garbage_never_reads_beyond_its_end(void **state)
{
    enum { ROUNDS = 200000, LENGTH = 48 };
    struct fixture fixture = BEGIN("cn", "mail");
    unsigned long random = 1;
    size_t good = 0;

    (void)state;
    ATTRIBUTE(&fixture.list, "cn", "Ana", "Ruiz");
    ATTRIBUTE(&fixture.list, "mail", "a@example.edu");
    for (int i = 0; i < ROUNDS; i++) {
        char bytes[LENGTH], *copy;

        memcpy(bytes, fixture.list.data, fixture.list.length);
        for (int change = 0; change < 2; change++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes[(random >> 33) % fixture.list.length] = (char)(random >> 56);
        }
        good += decode_bytes(&fixture, bytes, fixture.list.length, &copy) == LDAP_DECODED;
        free(copy);
    }
    assert_in_range(good, 1, ROUNDS - 1);
    end(&fixture);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_are_filed_by_slot),
    cmocka_unit_test(an_entry_without_attributes_is_one),
    cmocka_unit_test(many_and_large_values_are_read),
    cmocka_unit_test(an_attribute_listed_twice_has_all_its_values),
    cmocka_unit_test(an_alias_stops_until_it_is_known),
    cmocka_unit_test(an_own_answer_goes_before_an_aliases),
    cmocka_unit_test(a_range_is_not_the_whole),
    cmocka_unit_test(lengths_need_not_be_the_shortest),
    cmocka_unit_test(a_cut_list_is_bad),
    cmocka_unit_test(hostile_encodings_are_bad),
    cmocka_unit_test(garbage_never_reads_beyond_its_end),
};

UNIT_MAIN(tests)
