/* arena: memory that is freed all at once.
 *
 * There are two kinds of life in this program: the run (settings, mapping, index) and one person
 * (values, record). Each has an arena; the person's is reset before the next entry. Nothing that
 * was taken from an arena is freed alone.
 *
 * When the system has no memory left these functions do not return: they write one line to
 * stderr and abort. Every step of a run survives that as it survives kill -9.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);

/* Frees the arena and everything in it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Forgets everything in the arena but keeps some of its memory for what comes next. */
void arena_reset(struct arena *arena);

/* The bytes that the arena holds, in steps of its blocks: for bounds. */
size_t arena_size(const struct arena *arena);

/* `size` bytes, zeroed, aligned for any object. */
void *arena_alloc(struct arena *arena, size_t size);

/* `size` bytes, aligned to 8, NOT zeroed: for text that is written at once. */
char *arena_bytes(struct arena *arena, size_t size);

/* Gives back the tail of the newest arena_bytes() piece, of which only `used` bytes are needed. */
void arena_trim(struct arena *arena, char *piece, size_t size, size_t used);

/* A NUL-terminated copy of `length` bytes. */
char *arena_copy(struct arena *arena, const char *data, size_t length);
char *arena_string(struct arena *arena, const char *text);
struct slice arena_slice(struct arena *arena, struct slice slice);

/* sprintf into the arena. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* malloc, calloc-like and realloc that never return NULL; the caller frees with free(). */
void *memory_alloc(size_t size);
void *memory_zero(size_t count, size_t size);
void *memory_resize(void *old, size_t size);

/* Makes room for at least `needed` elements of `size` bytes in an array that grows by doubling.
 * `items` points at the array's pointer, `capacity` counts elements. */
void memory_grow(void *items, size_t *capacity, size_t needed, size_t size);

#endif
