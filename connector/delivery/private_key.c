#include "delivery/private_key.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char openssh_begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";

/* A key in another shape, known by how its text begins. */
static const struct {
    const char *begin;
    const char *text;
    const char *hint;
} misfits[] = {
    {"PuTTY-User-Key-File", "is in PuTTY's format",
     "Convert it: 'puttygen KEY.ppk -O private-openssh -o KEY'."},
    {"---- BEGIN SSH2 PUBLIC KEY", "is a public key", "Name the private key's file."},
    {"-----BEGIN PUBLIC KEY", "is a public key", "Name the private key's file."},
    {"-----BEGIN CERTIFICATE", "is a certificate", "Name the private key's file."},
    {"ssh-", "is a public key", "Name the private key's file, which has no '.pub' at its end."},
    {"ecdsa-", "is a public key", "Name the private key's file, which has no '.pub' at its end."},
};

static bool
begins_with(struct slice text, const char *begin)
{
    return text.length >= strlen(begin) && memcmp(text.data, begin, strlen(begin)) == 0;
}

static bool
refuse_misfit(struct slice text, struct error *err)
{
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        if (begins_with(text, misfits[i].begin)) {
            error_set(err, ERROR_PERMISSION, "it %s", misfits[i].text);
            return error_hint(err, "%s", misfits[i].hint);
        }
    }
    return error_set(err, ERROR_PERMISSION, "it is not a private key");
}

static bool
needs_passphrase(struct error *err)
{
    error_set(err, ERROR_PERMISSION, "it is encrypted, and no pass phrase is set");
    return error_hint(err, "Set `passphrase` beside `key`.");
}

static bool
wrong_passphrase(struct error *err)
{
    return error_set(err, ERROR_PERMISSION, "its pass phrase is wrong");
}

bool
private_key_unreadable(const struct private_key *key, struct error *err)
{
    if (key->encrypted)
        return wrong_passphrase(err);
    error_set(err, ERROR_PERMISSION, "libssh2 cannot read it%s%s%s", *key->type ? " (" : "",
              key->type, *key->type ? ")" : "");
    return error_hint(err, "Use an ed25519 or ecdsa key made by ssh-keygen.");
}

/* Enough of the base64 for the public part, even that of an RSA key of 16384 bits. */
enum { HEAD_LETTERS = 4096, HEAD_BYTES = HEAD_LETTERS / 4 * 3 };

/* The first letters of the base64, without its line breaks. */
static size_t
gather_base64(struct slice text, unsigned char to[HEAD_LETTERS])
{
    size_t length = 0;

    for (size_t i = 0; i < text.length && text.data[i] != '-' && length < HEAD_LETTERS; i++) {
        if (text.data[i] > ' ')
            to[length++] = (unsigned char)text.data[i];
    }
    return length;
}

/* PROTOCOL.key of OpenSSH: magic, cipher, kdf and its options, number of keys, public key. */
static bool
read_openssh_head(struct slice bytes, struct private_key *ret_key)
{
    static const char magic[] = "openssh-key-v1";
    struct slice cipher, skipped, blob, key, type;

    if (bytes.length < sizeof magic || memcmp(bytes.data, magic, sizeof magic) != 0)
        return false;
    bytes = (struct slice){bytes.data + sizeof magic, bytes.length - sizeof magic};
    if (!key_blob_take(&bytes, &cipher) || !key_blob_take(&bytes, &skipped) ||
        !key_blob_take(&bytes, &skipped) || bytes.length < 4)
        return false;
    bytes = (struct slice){bytes.data + 4, bytes.length - 4};
    if (!key_blob_take(&bytes, &blob))
        return false;
    key = blob;
    if (!key_blob_take(&blob, &type) || type.length >= sizeof ret_key->type)
        return false;
    key_blob_fingerprint(key, ret_key->fingerprint);
    ret_key->encrypted = !slice_equal(cipher, slice_of("none"));
    memcpy(ret_key->type, type.data, type.length);
    return true;
}

static bool
inspect_openssh(struct slice text, const char *passphrase, struct private_key *ret_key,
                struct error *err)
{
    struct slice body = {text.data + strlen(openssh_begin), text.length - strlen(openssh_begin)};
    unsigned char base64[HEAD_LETTERS];
    unsigned char bytes[HEAD_BYTES];
    size_t letters = gather_base64(body, base64);
    int length = EVP_DecodeBlock(bytes, base64, (int)letters);
    bool readable =
        length > 0 && read_openssh_head((struct slice){(char *)bytes, (size_t)length}, ret_key);

    /* Where the key is not encrypted these bytes hold the secret itself. */
    OPENSSL_cleanse(base64, sizeof base64);
    OPENSSL_cleanse(bytes, sizeof bytes);
    if (!readable)
        return error_set(err, ERROR_PERMISSION, "it is cut off or damaged");
    if (strncmp(ret_key->type, "sk-", 3) == 0)
        return error_set(err, ERROR_PERMISSION,
                         "it is of type '%s', which needs a hardware token and a finger",
                         ret_key->type);
    return ret_key->encrypted && !passphrase ? needs_passphrase(err) : true;
}

static int
give_passphrase(char *to, int size, int writing, void *passphrase)
{
    (void)writing;
    return passphrase ? snprintf(to, (size_t)size, "%s", (const char *)passphrase) : -1;
}

static const char *
pem_key_type(const EVP_PKEY *key)
{
    switch (EVP_PKEY_base_id(key)) {
    case EVP_PKEY_RSA:
        return "ssh-rsa";
    case EVP_PKEY_EC:
        return "ecdsa";
    case EVP_PKEY_ED25519:
        return "ssh-ed25519";
    default:
        return "";
    }
}

static bool
inspect_pem(struct slice text, const char *passphrase, struct private_key *ret_key,
            struct error *err)
{
    BIO *bio = BIO_new_mem_buf(text.data, (int)text.length);
    EVP_PKEY *key;

    /* "Proc-Type: 4,ENCRYPTED" or "BEGIN ENCRYPTED PRIVATE KEY". */
    ret_key->encrypted = memmem(text.data, text.length, "ENCRYPTED", 9) != NULL;
    key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, (void *)(uintptr_t)passphrase);
    BIO_free(bio);
    ERR_clear_error();
    if (key)
        snprintf(ret_key->type, sizeof ret_key->type, "%s", pem_key_type(key));
    EVP_PKEY_free(key);
    if (key)
        return true;
    if (!ret_key->encrypted)
        return error_set(err, ERROR_PERMISSION, "it is cut off or damaged");
    return passphrase ? wrong_passphrase(err) : needs_passphrase(err);
}

bool
private_key_inspect(struct slice text, const char *passphrase, struct private_key *ret_key,
                    struct error *err)
{
    *ret_key = (struct private_key){0};
    if (begins_with(text, openssh_begin))
        return inspect_openssh(text, passphrase, ret_key, err);
    if (begins_with(text, "-----BEGIN ") &&
        memmem(text.data, text.length, "PRIVATE KEY-----", 16) != NULL)
        return inspect_pem(text, passphrase, ret_key, err);
    return refuse_misfit(text, err);
}
