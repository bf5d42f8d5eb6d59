#include "run/identity.h"

#include "base/text.h"
#include "directory/entry_id.h"

#include <stdio.h>
#include <string.h>

enum { ID_BYTES = DIRECTORY_ID_BYTES };

/* The kinds of keys. They never change: state keeps them. */
enum { KEY_ENTRY_UUID = 'E', KEY_OBJECT_GUID = 'G', KEY_NS_UNIQUE_ID = 'N', KEY_DN = 'D' };

struct identity_slots
identity_add_attributes(struct attributes *attributes)
{
    return (struct identity_slots){
        .entry_uuid = attributes_add(attributes, slice_of("entryUUID")),
        .object_guid = attributes_add(attributes, slice_of("objectGUID")),
        .ns_unique_id = attributes_add(attributes, slice_of("nsUniqueId")),
    };
}

static struct slice
make_key(struct arena *arena, char kind, struct slice id)
{
    char *key = arena_bytes(arena, id.length + 1);

    key[0] = kind;
    memcpy(key + 1, id.data, id.length);
    return (struct slice){key, id.length + 1};
}

/* The key of a single value of the attribute; SLICE_NONE where the entry has none or several. */
static struct slice
key_of_text(const struct entry *entry, int slot, char kind, struct arena *arena)
{
    const struct entry_values *values = &entry->slots[slot];
    struct directory_id id;

    if (values->count != 1 || values->values[0].length == 0)
        return SLICE_NONE;
    /* nsUniqueId is written with other bars, which do not count. */
    if (entry_id_parse(DIRECTORY_ENTRY_UUID, values->values[0], &id))
        return make_key(arena, kind, (struct slice){(const char *)id.bytes, ID_BYTES});
    return make_key(arena, kind, text_fold(arena, text_clean(arena, values->values[0], NULL)));
}

struct slice
identity_key_of_dn(struct slice dn, struct arena *arena)
{
    return make_key(arena, KEY_DN, text_fold(arena, text_clean(arena, dn, NULL)));
}

struct slice
identity_key(const struct identity_slots *slots, const struct entry *entry, struct arena *arena)
{
    const struct entry_values *guid = &entry->slots[slots->object_guid];
    struct slice key;

    if (guid->count == 1 && guid->values[0].length == ID_BYTES)
        return make_key(arena, KEY_OBJECT_GUID, guid->values[0]);
    key = key_of_text(entry, slots->ns_unique_id, KEY_NS_UNIQUE_ID, arena);
    if (!key.data)
        key = key_of_text(entry, slots->entry_uuid, KEY_ENTRY_UUID, arena);
    return key.data ? key : identity_key_of_dn(entry->dn, arena);
}

static const char id_kinds[] = {
    [DIRECTORY_ENTRY_UUID] = KEY_ENTRY_UUID,
    [DIRECTORY_OBJECT_GUID] = KEY_OBJECT_GUID,
    [DIRECTORY_NS_UNIQUE_ID] = KEY_NS_UNIQUE_ID,
};

bool
identity_id(struct slice key, struct directory_id *ret_id)
{
    for (size_t i = 0; key.length == ID_BYTES + 1 && i < sizeof id_kinds; i++) {
        if (key.data[0] != id_kinds[i])
            continue;
        ret_id->kind = (enum directory_id_kind)i;
        memcpy(ret_id->bytes, key.data + 1, ID_BYTES);
        return true;
    }
    return false;
}

struct slice
identity_key_of_id(const struct directory_id *id, struct arena *arena)
{
    return make_key(arena, id_kinds[id->kind],
                    (struct slice){(const char *)id->bytes, sizeof id->bytes});
}

bool
identity_is_dn(struct slice key)
{
    return key.length > 0 && key.data[0] == KEY_DN;
}

/* The order in which each kind's text shows the id's bytes, and where a hyphen stands before. */
static const struct {
    char kind;
    const char *name;
    unsigned char order[ID_BYTES];
    unsigned hyphens; /* bit i: before byte i */
} kinds[] = {
    {KEY_ENTRY_UUID,
     "entryUUID",
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
     1 << 4 | 1 << 6 | 1 << 8 | 1 << 10},
    /* Windows writes the first three parts of a GUID in the other byte order (MS-DTYP 2.3.4). */
    {KEY_OBJECT_GUID,
     "objectGUID",
     {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15},
     1 << 4 | 1 << 6 | 1 << 8 | 1 << 10},
    {KEY_NS_UNIQUE_ID,
     "nsUniqueId",
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
     1 << 4 | 1 << 8 | 1 << 12},
};

const char *
identity_text(struct slice key, struct arena *arena)
{
    char text[3 * ID_BYTES] = "";
    size_t length = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (key.length != ID_BYTES + 1 || key.data[0] != kinds[i].kind)
            continue;
        for (size_t j = 0; j < ID_BYTES; j++) {
            if (kinds[i].hyphens >> j & 1)
                text[length++] = '-';
            length += (size_t)snprintf(text + length, 3, "%02x",
                                       (unsigned char)key.data[1 + kinds[i].order[j]]);
        }
        return arena_format(arena, "%s %s", kinds[i].name, text);
    }
    return arena_format(arena, "%.*s", (int)key.length - 1, key.data + 1);
}

bool
identity_is_named(struct slice key, struct slice folded, struct arena *arena)
{
    struct slice text = text_fold(arena, slice_of(identity_text(key, arena)));
    const char *blank = identity_is_dn(key) ? NULL : memchr(text.data, ' ', text.length);
    size_t name = blank ? (size_t)(blank - text.data) + 1 : 0;

    return slice_equal(text, folded) ||
           slice_equal((struct slice){text.data + name, text.length - name}, folded);
}
