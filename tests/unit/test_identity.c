/* Who an entry is: the id that its directory gave it, as bytes and as text. */
#include "unit.h"

#include "run/identity.h"

#include <string.h>

struct given {
    const char *attribute;
    struct slice value;
};

static const struct given uuid = {"entryUUID", {"3f2504e0-4f89-41d3-9a0c-0305e82c3301", 36}};
static const struct given guid = {
    "objectGUID", {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16}};
static const struct given unique = {"nsUniqueId", {"66446001-1dd211b2-66225011-2ee211db", 35}};

/* The text of the key of an entry with these attributes, in the arena. */
static const char *
text_of(const struct given *given, size_t count, const char *dn, struct arena *arena)
{
    struct attributes *attributes = attributes_new();
    struct identity_slots slots = identity_add_attributes(attributes);
    struct entry_values values[8];
    struct entry entry = {.attributes = attributes, .dn = slice_of(dn), .slots = values};
    const char *text;

    memset(values, 0, sizeof values);
    for (size_t i = 0; i < count; i++) {
        struct entry_values *of =
            &values[attributes_find(attributes, slice_of(given[i].attribute))];

        of->values = &given[i].value;
        of->count = 1;
    }
    text = identity_text(identity_key(&slots, &entry, arena), arena);
    attributes_free(attributes);
    return text;
}

static void
ids_are_shown_as_their_directory_does(void **state)
{
    const struct given all[] = {unique, guid, uuid}, by_389[] = {uuid, unique};
    const struct given odd = {"entryUUID", {"Staff 7", 7}};
    struct arena *arena = arena_new();

    (void)state;
    assert_string_equal(text_of(&uuid, 1, "uid=a", arena),
                        "entryUUID 3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    assert_string_equal(text_of(&guid, 1, "uid=a", arena),
                        "objectGUID 04030201-0605-0807-090a-0b0c0d0e0f10");
    assert_string_equal(text_of(&unique, 1, "uid=a", arena),
                        "nsUniqueId 66446001-1dd211b2-66225011-2ee211db");
    assert_string_equal(text_of(all, 3, "uid=a", arena),
                        "objectGUID 04030201-0605-0807-090a-0b0c0d0e0f10");
    /* The one by which 389 Directory Server tells of changes. */
    assert_string_equal(text_of(by_389, 2, "uid=a", arena),
                        "nsUniqueId 66446001-1dd211b2-66225011-2ee211db");
    assert_string_equal(text_of(&odd, 1, "uid=a", arena), "staff 7");
    assert_string_equal(text_of(NULL, 0, "UID=Ana, DC=Example", arena), "uid=ana, dc=example");
    arena_free(arena);
}

/* What the server writes in another way is the same id; another kind of id is another one. */
static void
the_same_id_has_the_same_key(void **state)
{
    const struct given upper = {"entryUUID", {"3F2504E0-4F89-41D3-9A0C-0305E82C3301", 36}};
    const struct given elsewhere = {"nsUniqueId", uuid.value};
    struct arena *arena = arena_new();

    (void)state;
    assert_string_equal(text_of(&upper, 1, "uid=a", arena), text_of(&uuid, 1, "uid=b", arena));
    assert_string_not_equal(text_of(&elsewhere, 1, "uid=a", arena),
                            text_of(&uuid, 1, "uid=a", arena));
    assert_true(slice_equal(identity_key_of_dn(slice_of("UID=A,dc=Example"), arena),
                            identity_key_of_dn(slice_of("uid=a,DC=example"), arena)));
    arena_free(arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ids_are_shown_as_their_directory_does),
    cmocka_unit_test(the_same_id_has_the_same_key),
};

UNIT_MAIN(tests)
