#include "mapping/ascii.h"

#include "base/buffer.h"

#include <utf8proc.h>

/* Letters and signs that Unicode does not decompose, by code point. */
static const struct {
    utf8proc_int32_t point;
    const char *text;
} replacements[] = {
    {0x00ab, "\""},  {0x00bb, "\""}, {0x00c6, "AE"}, {0x00d0, "D"},  {0x00d7, "x"},  {0x00d8, "O"},
    {0x00de, "Th"},  {0x00df, "ss"}, {0x00e6, "ae"}, {0x00f0, "d"},  {0x00f8, "o"},  {0x00fe, "th"},
    {0x0110, "D"},   {0x0111, "d"},  {0x0126, "H"},  {0x0127, "h"},  {0x0131, "i"},  {0x0138, "k"},
    {0x0141, "L"},   {0x0142, "l"},  {0x014a, "N"},  {0x014b, "n"},  {0x0152, "OE"}, {0x0153, "oe"},
    {0x0166, "T"},   {0x0167, "t"},  {0x018f, "E"},  {0x0192, "f"},  {0x0259, "e"},  {0x1e9e, "SS"},
    {0x2010, "-"},   {0x2011, "-"},  {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"},  {0x2018, "'"},
    {0x2019, "'"},   {0x201a, "'"},  {0x201b, "'"},  {0x201c, "\""}, {0x201d, "\""}, {0x201e, "\""},
    {0x2026, "..."}, {0x2032, "'"},  {0x2044, "/"},  {0x2212, "-"},
};

static const char *
find_replacement(utf8proc_int32_t point)
{
    size_t low = 0, high = sizeof replacements / sizeof replacements[0];

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (replacements[middle].point < point)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < sizeof replacements / sizeof replacements[0] && replacements[low].point == point)
        return replacements[low].text;
    return NULL;
}

enum { PARTS_MOST = 32, POINT_BYTES_MOST = 3 * PARTS_MOST };

/* Writes at most POINT_BYTES_MOST bytes; returns their number. */
static size_t
write_point(utf8proc_int32_t point, char *out)
{
    utf8proc_int32_t parts[PARTS_MOST];
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
        point, parts, PARTS_MOST, UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK,
        &boundary);
    size_t used = 0;

    if (count > PARTS_MOST)
        return 0;
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        const char *text = find_replacement(parts[i]);

        if (parts[i] < 0x80)
            out[used++] = (char)parts[i];
        for (; text && *text; text++)
            out[used++] = *text;
    }
    return used;
}

struct slice
ascii_of(struct arena *arena, struct slice text)
{
    struct buffer out = BUFFER_INIT;
    struct slice result;
    size_t at = 0;

    while (at < text.length && (unsigned char)text.data[at] < 0x80)
        at++;
    if (at == text.length)
        return text;
    buffer_add(&out, text.data, at);
    while (at < text.length) {
        utf8proc_int32_t point;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                   (utf8proc_ssize_t)(text.length - at), &point);

        at += length > 0 ? (size_t)length : 1;
        if (length > 0)
            out.length += write_point(point, buffer_reserve(&out, POINT_BYTES_MOST));
    }
    result = arena_slice(arena, (struct slice){out.data, out.length});
    buffer_free(&out);
    return result;
}
