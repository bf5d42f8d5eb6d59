#include "delivery/key_blob.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

struct slice
key_blob_decode(struct arena *arena, struct slice base64)
{
    unsigned char *bytes;
    size_t padding = 0;
    int length;

    if (!base64.length || base64.length % 4 != 0 || base64.length > INT_MAX)
        return SLICE_NONE;
    while (padding < 2 && base64.data[base64.length - 1 - padding] == '=')
        padding++;
    bytes = (unsigned char *)arena_bytes(arena, base64.length);
    length = EVP_DecodeBlock(bytes, (const unsigned char *)base64.data, (int)base64.length);
    if (length < (int)padding)
        return SLICE_NONE;
    return (struct slice){(const char *)bytes, (size_t)length - padding};
}

char *
key_blob_encode(struct arena *arena, struct slice bytes)
{
    char *text = arena_bytes(arena, (bytes.length + 2) / 3 * 4 + 1);

    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.data, (int)bytes.length);
    return text;
}

bool
key_blob_take(struct slice *bytes, struct slice *ret_string)
{
    const unsigned char *data = (const unsigned char *)bytes->data;
    size_t length;

    if (bytes->length < 4)
        return false;
    length = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
    if (length > bytes->length - 4)
        return false;
    *ret_string = (struct slice){bytes->data + 4, length};
    *bytes = (struct slice){bytes->data + 4 + length, bytes->length - 4 - length};
    return true;
}

char *
key_blob_type(struct arena *arena, struct slice blob)
{
    struct slice type;

    if (!key_blob_take(&blob, &type) || type.length == 0 || type.length > 64 || !blob.length)
        return NULL;
    for (size_t i = 0; i < type.length; i++) {
        if (type.data[i] <= ' ' || type.data[i] > '~')
            return NULL;
    }
    return arena_copy(arena, type.data, type.length);
}

void
key_blob_fingerprint(struct slice blob, char ret_text[KEY_FINGERPRINT_BYTES])
{
    static const char prefix[] = "SHA256:";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char base64[EVP_MAX_MD_SIZE * 2];
    unsigned length = 0;
    size_t letters = KEY_FINGERPRINT_BYTES - sizeof prefix;

    EVP_Digest(blob.data, blob.length, digest, &length, EVP_sha256(), NULL);
    EVP_EncodeBlock(base64, digest, (int)length);
    memcpy(ret_text, prefix, sizeof prefix - 1);
    memcpy(ret_text + sizeof prefix - 1, base64, letters);
    ret_text[KEY_FINGERPRINT_BYTES - 1] = '\0';
}
