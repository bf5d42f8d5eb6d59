#include "unit.h"

#include "directory/ldif_write.h"

#include <stdlib.h>
#include <string.h>

static void
expect_line(struct slice value, const char *expected)
{
    struct buffer out = BUFFER_INIT;

    ldif_write_line(&out, slice_of("cn"), value);
    assert_slice(((struct slice){out.data, out.length}), expected);
    buffer_free(&out);
}

static void
bytes_that_ask_for_it_are_in_base64(void **state)
{
    (void)state;
    expect_line(slice_of("Ana Ruiz"), "cn: Ana Ruiz\n");
    expect_line(slice_of("a:b <c#"), "cn: a:b <c#\n");
    expect_line(slice_of(""), "cn:\n");
    expect_line(SLICE_NONE, "cn:\n");
    expect_line(slice_of(" a"), "cn:: IGE=\n");
    expect_line(slice_of("a "), "cn:: YSA=\n");
    expect_line(slice_of(":a"), "cn:: OmE=\n");
    expect_line(slice_of("<a"), "cn:: PGE=\n");
    expect_line(slice_of("a\nb"), "cn:: YQpi\n");
    expect_line(slice_of("a\x1b[2J"), "cn:: YRtbMko=\n");
    expect_line(slice_of("N\303\272\303\261ez"), "cn:: TsO6w7Fleg==\n");
    expect_line((struct slice){"\0", 1}, "cn:: AA==\n");
}

/* Every length around the breaks: lines of 76 columns at most, and nothing but breaks is new. */
static void
lines_are_folded(void **state)
{
    enum { LENGTH_MOST = 400, COLUMNS = 76 };

    (void)state;
    for (size_t length = 1; length < LENGTH_MOST; length++) {
        struct buffer value = BUFFER_INIT, out = BUFFER_INIT, joined = BUFFER_INIT;

        for (size_t i = 0; i < length; i++)
            buffer_add(&value, &"abcdefghijklmnopqrstuvwxyz"[i % 26], 1);
        ldif_write_line(&out, slice_of("cn"), (struct slice){value.data, length});
        for (size_t at = 0; at < out.length;) {
            char *end = memchr(out.data + at, '\n', out.length - at);
            size_t columns = (size_t)(end - out.data) - at;

            assert_in_range(columns, 2, COLUMNS);
            assert_true(columns == COLUMNS || end == out.data + out.length - 1);
            assert_int_equal(out.data[at] == ' ', at > 0);
            buffer_add(&joined, out.data + at + (at > 0), columns - (at > 0));
            at += columns + 1;
        }
        assert_int_equal(joined.length, length + 4);
        assert_memory_equal(joined.data, "cn: ", 4);
        assert_memory_equal(joined.data + 4, value.data, length);
        buffer_free(&value);
        buffer_free(&out);
        buffer_free(&joined);
    }
}

static void
an_entry_is_a_record(void **state)
{
    struct whole_entry *entry = whole_entry_new(slice_of("cn=\303\241"));
    const struct slice names[] = {slice_of("MAIL"), slice_of("sn")};
    struct buffer out = BUFFER_INIT;

    (void)state;
    whole_entry_add(entry, slice_of("cn"), slice_of("a"));
    whole_entry_add(entry, slice_of("mail"), slice_of("m"));
    whole_entry_add(entry, slice_of("mail"), slice_of("n"));
    ldif_write_entry(&out, entry, NULL, 0);
    ldif_write_entry(&out, entry, names, 2);
    ldif_write_entry(&out, entry, names, 0);
    assert_slice(((struct slice){out.data, out.length}),
                 "dn:: Y249w6E=\ncn: a\nmail: m\nmail: n\n\n"
                 "dn:: Y249w6E=\nmail: m\nmail: n\n\n"
                 "dn:: Y249w6E=\n\n");
    buffer_free(&out);
    whole_entry_free(entry);
}

static void
much_is_encoded_in_pieces(void **state)
{
    enum { BYTES = 7 * 1024 * 1024 + 1 };
    struct buffer out = BUFFER_INIT;
    char *zeros = calloc(BYTES, 1);

    (void)state;
    ldif_write_base64(&out, (struct slice){zeros, BYTES});
    buffer_add(&out, "", 1);
    out.length--;
    assert_int_equal(out.length, (BYTES + 2) / 3 * 4);
    assert_int_equal(strspn(out.data, "A"), out.length - 1);
    assert_slice(((struct slice){out.data + out.length - 1, 1}), "=");
    free(zeros);
    buffer_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(bytes_that_ask_for_it_are_in_base64),
    cmocka_unit_test(lines_are_folded),
    cmocka_unit_test(an_entry_is_a_record),
    cmocka_unit_test(much_is_encoded_in_pieces),
};

UNIT_MAIN(tests)
