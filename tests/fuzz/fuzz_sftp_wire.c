/* Any bytes as what an SFTP server sends. */
#include "base/arena.h"
#include "delivery/sftp_wire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_within(struct slice part, struct slice packet)
{
    if (part.length && (part.data < packet.data || part.length > packet.length ||
                        part.data + part.length > packet.data + packet.length))
        abort();
}

static void
read_packet(struct slice packet)
{
    struct sftp_greeting greeting;
    struct sftp_reply reply;
    struct slice name;
    uint64_t bytes;

    (void)sftp_wire_read_greeting(packet, &greeting);
    if (!sftp_wire_read(packet, &reply))
        return;
    check_within(reply.text, packet);
    check_within(reply.rest, packet);
    if (reply.type == SFTP_HANDLE && reply.text.length > SFTP_HANDLE_BYTES)
        abort();
    while (sftp_wire_take_name(&reply, &name))
        check_within(name, packet);
    (void)sftp_wire_read_space(&reply, &bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A copy of its own, so that one byte beyond it is found. */
    char *copy = memory_alloc(size + 1);
    struct slice rest = {copy, size}, packet;

    if (size)
        memcpy(copy, data, size);
    while (sftp_wire_cut(&rest, &packet) == SFTP_CUT_PACKET) {
        char *alone = memory_alloc(packet.length);

        memcpy(alone, packet.data, packet.length);
        read_packet((struct slice){alone, packet.length});
        free(alone);
    }
    free(copy);
    return 0;
}
