#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct block {
    struct block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) char data[];
};

struct arena {
    struct block *first;
    struct block *now;
    size_t size; /* of all blocks */
};

static _Noreturn void
memory_exhausted(void)
{
    fputs("ldap2alma: out of memory\n", stderr);
    abort();
}

void *
memory_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);

    if (!memory)
        memory_exhausted();
    return memory;
}

void *
memory_zero(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);

    if (!memory)
        memory_exhausted();
    return memory;
}

void *
memory_resize(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);

    if (!memory)
        memory_exhausted();
    return memory;
}

void
memory_grow(void *items, size_t *capacity, size_t needed, size_t size)
{
    void *memory;
    size_t more = *capacity ? *capacity : 16;

    if (needed <= *capacity)
        return;
    while (more < needed) {
        if (more > SIZE_MAX / 2)
            memory_exhausted();
        more *= 2;
    }
    if (more > SIZE_MAX / size)
        memory_exhausted();
    memcpy(&memory, items, sizeof memory);
    memory = memory_resize(memory, more * size);
    memcpy(items, &memory, sizeof memory);
    *capacity = more;
}

static struct block *
block_new(size_t size)
{
    struct block *block;

    if (size > SIZE_MAX - sizeof *block)
        memory_exhausted();
    block = memory_alloc(sizeof *block + size);
    block->next = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

struct arena *
arena_new(void)
{
    struct arena *arena = memory_alloc(sizeof *arena);

    arena->first = arena->now = block_new(BLOCK_BYTES);
    arena->size = BLOCK_BYTES;
    return arena;
}

static void
blocks_free(struct block *block)
{
    while (block) {
        struct block *next = block->next;

        free(block);
        block = next;
    }
}

void
arena_free(struct arena *arena)
{
    if (!arena)
        return;
    blocks_free(arena->first);
    free(arena);
}

void
arena_reset(struct arena *arena)
{
    /* One huge entry must not keep its memory for the rest of the run: only the first block,
     * which has the ordinary size, stays. */
    blocks_free(arena->first->next);
    arena->first->next = NULL;
    arena->first->used = 0;
    arena->now = arena->first;
    arena->size = arena->first->size;
}

size_t
arena_size(const struct arena *arena)
{
    return arena->size;
}

char *
arena_bytes(struct arena *arena, size_t size)
{
    struct block *block = arena->now;
    size_t start = (block->used + 7) & ~(size_t)7;

    if (start > block->size || size > block->size - start) {
        block->next = block_new(size > BLOCK_BYTES ? size : BLOCK_BYTES);
        block = arena->now = block->next;
        arena->size += block->size;
        start = 0;
    }
    block->used = start + size;
    return block->data + start;
}

void
arena_trim(struct arena *arena, char *piece, size_t size, size_t used)
{
    struct block *block = arena->now;

    if (piece + size == block->data + block->used)
        block->used -= size - used;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    char *piece;

    /* The block's data is aligned for any object, so a multiple of that alignment stays so. */
    arena->now->used = (arena->now->used + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    piece = arena_bytes(arena, size);
    memset(piece, 0, size);
    return piece;
}

char *
arena_copy(struct arena *arena, const char *data, size_t length)
{
    char *copy = arena_bytes(arena, length + 1);

    if (length)
        memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}

char *
arena_string(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

struct slice
arena_slice(struct arena *arena, struct slice slice)
{
    if (!slice.data)
        return SLICE_NONE;
    return (struct slice){arena_copy(arena, slice.data, slice.length), slice.length};
}

char *
arena_vformat(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    int length;
    char *text;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        length = 0;
    text = arena_bytes(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *
arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = arena_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}
