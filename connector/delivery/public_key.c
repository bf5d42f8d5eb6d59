#include "delivery/public_key.h"

#include "base/file.h"
#include "delivery/private_key.h"

#include <string.h>

enum { PUBLIC_KEY_BYTES_MOST = 64 * 1024 };

/* OpenSSH's own format has the public key in front, in the clear. */
static bool
look_into_private_key(const struct secret_source *key, char ret_text[KEY_FINGERPRINT_BYTES])
{
    struct error err = ERROR_INIT;
    struct private_key found;
    struct secret secret = {0};

    if (!secret_load(key, "the SFTP key", &secret, &err))
        return false;
    /* What becomes of the pass phrase is no matter here. */
    (void)private_key_inspect((struct slice){secret.data, secret.length}, NULL, &found, &err);
    secret_wipe(&secret);
    memcpy(ret_text, found.fingerprint, sizeof found.fingerprint);
    return found.fingerprint[0] != '\0';
}

/* "TYPE BASE64 COMMENT", sshd(8) */
static bool
read_public_key(struct arena *arena, const char *path, char ret_text[KEY_FINGERPRINT_BYTES])
{
    struct error err = ERROR_INIT;
    struct slice text, blob;
    const char *base64;

    if (!file_read(arena, path, PUBLIC_KEY_BYTES_MOST, &text, &err))
        return false;
    base64 = text.data + strcspn(text.data, " \n");
    base64 += strspn(base64, " ");
    blob = key_blob_decode(arena, (struct slice){base64, strcspn(base64, " \r\n")});
    if (!blob.data || !key_blob_type(arena, blob))
        return false;
    key_blob_fingerprint(blob, ret_text);
    return true;
}

bool
public_key_fingerprint(const struct secret_source *key, char ret_text[KEY_FINGERPRINT_BYTES])
{
    struct arena *arena;
    bool found;

    if (!secret_is_set(key))
        return false;
    if (look_into_private_key(key, ret_text))
        return true;
    if (!key->file)
        return false;
    arena = arena_new();
    found = read_public_key(arena, arena_format(arena, "%s.pub", key->file), ret_text);
    arena_free(arena);
    return found;
}
