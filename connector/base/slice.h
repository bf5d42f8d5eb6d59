/* slice: a run of bytes that somebody else owns.
 *
 * Directory values are bytes with a length, not C strings: they may hold NUL. A slice borrows
 * them without a copy. `data` is NULL exactly where there is no value at all; an empty value has
 * a non-NULL `data` and length 0.
 *
 * Not for owning memory: see base/arena.h.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *data;
    size_t length; /* bytes */
};

/* The arguments of a printf "%.*s". */
#define SLICE_ARG(slice) (int)(slice).length, (slice).data ? (slice).data : ""

#define SLICE_NONE ((struct slice){NULL, 0})

/* A slice over a C string, without its NUL. NULL gives SLICE_NONE. */
static inline struct slice
slice_of(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

static inline bool
slice_equal(struct slice a, struct slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

/* Equal when the letters A-Z count as a-z; other bytes must be the same. */
bool slice_equal_nocase(struct slice a, struct slice b);

/* For hash tables (FNV-1a). */
uint32_t slice_hash(struct slice slice);

/* Byte order, shorter first where one begins the other: <0, 0, >0. */
int slice_compare(struct slice a, struct slice b);

#endif
