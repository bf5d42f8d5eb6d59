/* tlv: elements of BER, taken one by one from bytes that are not trusted (X.690 as RFC 4511 section
 * 5.1 restricts it). Nothing is copied: contents are slices of the bytes. */
#ifndef DIRECTORY_TLV_H
#define DIRECTORY_TLV_H

#include "base/slice.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    TLV_BOOLEAN = 0x01,
    TLV_INTEGER = 0x02,
    TLV_OCTETS = 0x04,
    TLV_ENUMERATED = 0x0a,
    TLV_SEQUENCE = 0x30,
    TLV_SET = 0x31
};

static inline bool
tlv_is_next(struct slice rest, unsigned char tag)
{
    return rest.length > 0 && (unsigned char)rest.data[0] == tag;
}

/* Takes one element with this tag from the front of `rest`. Lengths are definite in LDAP, but need
 * not be in their shortest form. */
static inline bool
tlv_take(struct slice *rest, unsigned char tag, struct slice *ret_content)
{
    const unsigned char *at = (const unsigned char *)rest->data;
    size_t left = rest->length, length;

    if (left < 2 || at[0] != tag)
        return false;
    length = at[1];
    at += 2;
    left -= 2;
    if (length & 0x80) {
        size_t octets = length & 0x7f;

        if (octets == 0 || octets > sizeof length || octets > left)
            return false;
        left -= octets;
        for (length = 0; octets > 0; octets--)
            length = length << 8 | *at++;
    }
    if (length > left)
        return false;
    *ret_content = (struct slice){(const char *)at, length};
    *rest = (struct slice){(const char *)at + length, left - length};
    return true;
}

/* An INTEGER or ENUMERATED of at most 32 bits. */
static inline bool
tlv_take_number(struct slice *rest, unsigned char tag, int32_t *ret_number)
{
    struct slice content;
    uint32_t number;

    if (!tlv_take(rest, tag, &content) || content.length == 0 || content.length > 4)
        return false;
    number = (unsigned char)content.data[0] & 0x80 ? UINT32_MAX : 0;
    for (size_t i = 0; i < content.length; i++)
        number = number << 8 | (unsigned char)content.data[i];
    *ret_number = (int32_t)number;
    return true;
}

/* A BOOLEAN that may be left out and is then `otherwise`. */
static inline bool
tlv_take_flag(struct slice *rest, bool otherwise, bool *ret_flag)
{
    struct slice content;

    *ret_flag = otherwise;
    if (!tlv_is_next(*rest, TLV_BOOLEAN))
        return true;
    if (!tlv_take(rest, TLV_BOOLEAN, &content) || content.length != 1)
        return false;
    *ret_flag = content.data[0] != 0;
    return true;
}

#endif
