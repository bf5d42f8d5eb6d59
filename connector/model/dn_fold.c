#include "model/dn_fold.h"

#include "base/buffer.h"
#include "base/hex.h"
#include "base/text.h"
#include "model/attributes.h"
#include "model/dn.h"
#include "model/normal.h"

/* RFC 4519, RFC 4524, RFC 2798: what entries are named by, and its other names. */
static const struct {
    const char *name, *other;
} types[] = {
    {"cn", "commonName"},
    {"cn", "2.5.4.3"},
    {"uid", "userid"},
    {"uid", "0.9.2342.19200300.100.1.1"},
    {"ou", "organizationalUnitName"},
    {"ou", "2.5.4.11"},
    {"dc", "domainComponent"},
    {"dc", "0.9.2342.19200300.100.1.25"},
    {"o", "organizationName"},
    {"o", "2.5.4.10"},
    {"c", "countryName"},
    {"c", "2.5.4.6"},
    {"l", "localityName"},
    {"l", "2.5.4.7"},
    {"st", "stateOrProvinceName"},
    {"st", "2.5.4.8"},
    {"street", "streetAddress"},
    {"street", "2.5.4.9"},
    {"sn", "surname"},
    {"sn", "2.5.4.4"},
    {"givenName", "gn"},
    {"givenName", "2.5.4.42"},
    {"serialNumber", "2.5.4.5"},
    {"title", "2.5.4.12"},
    {"x500UniqueIdentifier", "2.5.4.45"},
    {"mail", "rfc822Mailbox"},
    {"mail", "0.9.2342.19200300.100.1.3"},
    {"employeeNumber", "2.16.840.1.113730.3.1.3"},
};

struct slice
dn_fold_type(struct slice type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (slice_equal_nocase(type, slice_of(types[i].other)))
            return slice_of(types[i].name);
    return type;
}

static bool
is_type(struct slice type)
{
    return attributes_is_description(type) && !memchr(type.data, ';', type.length);
}

/* What may stand behind a backslash, which two digits may, too (RFC 4514 section 3). */
static bool
is_escape(struct slice value, size_t at)
{
    return hex_pair(value, at) >= 0 ||
           (at < value.length && memchr(" \"#+,;<=>\\", value.data[at], 10));
}

/* Quotes are RFC 1779's, and stand around the whole value. */
static bool
is_value(struct slice value)
{
    bool quoted = value.length > 0 && value.data[0] == '"', ended = !quoted;

    for (size_t at = quoted; at < value.length; at++) {
        char c = value.data[at];

        if (c == '\0' || (c == '\\' && !is_escape(value, at + 1)))
            return false;
        if (c == '"' && (!quoted || at + 1 < value.length))
            return false;
        ended |= c == '"';
        at += c == '\\';
    }
    return ended;
}

static bool
is_part(struct arena *arena, const struct dn_part *part)
{
    struct slice value = part->value, plain;

    if (!is_type(part->type) || !is_value(value))
        return false;
    if (value.length == 0 || (value.data[0] != '#' && !memchr(value.data, '\\', value.length)))
        return true;
    plain = dn_unescape(arena, value);
    if (value.data[0] == '#' && plain.data == value.data)
        return false;
    return text_is_utf8(plain);
}

/* The DN with each type by the name that stands for it; itself where it is so. */
static struct slice
name_types(struct arena *arena, struct slice dn)
{
    struct buffer out = BUFFER_INIT;
    struct dn_reader reader = {dn, 0};
    struct dn_part part;
    enum dn_result result;
    bool is_other = false;

    while ((result = dn_next(&reader, &part)) == DN_PART) {
        struct slice type = dn_fold_type(part.type);

        if (!is_part(arena, &part))
            break;
        is_other |= type.data != part.type.data;
        buffer_add(&out, type.data, type.length);
        buffer_add(&out, "=", 1);
        buffer_add(&out, part.value.data, part.value.length);
        buffer_add(&out, part.joined ? "+" : ",", 1);
    }
    if (result != DN_END)
        dn = SLICE_NONE;
    else if (is_other)
        dn = arena_slice(arena, (struct slice){out.data, out.length - 1});
    buffer_free(&out);
    return dn;
}

struct slice
dn_fold(struct arena *arena, struct slice dn)
{
    if (!text_is_utf8(dn))
        return SLICE_NONE;
    dn = name_types(arena, dn);
    return dn.data ? normal_dn(arena, dn) : SLICE_NONE;
}
