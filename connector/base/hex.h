/* hex: the two hexadecimal digits of an escape, as DNs (RFC 4514) and filters (RFC 4515) have. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/slice.h"

static inline int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that the two digits at `at` mean, or -1 where two digits do not stand there. */
static inline int
hex_pair(struct slice text, size_t at)
{
    int high, low;

    if (at + 2 > text.length)
        return -1;
    high = hex_digit(text.data[at]);
    low = hex_digit(text.data[at + 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

#endif
