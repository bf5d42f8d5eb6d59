#include "mapping/transform.h"

#include "base/text.h"
#include "model/dn.h"

#include <inttypes.h>

enum { GUID_BYTES = 16, GUID_TEXT_BYTES = 36, SID_PARTS_MOST = 15 };

/* Eight, four, four, four and twelve hexadecimal digits: a UUID as OpenLDAP's entryUUID has it. */
static bool
is_guid_text(struct slice value)
{
    if (value.length != GUID_TEXT_BYTES)
        return false;
    for (size_t i = 0; i < value.length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? value.data[i] != '-' : !memchr("0123456789abcdefABCDEF", value.data[i], 22))
            return false;
    }
    return true;
}

/* The first three numbers of a GUID are stored with their lowest byte first (MS-DTYP 2.3.4.2). */
struct slice
transform_guid(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    static const int order[GUID_BYTES] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    static const char digits[] = "0123456789abcdef";
    char *out, *end;

    (void)step;
    if (is_guid_text(value))
        return text_lower(evaluation->arena, value);
    if (value.length != GUID_BYTES) {
        evaluate_unreadable(evaluation, value, "not the 16 bytes of a GUID");
        return SLICE_NONE;
    }
    out = end = arena_bytes(evaluation->arena, GUID_TEXT_BYTES);
    for (size_t i = 0; i < GUID_BYTES; i++) {
        unsigned char byte = (unsigned char)value.data[order[i]];

        if (i == 4 || i == 6 || i == 8 || i == 10)
            *end++ = '-';
        *end++ = digits[byte >> 4];
        *end++ = digits[byte & 15];
    }
    return (struct slice){out, GUID_TEXT_BYTES};
}

static bool
is_sid_text(struct slice value)
{
    static const char start[] = "S-1-";
    size_t at = sizeof start - 1;

    if (value.length <= at || memcmp(value.data, start, at) != 0)
        return false;
    while (at < value.length && memchr("0123456789-", value.data[at], 11))
        at++;
    return at == value.length;
}

/* Revision, number of parts, six bytes of authority (highest first), and parts of four bytes
 * (lowest first): MS-DTYP 2.4.2.2; as text in 2.4.2.1. */
struct slice
transform_sid(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    const unsigned char *bytes = (const unsigned char *)value.data;
    uint64_t authority = 0;
    char *text;

    (void)step;
    if (is_sid_text(value))
        return value;
    if (value.length < 8 || bytes[0] != 1 || bytes[1] > SID_PARTS_MOST ||
        value.length != 8 + 4 * (size_t)bytes[1]) {
        evaluate_unreadable(evaluation, value, "not the bytes of a SID");
        return SLICE_NONE;
    }
    for (size_t i = 2; i < 8; i++)
        authority = authority << 8 | bytes[i];
    text = arena_format(evaluation->arena, "S-1-%" PRIu64, authority);
    for (size_t i = 0; i < bytes[1]; i++) {
        const unsigned char *at = bytes + 8 + 4 * i;
        uint32_t part =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;

        text = arena_format(evaluation->arena, "%s-%" PRIu32, text, part);
    }
    return slice_of(text);
}

struct slice
transform_rdn(struct evaluation *evaluation, const struct step *step, struct slice value)
{
    struct dn_reader reader = {value, 0};
    struct dn_part part;
    enum dn_result result;

    while ((result = dn_next(&reader, &part)) == DN_PART) {
        if (step->argument_count > 0 && !slice_equal_nocase(part.type, step->arguments[0].text))
            continue;
        return text_clean(evaluation->arena, dn_unescape(evaluation->arena, part.value), NULL);
    }
    if (result == DN_MALFORMED)
        evaluate_unreadable(evaluation, value, "not a DN, such as CN=Ana Ruiz,DC=example,DC=edu");
    return SLICE_NONE;
}
