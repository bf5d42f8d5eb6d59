#include "delivery/server_offer.h"

#include "delivery/key_blob.h"

enum { MESSAGE_KEXINIT = 20, COOKIE_BYTES = 16 };

static struct slice
slice_from(struct slice slice, size_t start)
{
    return (struct slice){slice.data + start, slice.length - start};
}

/* Lines may come before the one that begins with "SSH-" (RFC 4253 section 4.2). */
static bool
skip_version(struct slice *heard)
{
    for (;;) {
        const char *end = heard->length ? memchr(heard->data, '\n', heard->length) : NULL;
        bool version = heard->length >= 4 && memcmp(heard->data, "SSH-", 4) == 0;

        if (!end)
            return false;
        *heard = slice_from(*heard, (size_t)(end - heard->data) + 1);
        if (version)
            return true;
    }
}

struct slice
server_offer(struct slice heard, enum server_offer_list list)
{
    struct slice packet;
    struct slice names = SLICE_NONE;

    if (!skip_version(&heard) || !key_blob_take(&heard, &packet))
        return SLICE_NONE;
    if (packet.length < 2 + COOKIE_BYTES || packet.data[1] != MESSAGE_KEXINIT)
        return SLICE_NONE;
    packet = slice_from(packet, 2 + COOKIE_BYTES);
    for (int i = 0; i <= (int)list; i++) {
        if (!key_blob_take(&packet, &names))
            return SLICE_NONE;
    }
    return names;
}

bool
server_offer_has(struct slice list, const char *name)
{
    size_t length = strlen(name);
    size_t begin = 0;

    for (size_t i = 0; i <= list.length; i++) {
        if (i < list.length && list.data[i] != ',')
            continue;
        if (i - begin == length && memcmp(list.data + begin, name, length) == 0)
            return true;
        begin = i + 1;
    }
    return false;
}
