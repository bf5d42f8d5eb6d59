#include "unit.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "delivery/key_blob.h"
#include "delivery/private_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

static void
add_bytes(struct buffer *to, struct slice bytes)
{
    char head[] = {0, 0, (char)(bytes.length >> 8), (char)bytes.length};

    buffer_add(to, head, sizeof head);
    buffer_add(to, bytes.data, bytes.length);
}

static void
add_string(struct buffer *to, const char *text)
{
    add_bytes(to, slice_of(text));
}

/* The public head of a key in OpenSSH's format; the secret part is not looked at. */
static char *
openssh_key(struct arena *arena, const char *type, const char *cipher)
{
    struct buffer blob = BUFFER_INIT;
    struct buffer key = BUFFER_INIT;
    char *text;

    add_string(&blob, type);
    add_string(&blob, "some public key");
    buffer_add(&key, "openssh-key-v1", sizeof "openssh-key-v1");
    add_string(&key, cipher);
    add_string(&key, "bcrypt");
    add_string(&key, "salt and rounds");
    buffer_add(&key, "\0\0\0\1", 4);
    add_bytes(&key, (struct slice){blob.data, blob.length});
    text = arena_format(arena,
                        "-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n"
                        "-----END OPENSSH PRIVATE KEY-----",
                        key_blob_encode(arena, (struct slice){key.data, key.length}));
    buffer_free(&blob);
    buffer_free(&key);
    return text;
}

static void
openssh_keys_tell_their_type(void **state)
{
    struct arena *arena = arena_new();
    struct private_key key;
    struct error err = ERROR_INIT;
    const char *text = openssh_key(arena, "ssh-rsa", "none");

    (void)state;
    assert_true(private_key_inspect(slice_of(text), NULL, &key, &err));
    assert_string_equal(key.type, "ssh-rsa");
    assert_int_equal(strncmp(key.fingerprint, "SHA256:", 7), 0);
    assert_int_equal(strlen(key.fingerprint), KEY_FINGERPRINT_BYTES - 1);
    assert_false(key.encrypted);
    text = openssh_key(arena, "ssh-ed25519", "aes256-ctr");
    assert_true(private_key_inspect(slice_of(text), "secret", &key, &err));
    assert_true(key.encrypted);
    assert_false(private_key_inspect(slice_of(text), NULL, &key, &err));
    assert_int_equal(err.code, ERROR_PERMISSION);
    assert_string_equal(err.text, "it is encrypted, and no pass phrase is set");
    text = openssh_key(arena, "sk-ssh-ed25519@openssh.com", "none");
    assert_false(private_key_inspect(slice_of(text), NULL, &key, &err));
    assert_string_equal(err.text, "it is of type 'sk-ssh-ed25519@openssh.com', which needs a "
                                  "hardware token and a finger");
    arena_free(arena);
}

static void
openssh_keys_that_are_cut(void **state)
{
    struct arena *arena = arena_new();
    const char *text = openssh_key(arena, "ssh-ed25519", "none");
    size_t whole = strlen(text) - strlen("-----END OPENSSH PRIVATE KEY-----\n") - 20;

    (void)state;
    for (size_t i = strlen("-----BEGIN OPENSSH PRIVATE KEY-----"); i < whole; i++) {
        struct slice cut = {arena_copy(arena, text, i), i};
        struct private_key key;
        struct error err = ERROR_INIT;

        assert_false(private_key_inspect(cut, NULL, &key, &err));
        assert_string_equal(err.text, "it is cut off or damaged");
    }
    arena_free(arena);
}

static EVP_PKEY *
make_key(int kind)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(kind, NULL);
    EVP_PKEY *key = NULL;

    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    if (kind == EVP_PKEY_EC)
        assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

static void
pem_keys_tell_their_type_and_their_pass_phrase(void **state)
{
    static const struct {
        int kind;
        const char *type;
    } rows[] = {
        {EVP_PKEY_RSA, "ssh-rsa"}, {EVP_PKEY_EC, "ecdsa"}, {EVP_PKEY_ED25519, "ssh-ed25519"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EVP_PKEY *made = make_key(rows[i].kind);
        BIO *plain = BIO_new(BIO_s_mem());
        BIO *locked = BIO_new(BIO_s_mem());
        struct slice text;
        struct private_key key;
        struct error err = ERROR_INIT;
        char *data;

        PEM_write_bio_PrivateKey(plain, made, NULL, NULL, 0, NULL, NULL);
        text.length = (size_t)BIO_get_mem_data(plain, &data);
        text.data = data;
        assert_true(private_key_inspect(text, NULL, &key, &err));
        assert_string_equal(key.type, rows[i].type);
        assert_false(key.encrypted);
        text.length /= 2;
        assert_false(private_key_inspect(text, NULL, &key, &err));
        PEM_write_bio_PKCS8PrivateKey(locked, made, EVP_aes_256_cbc(), "secret", 6, NULL, NULL);
        text.length = (size_t)BIO_get_mem_data(locked, &data);
        text.data = data;
        assert_true(private_key_inspect(text, "secret", &key, &err));
        assert_true(key.encrypted);
        assert_false(private_key_inspect(text, "guess", &key, &err));
        assert_string_equal(err.text, "its pass phrase is wrong");
        assert_false(private_key_inspect(text, NULL, &key, &err));
        assert_string_equal(err.text, "it is encrypted, and no pass phrase is set");
        BIO_free(plain);
        BIO_free(locked);
        EVP_PKEY_free(made);
    }
}

static void
other_texts_are_named(void **state)
{
    static const struct {
        const char *text;
        const char *complaint;
    } rows[] = {
        {"", "it is not a private key"},
        {"secret", "it is not a private key"},
        {"-----BEGIN ", "it is not a private key"},
        {"PuTTY-User-Key-File-2: ssh-rsa\n", "it is in PuTTY's format"},
        {"---- BEGIN SSH2 PUBLIC KEY ----\n", "it is a public key"},
        {"-----BEGIN PUBLIC KEY-----\n", "it is a public key"},
        {"-----BEGIN CERTIFICATE-----\n", "it is a certificate"},
        {"ssh-rsa AAAA", "it is a public key"},
        {"ecdsa-sha2-nistp256 AAAA", "it is a public key"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct private_key key;
        struct error err = ERROR_INIT;

        assert_false(private_key_inspect(slice_of(rows[i].text), NULL, &key, &err));
        assert_int_equal(err.code, ERROR_PERMISSION);
        assert_string_equal(err.text, rows[i].complaint);
    }
}

static void
what_libssh2_cannot_read_is_told_by_what_is_known(void **state)
{
    struct private_key key = {.encrypted = true};
    struct error err = ERROR_INIT;

    (void)state;
    assert_false(private_key_unreadable(&key, &err));
    assert_string_equal(err.text, "its pass phrase is wrong");
    key = (struct private_key){.type = "ssh-dss"};
    assert_false(private_key_unreadable(&key, &err));
    assert_string_equal(err.text, "libssh2 cannot read it (ssh-dss)");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(openssh_keys_tell_their_type),
    cmocka_unit_test(openssh_keys_that_are_cut),
    cmocka_unit_test(pem_keys_tell_their_type_and_their_pass_phrase),
    cmocka_unit_test(other_texts_are_named),
    cmocka_unit_test(what_libssh2_cannot_read_is_told_by_what_is_known),
};

UNIT_MAIN(tests)
