#include "directory/ldap_entry.h"

#include "base/arena.h"
#include "directory/tlv.h"
#include "directory/value_range.h"

#include <stdlib.h>

/* All values of an attribute of which the entry has a range only. */
struct whole {
    struct slice description;
    struct entry_values values;
};

struct ldap_decoder {
    struct names *names;
    struct entry_values *slots;
    size_t *firsts; /* of each slot: where its values begin; pointers only when all are there */
    size_t slot_count;
    struct slice *values;
    size_t value_count, value_capacity;
    struct whole *wholes;
    size_t whole_count, whole_capacity;
};

struct ldap_decoder *
ldap_decoder_new(struct names *names)
{
    struct ldap_decoder *decoder = memory_zero(1, sizeof *decoder);

    decoder->names = names;
    return decoder;
}

void
ldap_decoder_free(struct ldap_decoder *decoder)
{
    if (!decoder)
        return;
    free(decoder->slots);
    free(decoder->firsts);
    free(decoder->values);
    free(decoder->wholes);
    free(decoder);
}

void
ldap_decoder_complete(struct ldap_decoder *decoder, struct slice description,
                      const struct entry_values *values)
{
    memory_grow(&decoder->wholes, &decoder->whole_capacity, decoder->whole_count + 1,
                sizeof *decoder->wholes);
    decoder->wholes[decoder->whole_count++] = (struct whole){description, *values};
}

void
ldap_decoder_forget(struct ldap_decoder *decoder)
{
    decoder->whole_count = 0;
}

static void
begin(struct ldap_decoder *decoder)
{
    size_t count = names_slot_count(decoder->names);

    names_begin(decoder->names);
    if (count > decoder->slot_count) {
        decoder->slots = memory_resize(decoder->slots, count * sizeof *decoder->slots);
        decoder->firsts = memory_resize(decoder->firsts, count * sizeof *decoder->firsts);
        decoder->slot_count = count;
    }
    if (count > 0)
        memset(decoder->slots, 0, count * sizeof *decoder->slots);
    decoder->value_count = 0;
}

static void
add_value(struct ldap_decoder *decoder, struct slice value)
{
    if (decoder->value_count == decoder->value_capacity)
        memory_grow(&decoder->values, &decoder->value_capacity, decoder->value_count + 1,
                    sizeof *decoder->values);
    decoder->values[decoder->value_count++] = value;
}

/* A server that lists an attribute twice breaks the rule, but means all of the values. */
static void
move_values_to_end(struct ldap_decoder *decoder, int slot)
{
    size_t first = decoder->firsts[slot];

    decoder->firsts[slot] = decoder->value_count;
    for (size_t i = 0; i < decoder->slots[slot].count; i++)
        add_value(decoder, decoder->values[first + i]);
}

static bool
take_values(struct ldap_decoder *decoder, int slot, struct slice set)
{
    struct slice value;

    if (decoder->slots[slot].count > 0)
        move_values_to_end(decoder, slot);
    else
        decoder->firsts[slot] = decoder->value_count;
    while (set.length > 0) {
        if (!tlv_take(&set, TLV_OCTETS, &value))
            return false;
        add_value(decoder, value);
        decoder->slots[slot].count++;
    }
    return true;
}

/* In place of a range, whatever else came of the attribute. */
static enum ldap_decoded
take_whole(struct ldap_decoder *decoder, struct slice description)
{
    for (size_t i = 0; i < decoder->whole_count; i++) {
        const struct whole *whole = &decoder->wholes[i];
        char plain[VALUE_RANGE_PLAIN_BYTES];
        struct value_range range;
        int slot;

        if (!slice_equal(whole->description, description) || !value_range_find(description, &range))
            continue;
        slot = names_slot(decoder->names, value_range_plain(&range, plain));
        if (slot < 0)
            return LDAP_DECODED_BAD;
        decoder->firsts[slot] = decoder->value_count;
        decoder->slots[slot].count = whole->values.count;
        for (size_t v = 0; v < whole->values.count; v++)
            add_value(decoder, whole->values.values[v]);
        return LDAP_DECODED;
    }
    return LDAP_DECODED_RANGED;
}

static enum ldap_decoded
take_attribute(struct ldap_decoder *decoder, struct slice attribute, struct slice *ret_name)
{
    struct slice name, set;
    int slot;

    if (!tlv_take(&attribute, TLV_OCTETS, &name) || !tlv_take(&attribute, TLV_SET, &set) ||
        attribute.length > 0)
        return LDAP_DECODED_BAD;
    slot = names_slot(decoder->names, name);
    if (slot >= 0)
        return take_values(decoder, slot, set) ? LDAP_DECODED : LDAP_DECODED_BAD;
    if (slot == NAME_IGNORED)
        return LDAP_DECODED;
    *ret_name = name;
    return slot == NAME_UNKNOWN ? LDAP_DECODED_UNKNOWN : take_whole(decoder, name);
}

static void
share_values(struct ldap_decoder *decoder, struct name_group group)
{
    struct entry_values shared = {NULL, 0};

    for (size_t i = 0; i < group.count && shared.count == 0; i++)
        shared = decoder->slots[group.slots[i]];
    for (size_t i = 0; i < group.count; i++)
        if (decoder->slots[group.slots[i]].count == 0)
            decoder->slots[group.slots[i]] = shared;
}

static void
finish(struct ldap_decoder *decoder, struct entry *ret_entry)
{
    size_t count = names_slot_count(decoder->names);

    for (size_t i = 0; i < count; i++)
        if (decoder->slots[i].count > 0)
            decoder->slots[i].values = decoder->values + decoder->firsts[i];
    for (size_t i = 0; i < names_group_count(decoder->names); i++)
        share_values(decoder, names_group(decoder->names, i));
    ret_entry->attributes = names_attributes(decoder->names);
    ret_entry->slots = decoder->slots;
}

enum ldap_decoded
ldap_entry_decode(struct ldap_decoder *decoder, struct slice list, struct entry *ret_entry,
                  struct slice *ret_name)
{
    begin(decoder);
    while (list.length > 0) {
        struct slice attribute;
        enum ldap_decoded decoded;

        if (!tlv_take(&list, TLV_SEQUENCE, &attribute))
            return LDAP_DECODED_BAD;
        decoded = take_attribute(decoder, attribute, ret_name);
        if (decoded != LDAP_DECODED)
            return decoded;
    }
    finish(decoder, ret_entry);
    return LDAP_DECODED;
}
