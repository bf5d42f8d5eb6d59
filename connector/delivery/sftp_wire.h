/* sftp_wire: SFTP's packets of version 3 as bytes, draft-ietf-secsh-filexfer-02, and OpenSSH's
 * extensions to it, which its file PROTOCOL describes in section 4.
 *
 * Requests are added to the end of a buffer; what comes is cut into packets and read. Bytes from
 * the server are a stranger's: what is read is within its packet.
 *
 * Not for who asked what: see sftp_flow.h. Packages go through libssh2's own SFTP, which has one
 * file under way at a time (sftp_target.c).
 */
#ifndef DELIVERY_SFTP_WIRE_H
#define DELIVERY_SFTP_WIRE_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* Section 3 of the draft. */
enum sftp_type {
    SFTP_INIT = 1,
    SFTP_VERSION = 2,
    SFTP_OPEN = 3,
    SFTP_CLOSE = 4,
    SFTP_WRITE = 6,
    SFTP_LSTAT = 7,
    SFTP_FSETSTAT = 10,
    SFTP_OPENDIR = 11,
    SFTP_READDIR = 12,
    SFTP_REMOVE = 13,
    SFTP_REALPATH = 16,
    SFTP_STAT = 17,
    SFTP_RENAME = 18,
    SFTP_STATUS = 101,
    SFTP_HANDLE = 102,
    SFTP_NAME = 104,
    SFTP_ATTRS = 105,
    SFTP_EXTENDED = 200,
    SFTP_EXTENDED_REPLY = 201
};

enum {
    SFTP_WRITE_BYTES = 32768,    /* of data in one request: what every server must take */
    SFTP_HANDLE_BYTES = 256,     /* at most, section 6.2 */
    SFTP_PACKET_BYTES = 1 << 18, /* the most that a server sends (OpenSSH's own limit) */
    SFTP_SPOKEN = 3              /* the version of the protocol */
};

/* Of OpenSSH's extensions those that are used here. */
enum sftp_extension { SFTP_POSIX_RENAME, SFTP_FSYNC, SFTP_STATVFS, SFTP_EXTENSION_COUNT };

/* What a server greets with. */
struct sftp_greeting {
    uint32_t version;
    bool offers[SFTP_EXTENSION_COUNT];
};

/* Of a file's attributes; what is not told is 0. */
struct sftp_attributes {
    bool has_size;
    uint64_t size;
    uint32_t mode;
    uint32_t modified; /* seconds since 1970 */
};

/* An answer; slices point into the packet. */
struct sftp_reply {
    enum sftp_type type;
    uint32_t id;
    uint32_t status;   /* SFTP_STATUS */
    struct slice text; /* SFTP_STATUS: what the server says of it; SFTP_HANDLE: the handle */
    struct slice rest; /* SFTP_NAME: the names to take; SFTP_EXTENDED_REPLY: the answer */
    uint32_t names;    /* SFTP_NAME: how many are left */
    struct sftp_attributes attributes; /* SFTP_ATTRS */
};

/* Requests. Paths are as the server takes them. */
void sftp_wire_init(struct buffer *out);
/* Makes the file, which must not be there, to write into it. */
void sftp_wire_create(struct buffer *out, uint32_t id, const char *path, uint32_t mode);
void sftp_wire_write(struct buffer *out, uint32_t id, struct slice handle, uint64_t offset,
                     struct slice data);
void sftp_wire_set_mode(struct buffer *out, uint32_t id, struct slice handle, uint32_t mode);
/* The requests whose one argument is a path or a handle. */
void sftp_wire_ask(struct buffer *out, enum sftp_type type, uint32_t id, struct slice argument);
/* SSH_FXP_RENAME, with which servers may or may not replace what is there. */
void sftp_wire_rename(struct buffer *out, uint32_t id, const char *from, const char *to);
/* `other` may be SLICE_NONE. */
void sftp_wire_extended(struct buffer *out, enum sftp_extension extension, uint32_t id,
                        struct slice argument, struct slice other);

/* What stands at the beginning of the bytes that have come. */
enum sftp_cut { SFTP_CUT_PARTLY, SFTP_CUT_PACKET, SFTP_CUT_BAD };

/* Takes a packet, without its length, off the front. SFTP_CUT_BAD: its length cannot be. */
enum sftp_cut sftp_wire_cut(struct slice *bytes, struct slice *ret_packet);

/* False where the packet is none of that kind, or is too short. */
bool sftp_wire_read_greeting(struct slice packet, struct sftp_greeting *ret_greeting);
bool sftp_wire_read(struct slice packet, struct sftp_reply *ret_reply);

/* Takes the next of the names of an SFTP_NAME. False where none is left, or the rest is none. */
bool sftp_wire_take_name(struct sftp_reply *reply, struct slice *ret_name);

/* The free bytes from the answer to SFTP_STATVFS. */
bool sftp_wire_read_space(const struct sftp_reply *reply, uint64_t *ret_bytes);

#endif
