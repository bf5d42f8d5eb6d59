#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Ranges in which every character is NFC by itself and never joins the one before it: text made of
 * these alone is NFC (Unicode Annex 15, quick check). A test holds them against utf8proc. */
static const struct {
    utf8proc_int32_t first, last;
} always_nfc[] = {
    {0x00000, 0x002ff}, {0x00388, 0x003ff}, {0x00400, 0x00482}, {0x0048a, 0x0052f},
    {0x00531, 0x0058f}, {0x005d0, 0x005ea}, {0x00620, 0x0064a}, {0x00660, 0x0066f},
    {0x00904, 0x00939}, {0x00e01, 0x00e37}, {0x010d0, 0x010ff}, {0x01e00, 0x01e9f},
    {0x01ea0, 0x01eff}, {0x02010, 0x02027}, {0x03041, 0x03096}, {0x030a1, 0x030fa},
    {0x030fb, 0x030fe}, {0x03400, 0x04dbf}, {0x04e00, 0x09fff}, {0x0ac00, 0x0d7a3},
    {0x0fffd, 0x0fffd}, {0x20000, 0x2a6df},
};

static bool
is_always_nfc(utf8proc_int32_t point)
{
    size_t low = 0, high = sizeof always_nfc / sizeof always_nfc[0];

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (point > always_nfc[middle].last)
            low = middle + 1;
        else if (point < always_nfc[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

/* XML 1.0 production [2] Char, without the controls that it merely discourages: a terminal obeys
 * them. U+0085 is a line break. Surrogates cannot come out of a UTF-8 decoder. */
static bool
is_allowed(utf8proc_int32_t point)
{
    if (point < 0x20)
        return point == '\t' || point == '\n' || point == '\r';
    if (point >= 0x7f && point <= 0x9f)
        return point == 0x85;
    return point != 0xfffe && point != 0xffff;
}

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* How many bytes at the beginning are between `low` and 0x7e: eight at a time, then one by one.
 * In a word a byte below `low` borrows into its top bit, and one from 0x7f on carries into it; a
 * neighbor's borrow can only make us look at the word byte by byte. */
static size_t
count_ordinary(struct slice text, unsigned char low)
{
    size_t at = 0;

    for (uint64_t word; at + sizeof word <= text.length; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        if (((word - EACH_BYTE(low)) | (word + EACH_BYTE(1)) | word) & EACH_BYTE(0x80))
            break;
    }
    while (at < text.length && (unsigned char)text.data[at] >= low &&
           (unsigned char)text.data[at] < 0x7f)
        at++;
    return at;
}

/* ASCII text has neither UTF-8 nor NFC to check; only control characters. */
static bool
is_plain(struct slice text)
{
    for (size_t i = count_ordinary(text, ' '); i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c >= 0x7f || (c < 0x20 && !is_allowed(c)))
            return false;
    }
    return true;
}

/* The next code point and its length; -1 and the length of what is to be replaced otherwise. */
static utf8proc_int32_t
next_point(const char *data, size_t length, size_t *ret_length)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t used;

    if ((unsigned char)data[0] < 0x80) {
        *ret_length = 1;
        return data[0];
    }
    used = utf8proc_iterate((const utf8proc_uint8_t *)data, (utf8proc_ssize_t)length, &point);
    if (used > 0) {
        *ret_length = (size_t)used;
        return point;
    }
    *ret_length = 1;
    return -1;
}

/* True when the text is good as it is; flags what is wrong otherwise. */
static bool
needs_nothing(struct slice text, unsigned *mended)
{
    bool nfc = true;

    for (size_t at = 0, length; at < text.length; at += length) {
        utf8proc_int32_t point = next_point(text.data + at, text.length - at, &length);

        if (point < 0)
            *mended |= TEXT_BAD_UTF8;
        else if (!is_allowed(point))
            *mended |= TEXT_FORBIDDEN;
        else if (!is_always_nfc(point))
            nfc = false;
    }
    return nfc && *mended == 0;
}

static struct slice
mend(struct arena *arena, struct slice text)
{
    size_t most = text.length * (sizeof REPLACEMENT - 1);
    char *out = arena_bytes(arena, most);
    size_t used = 0;

    for (size_t at = 0, length; at < text.length; at += length) {
        utf8proc_int32_t point = next_point(text.data + at, text.length - at, &length);

        if (point < 0) {
            memcpy(out + used, REPLACEMENT, sizeof REPLACEMENT - 1);
            used += sizeof REPLACEMENT - 1;
        } else if (is_allowed(point)) {
            memcpy(out + used, text.data + at, length);
            used += length;
        }
    }
    arena_trim(arena, out, most, used);
    return (struct slice){out, used};
}

/* utf8proc's result in the arena; the text itself where utf8proc refuses (it is valid here). */
static struct slice
normalize(struct arena *arena, struct slice text, int options)
{
    utf8proc_uint8_t *normal = NULL;
    utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.length, &normal,
                     (utf8proc_option_t)options);
    struct slice result = text;

    if (length >= 0)
        result = (struct slice){arena_copy(arena, (char *)normal, (size_t)length), (size_t)length};
    free(normal);
    return result;
}

struct slice
text_clean(struct arena *arena, struct slice raw, unsigned *mended)
{
    unsigned found = 0;

    if (is_plain(raw) || needs_nothing(raw, &found))
        return raw;
    if (found) {
        raw = mend(arena, raw);
        if (mended)
            *mended |= found;
    }
    return normalize(arena, raw, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

size_t
text_blank_length(const char *at, size_t rest)
{
    const unsigned char *c = (const unsigned char *)at;

    if (c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r'))
        return 1;
    if (c[0] == 0xc2 && rest >= 2 && (c[1] == 0xa0 || c[1] == 0x85))
        return 2;
    if (c[0] == 0xe2 && rest >= 3 && c[1] == 0x80 &&
        ((c[2] >= 0x80 && c[2] <= 0x8a) || c[2] == 0xa8 || c[2] == 0xa9 || c[2] == 0xaf))
        return 3;
    if (c[0] == 0xe3 && rest >= 3 && c[1] == 0x80 && c[2] == 0x80)
        return 3;
    return 0;
}

static bool
is_tidy(struct slice text)
{
    size_t at = count_ordinary(text, '!');

    /* Behind each run of letters only one blank may stand, and not at the beginning or end. */
    while (at < text.length) {
        struct slice rest = {text.data + at + 1, text.length - at - 1};
        size_t more = count_ordinary(rest, '!');

        if (text.data[at] != ' ' || at == 0 || more == 0)
            return false;
        at += 1 + more;
    }
    return true;
}

static struct slice
squeeze(struct arena *arena, struct slice text)
{
    char *out = arena_bytes(arena, text.length);
    size_t used = 0;
    bool pending = false;

    for (size_t at = 0; at < text.length;) {
        size_t blank = text_blank_length(text.data + at, text.length - at);

        if (blank) {
            pending = used > 0;
            at += blank;
            continue;
        }
        if (pending)
            out[used++] = ' ';
        pending = false;
        out[used++] = text.data[at++];
    }
    arena_trim(arena, out, text.length, used);
    return (struct slice){out, used};
}

struct slice
text_tidy(struct arena *arena, struct slice text)
{
    if (is_tidy(text))
        return text;
    text = text_clean(arena, text, NULL);
    return squeeze(arena, text);
}

bool
text_is_utf8(struct slice text)
{
    for (size_t at = 0, length; at < text.length; at += length) {
        at += count_ordinary((struct slice){text.data + at, text.length - at}, 0);
        if (at == text.length)
            break;
        if (next_point(text.data + at, text.length - at, &length) < 0)
            return false;
    }
    return true;
}

static bool
continues_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t
text_characters(struct slice text)
{
    size_t characters = 0;

    for (size_t i = 0; i < text.length; i++)
        characters += !continues_character(text.data[i]);
    return characters;
}

struct slice
text_take(struct slice text, size_t characters)
{
    for (size_t i = 0; i < text.length; i++) {
        if (continues_character(text.data[i]))
            continue;
        if (characters-- == 0)
            return (struct slice){text.data, i};
    }
    return text;
}

struct slice
text_cut(struct arena *arena, struct slice text, size_t most)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    char *copy;

    if (text.length <= most)
        return arena_slice(arena, text);
    while (most > 0 && continues_character(text.data[most]))
        most--;
    copy = arena_bytes(arena, most + sizeof ellipsis);
    memcpy(copy, text.data, most);
    memcpy(copy + most, ellipsis, sizeof ellipsis);
    return (struct slice){copy, most + strlen(ellipsis)};
}

struct slice
text_take_columns(struct slice text, size_t columns)
{
    size_t at = 0, taken = 0;

    while (at < text.length) {
        size_t length;
        utf8proc_int32_t point = next_point(text.data + at, text.length - at, &length);

        taken += point < 0 ? 1 : (size_t)utf8proc_charwidth(point);
        if (taken > columns)
            break;
        at += length;
    }
    return (struct slice){text.data, at};
}

size_t
text_columns(struct slice text)
{
    size_t columns = 0;

    for (size_t at = 0, length; at < text.length; at += length) {
        utf8proc_int32_t point = next_point(text.data + at, text.length - at, &length);

        columns += point < 0 ? 1 : (size_t)utf8proc_charwidth(point);
    }
    return columns;
}

static bool
is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

static char
ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static char
ascii_upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

static struct slice
map_ascii(struct arena *arena, struct slice text, char (*map)(char))
{
    char *out = arena_bytes(arena, text.length);

    for (size_t i = 0; i < text.length; i++)
        out[i] = map(text.data[i]);
    return (struct slice){out, text.length};
}

static struct slice
map_points(struct arena *arena, struct slice text, utf8proc_int32_t (*map)(utf8proc_int32_t))
{
    size_t most = text.length * 4;
    char *out = arena_bytes(arena, most);
    size_t used = 0;

    for (size_t at = 0, length; at < text.length; at += length) {
        utf8proc_int32_t point = next_point(text.data + at, text.length - at, &length);

        if (point < 0)
            continue;
        used += (size_t)utf8proc_encode_char(map(point), (utf8proc_uint8_t *)out + used);
    }
    arena_trim(arena, out, most, used);
    return (struct slice){out, used};
}

struct slice
text_lower(struct arena *arena, struct slice text)
{
    if (is_ascii(text))
        return map_ascii(arena, text, ascii_lower);
    return map_points(arena, text, utf8proc_tolower);
}

struct slice
text_upper(struct arena *arena, struct slice text)
{
    if (is_ascii(text))
        return map_ascii(arena, text, ascii_upper);
    return map_points(arena, text, utf8proc_toupper);
}

static struct slice
fold(struct arena *arena, struct slice text, int options)
{
    if (is_ascii(text))
        return map_ascii(arena, text, ascii_lower);
    return normalize(arena, text_clean(arena, text, NULL),
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | options);
}

struct slice
text_fold(struct arena *arena, struct slice text)
{
    return fold(arena, text, 0);
}

struct slice
text_fold_compatible(struct arena *arena, struct slice text)
{
    return fold(arena, text, UTF8PROC_COMPAT | UTF8PROC_IGNORE);
}

/* Characters that move or hide others on a terminal: controls, bidirectional marks and overrides,
 * zero-width characters, line separators, the byte order mark; and what no XML may hold. */
static bool
is_treacherous(utf8proc_int32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || point == 0xfffe ||
           point == 0xffff;
}

size_t
text_find_treacherous(struct slice text, size_t from, uint32_t *ret_point, size_t *ret_length)
{
    size_t at = from;

    for (size_t length; at < text.length; at += length) {
        utf8proc_int32_t point;

        length = 1;
        if ((unsigned char)text.data[at] < 0x7f)
            continue;
        point = next_point(text.data + at, text.length - at, &length);
        if (point < 0 || !is_treacherous(point))
            continue;
        *ret_point = (uint32_t)point;
        *ret_length = length;
        break;
    }
    return at;
}

struct slice
text_printable(struct arena *arena, struct slice text, size_t most)
{
    enum { ESCAPE_BYTES = 12 };
    size_t shown = text.length < most ? text.length : most;
    size_t size = shown * ESCAPE_BYTES + sizeof REPLACEMENT;
    char *out = arena_bytes(arena, size);
    size_t used = 0, characters = 0;

    for (size_t at = 0, length; at < text.length; at += length) {
        utf8proc_int32_t point;

        if (characters++ == most) {
            memcpy(out + used, "\xe2\x80\xa6", 3);
            used += 3;
            break;
        }
        point = next_point(text.data + at, text.length - at, &length);
        if (point < 0 || (point < 0x20 && point >= 0) || point == 0x7f) {
            used +=
                (size_t)snprintf(out + used, ESCAPE_BYTES, "\\x%02x", (unsigned char)text.data[at]);
        } else if (is_treacherous(point)) {
            used += (size_t)snprintf(out + used, ESCAPE_BYTES, "\\u{%04x}", (unsigned)point);
        } else {
            memcpy(out + used, text.data + at, length);
            used += length;
        }
    }
    arena_trim(arena, out, size, used);
    return (struct slice){out, used};
}

void
text_make_one_line(char *text)
{
    size_t left = strlen(text), length;

    for (; left > 0; text += length, left -= length) {
        utf8proc_int32_t point = next_point(text, left, &length);

        if (point < 0 || is_treacherous(point))
            memset(text, '?', length);
    }
}
