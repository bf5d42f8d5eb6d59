#include "package/package.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

/* The size of what was compressed stands before it. */
enum { LEVEL = 1, SIZE_BYTES = sizeof(uint32_t), EXPANSION_MOST = 1032 /* deflate's */ };

void
package_deflate(struct slice bytes, struct buffer *out)
{
    /* What deflate cannot make smaller it stores, with five bytes for each 64 KiB. */
    size_t room = bytes.length + bytes.length / 1000 + 128;
    uint32_t size = (uint32_t)bytes.length;
    uint8_t *level_buffer = memory_alloc(ISAL_DEF_LVL1_DEFAULT);
    struct isal_zstream stream;

    buffer_add(out, (const char *)&size, SIZE_BYTES);
    isal_deflate_stateless_init(&stream);
    stream.level = LEVEL;
    stream.level_buf = level_buffer;
    stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    stream.end_of_stream = 1;
    stream.flush = NO_FLUSH;
    stream.next_in = (uint8_t *)(uintptr_t)bytes.data;
    stream.avail_in = size;
    stream.next_out = (uint8_t *)buffer_reserve(out, room);
    stream.avail_out = (uint32_t)room;
    if (isal_deflate_stateless(&stream) != COMP_OK)
        abort(); /* there is room for what cannot be compressed at all */
    out->length += room - stream.avail_out;
    free(level_buffer);
}

static bool
tell_damaged(struct error *err)
{
    return error_set(err, ERROR_DATA, "a record that was kept cannot be read: it is damaged");
}

bool
package_inflate(struct slice bytes, struct buffer *out, struct error *err)
{
    struct inflate_state state;
    uint32_t size = 0;

    if (bytes.length > SIZE_BYTES)
        memcpy(&size, bytes.data, SIZE_BYTES);
    /* A damaged size must not ask for gigabytes. */
    if (size == 0 || size / EXPANSION_MOST > bytes.length)
        return tell_damaged(err);
    isal_inflate_init(&state);
    state.next_in = (uint8_t *)(uintptr_t)(bytes.data + SIZE_BYTES);
    state.avail_in = (uint32_t)(bytes.length - SIZE_BYTES);
    state.next_out = (uint8_t *)buffer_reserve(out, size);
    state.avail_out = size;
    if (isal_inflate_stateless(&state) != ISAL_DECOMP_OK || state.avail_out != 0)
        return tell_damaged(err);
    out->length += size;
    return true;
}
