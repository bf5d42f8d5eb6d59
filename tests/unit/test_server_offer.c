#include "unit.h"

#include "base/buffer.h"
#include "delivery/server_offer.h"

static void
add_string(struct buffer *to, const char *text)
{
    size_t length = strlen(text);
    char head[] = {0, 0, (char)(length >> 8), (char)length};

    buffer_add(to, head, sizeof head);
    buffer_add(to, text, length);
}

/* What a server sends first: perhaps lines, its version, the packet with its offers. */
static struct buffer
first_bytes(const char *version)
{
    static const char *const lists[] = {
        "curve25519-sha256", "rsa-sha2-512,rsa-sha2-256", "aes256", "aes128", "hmac-in",
        "hmac-out"};
    struct buffer packet = BUFFER_INIT;
    struct buffer all = BUFFER_INIT;
    char head[] = {0, 0, 0, 0, 4};

    buffer_add(&packet,
               "\x14"
               "0123456789abcdef",
               17);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        add_string(&packet, lists[i]);
    buffer_add_text(&all, version);
    head[2] = (char)((packet.length + 1) >> 8);
    head[3] = (char)(packet.length + 1);
    buffer_add(&all, head, sizeof head);
    buffer_add(&all, packet.data, packet.length);
    buffer_free(&packet);
    return all;
}

static void
the_lists_are_found(void **state)
{
    static const char *const versions[] = {"SSH-2.0-x\r\n", "Welcome\r\nto SSH\nSSH-1.99-y\n"};

    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct buffer heard = first_bytes(versions[i]);
        struct slice bytes = {heard.data, heard.length};

        assert_slice(server_offer(bytes, OFFER_KEY_EXCHANGE), "curve25519-sha256");
        assert_slice(server_offer(bytes, OFFER_HOST_KEYS), "rsa-sha2-512,rsa-sha2-256");
        assert_slice(server_offer(bytes, OFFER_CIPHERS), "aes256");
        assert_slice(server_offer(bytes, OFFER_MACS), "hmac-in");
        buffer_free(&heard);
    }
}

static void
bytes_that_are_cut_have_no_list(void **state)
{
    struct buffer heard = first_bytes("SSH-2.0-x\r\n");

    (void)state;
    for (size_t i = 0; i < heard.length; i++) {
        char *cut = memory_alloc(i + 1); /* so that a sanitizer sees what is read behind it */
        struct slice bytes = {cut, i};

        memcpy(cut, heard.data, i);
        assert_slice(server_offer(bytes, OFFER_MACS), NULL);
        free(cut);
    }
    buffer_free(&heard);
}

static void
other_servers_have_no_list(void **state)
{
    (void)state;
    assert_slice(server_offer(slice_of("220 mail.example.edu ESMTP\r\n"), OFFER_KEY_EXCHANGE),
                 NULL);
    assert_slice(server_offer(slice_of("SSH-2.0-x\r\n\xff\xff\xff\xff\xff"), OFFER_KEY_EXCHANGE),
                 NULL);
}

static void
names_are_found_whole(void **state)
{
    struct slice list = slice_of("aes128-ctr,aes256-ctr,none");

    (void)state;
    assert_true(server_offer_has(list, "aes128-ctr"));
    assert_true(server_offer_has(list, "aes256-ctr"));
    assert_true(server_offer_has(list, "none"));
    assert_false(server_offer_has(list, "aes256"));
    assert_false(server_offer_has(list, "non"));
    assert_false(server_offer_has(slice_of(""), "none"));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_lists_are_found),
    cmocka_unit_test(bytes_that_are_cut_have_no_list),
    cmocka_unit_test(other_servers_have_no_list),
    cmocka_unit_test(names_are_found_whole),
};

UNIT_MAIN(tests)
