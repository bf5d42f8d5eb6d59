#include "directory/ldif_write.h"

#include <openssl/evp.h>

enum { COLUMNS = 76 };

/* SAFE-STRING of RFC 2849 without other controls, which a terminal obeys, and without a blank at
 * the end, which editors take away. */
static bool
is_safe(struct slice value)
{
    if (value.length == 0)
        return true;
    if (memchr(" :<", value.data[0], 3) || value.data[value.length - 1] == ' ')
        return false;
    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (c < ' ' || c >= 0x7f)
            return false;
    }
    return true;
}

/* EVP_EncodeBlock() counts in int, and wants room for a NUL. */
void
ldif_write_base64(struct buffer *out, struct slice bytes)
{
    enum { CHUNK_BYTES = 3 * 1024 * 1024 };

    for (size_t at = 0; at < bytes.length; at += CHUNK_BYTES) {
        size_t left = bytes.length - at, length = left < CHUNK_BYTES ? left : CHUNK_BYTES;
        char *digits = buffer_reserve(out, (length + 2) / 3 * 4 + 1);

        out->length += (size_t)EVP_EncodeBlock((unsigned char *)digits,
                                               (const unsigned char *)bytes.data + at, (int)length);
    }
}

/* Breaks what stands behind `start`; from its end on, so that each byte moves once. */
static void
fold(struct buffer *out, size_t start)
{
    size_t length = out->length - start;
    size_t breaks = length > COLUMNS ? (length - 2) / (COLUMNS - 1) : 0;
    char *line;

    buffer_reserve(out, 2 * breaks);
    line = out->data + start;
    out->length += 2 * breaks;
    for (size_t from; breaks > 0; breaks--, length = from) {
        from = COLUMNS + (breaks - 1) * (COLUMNS - 1);
        memmove(line + from + 2 * breaks, line + from, length - from);
        memcpy(line + from + 2 * breaks - 2, "\n ", 2);
    }
}

void
ldif_write_line(struct buffer *out, struct slice name, struct slice value)
{
    size_t start = out->length;

    buffer_add(out, name.data, name.length);
    if (value.length == 0) {
        buffer_add(out, ":", 1);
    } else if (is_safe(value)) {
        buffer_add(out, ": ", 2);
        buffer_add(out, value.data, value.length);
    } else {
        buffer_add(out, ":: ", 3);
        ldif_write_base64(out, value);
    }
    fold(out, start);
    buffer_add(out, "\n", 1);
}

static bool
is_wanted(struct slice name, const struct slice *names, size_t count)
{
    for (size_t i = 0; names && i < count; i++)
        if (slice_equal_nocase(names[i], name))
            return true;
    return !names;
}

void
ldif_write_entry(struct buffer *out, const struct whole_entry *entry, const struct slice *names,
                 size_t count)
{
    ldif_write_line(out, slice_of("dn"), whole_entry_dn(entry));
    for (size_t i = 0; i < whole_entry_count(entry); i++) {
        struct slice name = whole_entry_name(entry, i);
        struct entry_values values = whole_entry_values(entry, i);

        if (!is_wanted(name, names, count))
            continue;
        for (size_t j = 0; j < values.count; j++)
            ldif_write_line(out, name, values.values[j]);
    }
    buffer_add(out, "\n", 1);
}
