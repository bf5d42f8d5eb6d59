#include "run/push_id.h"

#include "base/text.h"
#include "directory/entry_id.h"
#include "run/identity.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* In the order in which run/identity.h looks for them. */
static const enum directory_id_kind kinds[PUSH_ID_KINDS] = {
    DIRECTORY_OBJECT_GUID, DIRECTORY_NS_UNIQUE_ID, DIRECTORY_ENTRY_UUID};

bool
push_id_of(const struct whole_entry *entry, struct arena *arena, struct slice *ret_id,
           struct error *err)
{
    *ret_id = SLICE_NONE;
    for (size_t i = 0; i < PUSH_ID_KINDS; i++) {
        const char *name = entry_id_attribute(kinds[i]);
        struct entry_values values = whole_entry_find(entry, slice_of(name));
        struct directory_id id;

        if (values.count == 1 && entry_id_parse(kinds[i], values.values[0], &id)) {
            *ret_id = identity_key_of_id(&id, arena);
            return true;
        }
        if (values.count > 1 && kinds[i] != DIRECTORY_OBJECT_GUID)
            return error_set(err, ERROR_DATA, "it has %zu values of '%s', which is to be one id",
                             values.count, name);
        if (values.count == 1 && kinds[i] != DIRECTORY_OBJECT_GUID)
            return error_set(err, ERROR_DATA, "its '%s' is no id", name);
    }
    return true;
}

bool
push_id_draw(struct arena *arena, struct slice *ret_id, struct error *err)
{
    struct directory_id id = {.kind = DIRECTORY_ENTRY_UUID};

    if (getrandom(id.bytes, sizeof id.bytes, 0) != (ssize_t)sizeof id.bytes)
        return error_set(err, ERROR_INTERNAL, "cannot draw a number: %s", strerror(errno));
    id.bytes[6] = (unsigned char)(0x40 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (unsigned char)(0x80 | (id.bytes[8] & 0x3f));
    *ret_id = identity_key_of_id(&id, arena);
    return true;
}

struct slice
push_id_attribute(struct slice id)
{
    struct directory_id parts;

    return identity_id(id, &parts) ? slice_of(entry_id_attribute(parts.kind)) : SLICE_NONE;
}

struct slice
push_id_value(struct slice id, struct arena *arena)
{
    struct directory_id parts;
    const char *text;

    if (!identity_id(id, &parts))
        return SLICE_NONE;
    if (parts.kind == DIRECTORY_OBJECT_GUID)
        return arena_slice(arena, (struct slice){id.data + 1, id.length - 1});
    text = identity_text(id, arena);
    return slice_of(strchr(text, ' ') + 1);
}

/* How Windows writes a GUID its first three parts stand the other way round (MS-DTYP 2.3.4). */
static void
turn_guid(unsigned char bytes[DIRECTORY_ID_BYTES])
{
    static const unsigned char order[] = {3, 2, 1, 0, 5, 4, 7, 6};
    unsigned char turned[sizeof order];

    for (size_t i = 0; i < sizeof order; i++)
        turned[i] = bytes[order[i]];
    memcpy(bytes, turned, sizeof turned);
}

size_t
push_id_parse(const char *text, struct arena *arena, struct slice ret_ids[PUSH_ID_KINDS])
{
    struct slice folded = text_fold(arena, text_clean(arena, slice_of(text), NULL));
    const char *blank = strrchr(text, ' ');
    struct slice digits = slice_of(blank ? blank + 1 : text);
    size_t count = 0;

    for (size_t i = 0; i < PUSH_ID_KINDS; i++) {
        struct directory_id id;
        struct slice key;

        if (!entry_id_parse(DIRECTORY_ENTRY_UUID, digits, &id))
            continue;
        id.kind = kinds[i];
        if (id.kind == DIRECTORY_OBJECT_GUID)
            turn_guid(id.bytes);
        key = identity_key_of_id(&id, arena);
        if (identity_is_named(key, folded, arena))
            ret_ids[count++] = key;
    }
    return count;
}
