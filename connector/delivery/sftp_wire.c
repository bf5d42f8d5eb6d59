#include "delivery/sftp_wire.h"

#include "delivery/key_blob.h"

/* Section 6.3. */
enum { OPEN_WRITE = 0x02, OPEN_CREATE = 0x08, OPEN_EXCLUSIVE = 0x20 };

/* Section 5; they follow in this order. */
#define HAS_SIZE UINT32_C(0x01)
#define HAS_OWNER UINT32_C(0x02)
#define HAS_MODE UINT32_C(0x04)
#define HAS_TIMES UINT32_C(0x08)
#define HAS_EXTENDED UINT32_C(0x80000000)

static const char *const extension_names[SFTP_EXTENSION_COUNT] = {
    [SFTP_POSIX_RENAME] = "posix-rename@openssh.com",
    [SFTP_FSYNC] = "fsync@openssh.com",
    [SFTP_STATVFS] = "statvfs@openssh.com",
};

static void
write_u32(char *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(number >> (24 - 8 * i));
}

static void
add_u32(struct buffer *out, uint32_t number)
{
    write_u32(buffer_reserve(out, 4), number);
    out->length += 4;
}

static void
add_u64(struct buffer *out, uint64_t number)
{
    add_u32(out, (uint32_t)(number >> 32));
    add_u32(out, (uint32_t)number);
}

static void
add_string(struct buffer *out, struct slice text)
{
    add_u32(out, (uint32_t)text.length);
    buffer_add(out, text.data, text.length);
}

/* Returns where the packet begins, for end(). */
static size_t
begin(struct buffer *out, enum sftp_type type, uint32_t id)
{
    size_t at = out->length;
    const char letter = (char)type;

    add_u32(out, 0);
    buffer_add(out, &letter, 1);
    add_u32(out, id);
    return at;
}

static void
end(struct buffer *out, size_t at)
{
    write_u32(out->data + at, (uint32_t)(out->length - at - 4));
}

void
sftp_wire_init(struct buffer *out)
{
    /* The version stands where other requests have their number. */
    end(out, begin(out, SFTP_INIT, SFTP_SPOKEN));
}

static void
add_mode(struct buffer *out, uint32_t mode)
{
    add_u32(out, HAS_MODE);
    add_u32(out, mode);
}

void
sftp_wire_create(struct buffer *out, uint32_t id, const char *path, uint32_t mode)
{
    size_t at = begin(out, SFTP_OPEN, id);

    add_string(out, slice_of(path));
    add_u32(out, OPEN_WRITE | OPEN_CREATE | OPEN_EXCLUSIVE);
    add_mode(out, mode);
    end(out, at);
}

void
sftp_wire_write(struct buffer *out, uint32_t id, struct slice handle, uint64_t offset,
                struct slice data)
{
    size_t at = begin(out, SFTP_WRITE, id);

    add_string(out, handle);
    add_u64(out, offset);
    add_string(out, data);
    end(out, at);
}

void
sftp_wire_set_mode(struct buffer *out, uint32_t id, struct slice handle, uint32_t mode)
{
    size_t at = begin(out, SFTP_FSETSTAT, id);

    add_string(out, handle);
    add_mode(out, mode);
    end(out, at);
}

void
sftp_wire_ask(struct buffer *out, enum sftp_type type, uint32_t id, struct slice argument)
{
    size_t at = begin(out, type, id);

    add_string(out, argument);
    end(out, at);
}

void
sftp_wire_rename(struct buffer *out, uint32_t id, const char *from, const char *to)
{
    size_t at = begin(out, SFTP_RENAME, id);

    add_string(out, slice_of(from));
    add_string(out, slice_of(to));
    end(out, at);
}

void
sftp_wire_extended(struct buffer *out, enum sftp_extension extension, uint32_t id,
                   struct slice argument, struct slice other)
{
    size_t at = begin(out, SFTP_EXTENDED, id);

    add_string(out, slice_of(extension_names[extension]));
    add_string(out, argument);
    if (other.data)
        add_string(out, other);
    end(out, at);
}

static uint32_t
read_u32(const char *at)
{
    uint32_t number = 0;

    for (int i = 0; i < 4; i++)
        number = number << 8 | (unsigned char)at[i];
    return number;
}

static void
skip(struct slice *bytes, size_t count)
{
    bytes->data += count;
    bytes->length -= count;
}

static bool
take_u32(struct slice *bytes, uint32_t *ret_number)
{
    if (bytes->length < 4)
        return false;
    *ret_number = read_u32(bytes->data);
    skip(bytes, 4);
    return true;
}

static bool
take_u64(struct slice *bytes, uint64_t *ret_number)
{
    uint32_t high, low;

    if (!take_u32(bytes, &high) || !take_u32(bytes, &low))
        return false;
    *ret_number = (uint64_t)high << 32 | low;
    return true;
}

enum sftp_cut
sftp_wire_cut(struct slice *bytes, struct slice *ret_packet)
{
    uint32_t length;

    if (bytes->length < 4)
        return SFTP_CUT_PARTLY;
    length = read_u32(bytes->data);
    if (length == 0 || length > SFTP_PACKET_BYTES)
        return SFTP_CUT_BAD;
    return key_blob_take(bytes, ret_packet) ? SFTP_CUT_PACKET : SFTP_CUT_PARTLY;
}

static bool
take_type(struct slice *packet, enum sftp_type *ret_type)
{
    if (packet->length == 0)
        return false;
    *ret_type = (enum sftp_type)(unsigned char)packet->data[0];
    skip(packet, 1);
    return true;
}

bool
sftp_wire_read_greeting(struct slice packet, struct sftp_greeting *ret_greeting)
{
    enum sftp_type type;
    struct slice name, data;

    *ret_greeting = (struct sftp_greeting){.version = 0};
    if (!take_type(&packet, &type) || type != SFTP_VERSION ||
        !take_u32(&packet, &ret_greeting->version))
        return false;
    while (packet.length) {
        if (!key_blob_take(&packet, &name) || !key_blob_take(&packet, &data))
            return false;
        for (size_t i = 0; i < SFTP_EXTENSION_COUNT; i++)
            if (slice_equal(name, slice_of(extension_names[i])))
                ret_greeting->offers[i] = true;
    }
    return true;
}

static bool
skip_u32s(struct slice *bytes, size_t count)
{
    if (bytes->length / 4 < count)
        return false;
    skip(bytes, 4 * count);
    return true;
}

static bool
take_attributes(struct slice *bytes, struct sftp_attributes *ret_attributes)
{
    uint32_t flags, extended = 0;
    struct slice unused;

    *ret_attributes = (struct sftp_attributes){.has_size = false};
    if (!take_u32(bytes, &flags))
        return false;
    ret_attributes->has_size = flags & HAS_SIZE;
    if ((flags & HAS_SIZE && !take_u64(bytes, &ret_attributes->size)) ||
        (flags & HAS_OWNER && !skip_u32s(bytes, 2)) ||
        (flags & HAS_MODE && !take_u32(bytes, &ret_attributes->mode)) ||
        (flags & HAS_TIMES &&
         (!skip_u32s(bytes, 1) || !take_u32(bytes, &ret_attributes->modified))) ||
        (flags & HAS_EXTENDED && !take_u32(bytes, &extended)))
        return false;
    for (; extended; extended--)
        if (!key_blob_take(bytes, &unused) || !key_blob_take(bytes, &unused))
            return false;
    return true;
}

bool
sftp_wire_read(struct slice packet, struct sftp_reply *ret_reply)
{
    struct sftp_reply *reply = ret_reply;

    *reply = (struct sftp_reply){.status = 0};
    if (!take_type(&packet, &reply->type) || !take_u32(&packet, &reply->id))
        return false;
    switch ((int)reply->type) {
    case SFTP_STATUS:
        /* Old servers send no text (version 2 had none). */
        if (!take_u32(&packet, &reply->status))
            return false;
        if (!key_blob_take(&packet, &reply->text))
            reply->text = SLICE_NONE;
        return true;
    case SFTP_HANDLE:
        return key_blob_take(&packet, &reply->text) && reply->text.length <= SFTP_HANDLE_BYTES;
    case SFTP_NAME:
        reply->rest = packet;
        return take_u32(&reply->rest, &reply->names);
    case SFTP_ATTRS:
        return take_attributes(&packet, &reply->attributes);
    case SFTP_EXTENDED_REPLY:
        reply->rest = packet;
        return true;
    default:
        return false;
    }
}

bool
sftp_wire_take_name(struct sftp_reply *reply, struct slice *ret_name)
{
    struct sftp_attributes unused;
    struct slice shown;

    if (reply->type != SFTP_NAME || reply->names == 0)
        return false;
    reply->names--;
    return key_blob_take(&reply->rest, ret_name) && key_blob_take(&reply->rest, &shown) &&
           take_attributes(&reply->rest, &unused);
}

bool
sftp_wire_read_space(const struct sftp_reply *reply, uint64_t *ret_bytes)
{
    struct slice rest = reply->rest;
    uint64_t block, piece, blocks, free_blocks, usable;

    if (reply->type != SFTP_EXTENDED_REPLY || !take_u64(&rest, &block) ||
        !take_u64(&rest, &piece) || !take_u64(&rest, &blocks) || !take_u64(&rest, &free_blocks) ||
        !take_u64(&rest, &usable))
        return false;
    return !__builtin_mul_overflow(usable, piece, ret_bytes);
}
