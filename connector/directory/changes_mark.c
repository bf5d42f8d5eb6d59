#include "directory/changes_mark.h"

#include "base/buffer.h"

enum { VERSION = 2, LENGTH_BYTES = 4, HEAD_BYTES = 3 /* version, way, cookies */ };

static void
add_part(struct buffer *bytes, struct slice part)
{
    unsigned char length[LENGTH_BYTES];

    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (unsigned char)(part.length >> 8 * i);
    buffer_add(bytes, (const char *)length, sizeof length);
    buffer_add(bytes, part.data, part.length);
}

static bool
take_part(struct slice *rest, struct slice *ret_part)
{
    size_t length = 0;

    if (rest->length < LENGTH_BYTES)
        return false;
    for (int i = 0; i < LENGTH_BYTES; i++)
        length |= (size_t)(unsigned char)rest->data[i] << 8 * i;
    if (length > rest->length - LENGTH_BYTES)
        return false;
    *ret_part = (struct slice){rest->data + LENGTH_BYTES, length};
    *rest = (struct slice){ret_part->data + length, rest->length - LENGTH_BYTES - length};
    return true;
}

struct slice
changes_mark_write(const struct changes_mark *mark, struct arena *arena)
{
    const char head[HEAD_BYTES] = {VERSION, (char)mark->way, (char)mark->cookie_count};
    struct buffer bytes = BUFFER_INIT;
    struct slice written;

    buffer_add(&bytes, head, sizeof head);
    add_part(&bytes, mark->server);
    add_part(&bytes, mark->identity);
    add_part(&bytes, mark->digest);
    add_part(&bytes, mark->parents);
    add_part(&bytes, mark->groups);
    add_part(&bytes, mark->memory);
    for (size_t i = 0; i < mark->cookie_count; i++)
        add_part(&bytes, mark->cookies[i]);
    written = arena_slice(arena, (struct slice){bytes.data, bytes.length});
    buffer_free(&bytes);
    return written;
}

bool
changes_mark_read(struct slice bytes, struct changes_mark *ret_mark)
{
    struct changes_mark mark = {0};
    struct slice rest;

    if (bytes.length < HEAD_BYTES || bytes.data[0] != VERSION)
        return false;
    mark.way = (enum changes_way)(unsigned char)bytes.data[1];
    mark.cookie_count = (unsigned char)bytes.data[2];
    rest = (struct slice){bytes.data + HEAD_BYTES, bytes.length - HEAD_BYTES};
    if (mark.way >= CHANGES_WAY_COUNT || mark.cookie_count > CHANGES_COOKIES_MOST ||
        !take_part(&rest, &mark.server) || !take_part(&rest, &mark.identity) ||
        !take_part(&rest, &mark.digest) || mark.digest.length != CHANGES_DIGEST_BYTES ||
        !take_part(&rest, &mark.parents) || !take_part(&rest, &mark.groups) ||
        !take_part(&rest, &mark.memory))
        return false;
    for (size_t i = 0; i < mark.cookie_count; i++)
        if (!take_part(&rest, &mark.cookies[i]))
            return false;
    *ret_mark = mark;
    return rest.length == 0;
}
