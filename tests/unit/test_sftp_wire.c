#include "unit.h"

#include "delivery/sftp_wire.h"

#include <stdlib.h>
#include <string.h>

#define BYTES(text) ((struct slice){(text), sizeof(text) - 1})

#define assert_bytes(buffer, text) assert_bytes_at((buffer), BYTES(text), __FILE__, __LINE__)

static void
assert_bytes_at(struct buffer *got, struct slice expected, const char *file, int line)
{
    bool same =
        got->length == expected.length && memcmp(got->data, expected.data, expected.length) == 0;

    for (size_t i = 0; !same && i < got->length; i++)
        print_error("%02x ", (unsigned char)got->data[i]);
    buffer_free(got);
    if (!same)
        _fail(file, line);
}

static void
requests_are_those_of_the_draft(void **state)
{
    struct buffer out = BUFFER_INIT;

    (void)state;
    sftp_wire_init(&out);
    assert_bytes(&out, "\0\0\0\5\1\0\0\0\3");
    sftp_wire_create(&out, 7, "d/a", 0644);
    assert_bytes(&out, "\0\0\0\30\3\0\0\0\7\0\0\0\3d/a\0\0\0\52\0\0\0\4\0\0\1\244");
    sftp_wire_write(&out, 0x01020304, BYTES("h"), 0x100000002, BYTES("xyz"));
    assert_bytes(&out, "\0\0\0\31\6\1\2\3\4\0\0\0\1h\0\0\0\1\0\0\0\2\0\0\0\3xyz");
    sftp_wire_set_mode(&out, 1, BYTES("h"), 0644);
    assert_bytes(&out, "\0\0\0\22\12\0\0\0\1\0\0\0\1h\0\0\0\4\0\0\1\244");
    sftp_wire_ask(&out, SFTP_CLOSE, 2, BYTES("h"));
    assert_bytes(&out, "\0\0\0\12\4\0\0\0\2\0\0\0\1h");
    sftp_wire_rename(&out, 3, "a", "b");
    assert_bytes(&out, "\0\0\0\17\22\0\0\0\3\0\0\0\1a\0\0\0\1b");
    sftp_wire_extended(&out, SFTP_POSIX_RENAME, 4, BYTES("a"), BYTES("b"));
    assert_bytes(&out, "\0\0\0\53\310\0\0\0\4\0\0\0\30posix-rename@openssh.com"
                       "\0\0\0\1a\0\0\0\1b");
    sftp_wire_extended(&out, SFTP_FSYNC, 5, BYTES("h"), SLICE_NONE);
    assert_bytes(&out, "\0\0\0\37\310\0\0\0\5\0\0\0\21fsync@openssh.com\0\0\0\1h");
}

static void
requests_follow_each_other(void **state)
{
    struct buffer out = BUFFER_INIT;
    struct slice rest, packet;

    (void)state;
    sftp_wire_ask(&out, SFTP_REMOVE, 1, BYTES("a"));
    sftp_wire_ask(&out, SFTP_LSTAT, 2, BYTES("bc"));
    rest = (struct slice){out.data, out.length};
    assert_int_equal(sftp_wire_cut(&rest, &packet), SFTP_CUT_PACKET);
    assert_true(slice_equal(packet, BYTES("\15\0\0\0\1\0\0\0\1a")));
    assert_int_equal(sftp_wire_cut(&rest, &packet), SFTP_CUT_PACKET);
    assert_true(slice_equal(packet, BYTES("\7\0\0\0\2\0\0\0\2bc")));
    assert_int_equal(sftp_wire_cut(&rest, &packet), SFTP_CUT_PARTLY);
    buffer_free(&out);
}

static void
packets_are_cut(void **state)
{
    const struct {
        struct slice bytes;
        enum sftp_cut cut;
    } rows[] = {
        {BYTES(""), SFTP_CUT_PARTLY},          {BYTES("\0\0\0"), SFTP_CUT_PARTLY},
        {BYTES("\0\0\0\1"), SFTP_CUT_PARTLY},  {BYTES("\0\0\0\2x"), SFTP_CUT_PARTLY},
        {BYTES("\0\0\0\1x"), SFTP_CUT_PACKET}, {BYTES("\0\0\0\1xy"), SFTP_CUT_PACKET},
        {BYTES("\0\0\0\0"), SFTP_CUT_BAD},     {BYTES("\0\4\0\0x"), SFTP_CUT_PARTLY},
        {BYTES("\0\4\0\1x"), SFTP_CUT_BAD},    {BYTES("\377\377\377\377x"), SFTP_CUT_BAD},
        {BYTES("Welcome"), SFTP_CUT_BAD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice rest = rows[i].bytes, packet = SLICE_NONE;

        assert_int_equal(sftp_wire_cut(&rest, &packet), rows[i].cut);
        assert_int_equal(packet.length, rows[i].cut == SFTP_CUT_PACKET ? 1 : 0);
    }
}

static void
greetings(void **state)
{
    const struct slice bad[] = {
        BYTES(""),
        BYTES("\2"),
        BYTES("\2\0\0\0"),
        BYTES("\145\0\0\0\3"),
        BYTES("\2\0\0\0\3\0\0\0\1x"),
        BYTES("\2\0\0\0\3\0\0\0\1x\0\0\0\2y"),
    };
    struct sftp_greeting greeting;

    (void)state;
    assert_true(sftp_wire_read_greeting(BYTES("\2\0\0\0\3"), &greeting));
    assert_int_equal(greeting.version, 3);
    assert_false(greeting.offers[SFTP_FSYNC]);
    assert_true(sftp_wire_read_greeting(BYTES("\2\0\0\0\3\0\0\0\1x\0\0\0\0"
                                              "\0\0\0\21fsync@openssh.com\0\0\0\0011"),
                                        &greeting));
    assert_true(greeting.offers[SFTP_FSYNC]);
    assert_false(greeting.offers[SFTP_POSIX_RENAME]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(sftp_wire_read_greeting(bad[i], &greeting));
}

static void
answers(void **state)
{
    struct sftp_reply reply;

    (void)state;
    assert_true(sftp_wire_read(BYTES("\145\0\0\0\11\0\0\0\4\0\0\0\2no\0\0\0\0"), &reply));
    assert_int_equal(reply.type, SFTP_STATUS);
    assert_int_equal(reply.id, 9);
    assert_int_equal(reply.status, 4);
    assert_slice(reply.text, "no");
    assert_true(sftp_wire_read(BYTES("\145\0\0\0\11\0\0\0\4"), &reply));
    assert_null(reply.text.data);
    assert_true(sftp_wire_read(BYTES("\146\0\0\0\1\0\0\0\1h"), &reply));
    assert_slice(reply.text, "h");
    assert_true(sftp_wire_read(BYTES("\151\0\0\0\1\0\0\0\0"), &reply));
    assert_false(reply.attributes.has_size);
    assert_true(sftp_wire_read(BYTES("\151\0\0\0\1\200\0\0\17\0\0\0\0\0\0\1\2"
                                     "\0\0\0\1\0\0\0\2\0\0\201\244\0\0\0\3\0\0\0\4"
                                     "\0\0\0\1\0\0\0\1n\0\0\0\1v"),
                               &reply));
    assert_true(reply.attributes.has_size);
    assert_int_equal(reply.attributes.size, 0x102);
    assert_int_equal(reply.attributes.mode, 0100644);
    assert_int_equal(reply.attributes.modified, 4);
}

static void
short_and_odd_answers_are_refused(void **state)
{
    const struct slice bad[] = {
        BYTES(""),
        BYTES("\145"),
        BYTES("\145\0\0\0"),
        BYTES("\145\0\0\0\1\0\0\0"),
        BYTES("\146\0\0\0\1"),
        BYTES("\146\0\0\0\1\0\0\0\2h"),
        BYTES("\150\0\0\0\1\0\0"),
        BYTES("\151\0\0\0\1"),
        BYTES("\151\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0"),
        BYTES("\151\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0"),
        BYTES("\151\0\0\0\1\0\0\0\4\0\0\0"),
        BYTES("\151\0\0\0\1\0\0\0\10\0\0\0\0\0\0\0"),
        BYTES("\151\0\0\0\1\200\0\0\0\377\377\377\377"),
        BYTES("\147\0\0\0\1\0\0\0\1x"), /* data, which nobody asks for */
        BYTES("\1\0\0\0\1"),
        BYTES("\377\0\0\0\1"),
    };
    struct buffer handle = BUFFER_INIT;
    struct sftp_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(sftp_wire_read(bad[i], &reply));
    buffer_add(&handle, "\146\0\0\0\1\0\0\1\1", 9);
    memset(buffer_reserve(&handle, 257), 'h', 257);
    assert_false(sftp_wire_read((struct slice){handle.data, 9 + 257}, &reply));
    handle.data[8] = '\0';
    assert_true(sftp_wire_read((struct slice){handle.data, 9 + 256}, &reply));
    buffer_free(&handle);
}

static void
names_are_taken_one_by_one(void **state)
{
    struct sftp_reply reply;
    struct slice name;

    (void)state;
    assert_true(sftp_wire_read(BYTES("\150\0\0\0\1\0\0\0\2\0\0\0\1a\0\0\0\2-r\0\0\0\0"
                                     "\0\0\0\1b\0\0\0\0\0\0\0\4\0\0\0\0"),
                               &reply));
    assert_true(sftp_wire_take_name(&reply, &name));
    assert_slice(name, "a");
    assert_true(sftp_wire_take_name(&reply, &name));
    assert_slice(name, "b");
    assert_false(sftp_wire_take_name(&reply, &name));
    /* More are promised than there are. */
    assert_true(sftp_wire_read(BYTES("\150\0\0\0\1\377\377\377\377\0\0\0\1a"), &reply));
    assert_false(sftp_wire_take_name(&reply, &name));
}

static void
free_space(void **state)
{
    struct sftp_reply reply;
    uint64_t bytes = 0;

    (void)state;
    assert_true(sftp_wire_read(BYTES("\311\0\0\0\1\0\0\0\0\0\0\20\0\0\0\0\0\0\0\2\0"
                                     "\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0\7"),
                               &reply));
    assert_true(sftp_wire_read_space(&reply, &bytes));
    assert_int_equal(bytes, 7 * 512);
    assert_true(sftp_wire_read(BYTES("\311\0\0\0\1\0\0\0\0\0\0\20\0\377\377\377\377\377\377\377\377"
                                     "\0\0\0\0\0\0\0\11\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0\7"),
                               &reply));
    assert_false(sftp_wire_read_space(&reply, &bytes));
    assert_true(sftp_wire_read(BYTES("\311\0\0\0\1\0\0\0\0"), &reply));
    assert_false(sftp_wire_read_space(&reply, &bytes));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(requests_are_those_of_the_draft),
    cmocka_unit_test(requests_follow_each_other),
    cmocka_unit_test(packets_are_cut),
    cmocka_unit_test(greetings),
    cmocka_unit_test(answers),
    cmocka_unit_test(short_and_odd_answers_are_refused),
    cmocka_unit_test(names_are_taken_one_by_one),
    cmocka_unit_test(free_space),
};

UNIT_MAIN(tests)
