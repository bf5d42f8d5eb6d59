#include "unit.h"

#include "base/csv_write.h"

static const char *
written(struct buffer *out, const struct slice *fields, size_t count)
{
    struct arena *scratch = arena_new();

    buffer_free(out);
    csv_write_row(out, scratch, fields, count);
    buffer_add(out, "", 1);
    arena_free(scratch);
    return out->data;
}

static void
a_row_is_as_rfc_4180_has_it(void **state)
{
    const struct slice fields[] = {slice_of("plain"), slice_of("a,b"), slice_of("say \"no\""),
                                   SLICE_NONE,        slice_of(""),    slice_of(" blank")};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_string_equal(written(&out, fields, 6),
                        "plain,\"a,b\",\"say \"\"no\"\"\",,,\" blank\"\r\n");
    assert_string_equal(written(&out, fields, 1), "plain\r\n");
    buffer_free(&out);
}

static void
nothing_is_computed(void **state)
{
    static const struct {
        const char *value, *row;
    } cases[] = {
        {"=1+1", "'=1+1\r\n"},
        {"+4912", "'+4912\r\n"},
        {"-2", "'-2\r\n"},
        {"@SUM(A1)", "'@SUM(A1)\r\n"},
        {" =1", "\"' =1\"\r\n"},
        {"\xc2\xa0=1", "'\xc2\xa0=1\r\n"},
        {"\xef\xbc\x9d"
         "1",
         "'\xef\xbc\x9d"
         "1\r\n"},
        {"=HYPERLINK(\"http://example.com\",\"a\")",
         "\"'=HYPERLINK(\"\"http://example.com\"\",\"\"a\"\")\"\r\n"},
        {"a=b", "a=b\r\n"},
        {"  ", "\"  \"\r\n"},
        {"", "\r\n"},
    };
    struct buffer out = BUFFER_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct slice field = slice_of(cases[i].value);

        assert_string_equal(written(&out, &field, 1), cases[i].row);
    }
    buffer_free(&out);
}

static void
no_byte_does_harm(void **state)
{
    static const char value[] = "a\r\n=b\t\0\x1b[2J\xff\xe2\x80\xae.";
    const struct slice field = {value, sizeof value - 1};
    struct buffer out = BUFFER_INIT;

    (void)state;
    assert_string_equal(written(&out, &field, 1),
                        "a\\x0d\\x0a=b\\x09\\x00\\x1b[2J\\xff\\u{202e}.\r\n");
    buffer_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_row_is_as_rfc_4180_has_it),
    cmocka_unit_test(nothing_is_computed),
    cmocka_unit_test(no_byte_does_harm),
};

UNIT_MAIN(tests)
