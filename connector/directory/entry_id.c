#include "directory/entry_id.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

enum { BARS_MOST = 4 };

/* How ids are written: before which bytes a '-' stands (RFC 4530; 389's own form), ended by 0. */
static const struct {
    const char *attribute;
    unsigned char bars[BARS_MOST + 1];
} forms[] = {
    [DIRECTORY_ENTRY_UUID] = {"entryUUID", {4, 6, 8, 10, 0}},
    [DIRECTORY_OBJECT_GUID] = {"objectGUID", {0}},
    [DIRECTORY_NS_UNIQUE_ID] = {"nsUniqueId", {4, 8, 12, 0}},
};

const char *
entry_id_attribute(enum directory_id_kind kind)
{
    return forms[kind].attribute;
}

/* Bars may stand where they like: what counts are the 32 digits. */
static bool
parse_digits(struct slice value, struct directory_id *id)
{
    size_t digits = 0;

    for (size_t i = 0; i < value.length; i++) {
        int number = hex_digit(value.data[i]);

        if (value.data[i] == '-')
            continue;
        if (number < 0 || digits == sizeof id->bytes * 2)
            return false;
        id->bytes[digits / 2] = (unsigned char)(id->bytes[digits / 2] << 4 | number);
        digits++;
    }
    return digits == sizeof id->bytes * 2;
}

bool
entry_id_parse(enum directory_id_kind kind, struct slice value, struct directory_id *ret_id)
{
    *ret_id = (struct directory_id){.kind = kind};
    if (kind != DIRECTORY_OBJECT_GUID)
        return parse_digits(value, ret_id);
    if (value.length != sizeof ret_id->bytes)
        return false;
    memcpy(ret_id->bytes, value.data, sizeof ret_id->bytes);
    return true;
}

void
entry_id_add_filter(struct buffer *filter, const struct directory_id *id)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bar = forms[id->kind].bars;
    char text[DIRECTORY_ID_BYTES * 3 + BARS_MOST], *at = text;

    for (size_t i = 0; i < DIRECTORY_ID_BYTES; i++) {
        if (id->kind == DIRECTORY_OBJECT_GUID)
            *at++ = '\\';
        if (*bar > 0 && i == *bar) {
            *at++ = '-';
            bar++;
        }
        *at++ = digits[id->bytes[i] >> 4];
        *at++ = digits[id->bytes[i] & 0xf];
    }
    buffer_add_text(filter, "(");
    buffer_add_text(filter, forms[id->kind].attribute);
    buffer_add_text(filter, "=");
    buffer_add(filter, text, (size_t)(at - text));
    buffer_add_text(filter, ")");
}

int
entry_id_compare(const void *a, const void *b)
{
    const struct directory_id *one = a, *other = b;

    if (one->kind != other->kind)
        return one->kind < other->kind ? -1 : 1;
    return memcmp(one->bytes, other->bytes, sizeof one->bytes);
}
