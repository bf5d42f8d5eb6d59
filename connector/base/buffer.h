/* buffer: bytes that grow at their end. Starts as BUFFER_INIT; buffer_free() when done. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdlib.h>
#include <string.h>

struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

#define BUFFER_INIT ((struct buffer){NULL, 0, 0})

static inline void
buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = BUFFER_INIT;
}

/* Room for `more` bytes behind the end; returns where they go. The caller adds to length. */
static inline char *
buffer_reserve(struct buffer *buffer, size_t more)
{
    if (!buffer->data || buffer->capacity - buffer->length < more)
        memory_grow(&buffer->data, &buffer->capacity, buffer->length + more, 1);
    return buffer->data + buffer->length;
}

static inline void
buffer_add(struct buffer *buffer, const char *data, size_t length)
{
    if (length == 0)
        return;
    memcpy(buffer_reserve(buffer, length), data, length);
    buffer->length += length;
}

static inline void
buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
