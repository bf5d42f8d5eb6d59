#include "alma/escape.h"

#include <stdint.h>

#define FOUR(class) (class), (class), (class), (class)
#define SIXTEEN(class) FOUR(class), FOUR(class), FOUR(class), FOUR(class)
#define SIXTY_FOUR(class) SIXTEEN(class), SIXTEEN(class), SIXTEEN(class), SIXTEEN(class)

enum {
    ANYWHERE = ESCAPE_TEXT | ESCAPE_ATTRIBUTE,
    MULTIBYTE = 4 /* one byte alone does not tell */
};

/* Where a byte cannot be copied as it is. */
static const uint8_t classes[256] = {
    [0x00] = SIXTEEN(ANYWHERE),
    SIXTEEN(ANYWHERE),
    ['"'] = ESCAPE_ATTRIBUTE,
    ['&'] = ANYWHERE,
    ['<'] = ANYWHERE,
    ['>'] = ANYWHERE,
    [0x80] = SIXTY_FOUR(MULTIBYTE),
    SIXTY_FOUR(MULTIBYTE),
};

/* What is written instead; nothing for other control characters. */
static const struct {
    const char *text;
    size_t length;
} replacements[0x80] = {
    ['\t'] = {" ", 1},    ['\n'] = {" ", 1},   ['\r'] = {" ", 1},   ['"'] = {"&quot;", 6},
    ['&'] = {"&amp;", 5}, ['<'] = {"&lt;", 4}, ['>'] = {"&gt;", 4},
};

static const char replacement_character[] = "\xef\xbf\xbd";

/* How many bytes follow a first byte, and what the second may be: Unicode, table 3-7. */
static size_t
following(unsigned char first, unsigned char *ret_low, unsigned char *ret_high)
{
    *ret_low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *ret_high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/* Bytes of the character that starts here; 0: it is none, or one that XML forbids. */
static size_t
character_length(const unsigned char *at, const unsigned char *end)
{
    unsigned char low, high;
    size_t more = following(at[0], &low, &high);

    if (more == 0 || (size_t)(end - at) <= more || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i <= more; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    /* U+FFFE and U+FFFF */
    if (at[0] == 0xef && at[1] == 0xbf && at[2] >= 0xbe)
        return 0;
    return more + 1;
}

/* The first byte from `at` on that cannot be copied. */
static const unsigned char *
copyable_end(const unsigned char *at, const unsigned char *end, unsigned place)
{
    while (at < end) {
        unsigned class = classes[*at];
        size_t length = 1;

        if (class == MULTIBYTE)
            length = character_length(at, end);
        else if (class & place)
            break;
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

void
escape_add(struct buffer *out, struct slice text, enum escape_place place)
{
    const unsigned char *at = (const unsigned char *)text.data;
    const unsigned char *end = at + text.length;

    while (at < end) {
        const unsigned char *stop = copyable_end(at, end, place);

        buffer_add(out, (const char *)at, (size_t)(stop - at));
        if (stop == end)
            break;
        if (*stop < 0x80)
            buffer_add(out, replacements[*stop].text, replacements[*stop].length);
        else
            buffer_add(out, replacement_character, sizeof replacement_character - 1);
        at = stop + 1;
    }
}
