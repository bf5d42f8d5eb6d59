#include "unit.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static struct arena *arena;

static int
make_arena(void **state)
{
    (void)state;
    arena = arena_new();
    return 0;
}

static int
drop_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static void
good_text_is_returned_itself(void **state)
{
    static const char *const good[] = {"", "Smith-Jones", "M\xc3\xbcller",
                                       "\xe7\x8e\x8b\xe4\xbc\x9f"};
    unsigned mended = 0;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_ptr_equal(text_clean(arena, slice_of(good[i]), &mended).data, good[i]);
        assert_int_equal(mended, 0);
    }
}

static void
decomposed_text_is_composed(void **state)
{
    unsigned mended = 0;

    (void)state;
    assert_slice(text_clean(arena, slice_of("Bjo\xcc\x88rk"), &mended), "Bj\xc3\xb6rk");
    assert_slice(text_clean(arena, slice_of("e\xcc\x81"), &mended), "\xc3\xa9");
    assert_int_equal(mended, 0);
}

static void
bad_bytes_and_forbidden_characters_are_mended(void **state)
{
    static const struct {
        const char *raw, *clean;
        unsigned mended;
    } cases[] = {
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b",
         TEXT_BAD_UTF8},
        {"a\xc3", "a\xef\xbf\xbd", TEXT_BAD_UTF8},
        {"a\x01\x0b"
         "b",
         "ab", TEXT_FORBIDDEN},
        {"\xed\xa0\x80x", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx", TEXT_BAD_UTF8},
        {"x\xef\xbf\xbe", "x", TEXT_FORBIDDEN},
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", TEXT_BAD_UTF8},
        {"a\x7f\xc2\x9b"
         "b",
         "ab", TEXT_FORBIDDEN},
        {"\x1f\xfe", "\xef\xbf\xbd", TEXT_BAD_UTF8 | TEXT_FORBIDDEN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned mended = 0;

        assert_slice(text_clean(arena, slice_of(cases[i].raw), &mended), cases[i].clean);
        assert_int_equal(mended, cases[i].mended);
    }
    assert_int_equal(text_clean(arena, (struct slice){"a\0b", 3}, NULL).length, 2);
}

static void
white_space_becomes_one_blank(void **state)
{
    static const struct {
        const char *raw, *tidy;
    } cases[] = {
        {"  a \t b\r\n c ", "a b c"},
        {"a\xc2\xa0\xe3\x80\x80"
         "b",
         "a b"},
        {" ", ""},
        {"\xe2\x80\x89", ""},
        {"a b", "a b"},
        {"\xe2\x80\xa8x", "x"},
        {"e \xcc\x81", "e \xcc\x81"},
        {"x\x7f", "x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_slice(text_tidy(arena, slice_of(cases[i].raw)), cases[i].tidy);
}

/* The table of ranges that need no normalization, against utf8proc: no character in it changes
 * under NFC or appears behind the first in any decomposition. */
static void
quick_ranges_hold(void **state)
{
    unsigned char *joins = calloc(0x110000, 1);
    char text[8];
    unsigned mended;

    (void)state;
    for (utf8proc_int32_t point = 0; point < 0x110000; point++) {
        utf8proc_int32_t parts[32];
        utf8proc_ssize_t count;

        if (!utf8proc_codepoint_valid(point))
            continue;
        count = utf8proc_decompose_char(point, parts, 32, UTF8PROC_DECOMPOSE, NULL);
        for (utf8proc_ssize_t i = 1; i < count; i++)
            joins[parts[i]] = 1;
    }
    for (utf8proc_int32_t point = 0x80; point < 0x110000; point++) {
        utf8proc_uint8_t *normal;
        size_t length;
        struct slice raw;

        if (!utf8proc_codepoint_valid(point) || point == 0xfffe || point == 0xffff ||
            (point < 0xa0 && point != 0x85))
            continue;
        length = (size_t)utf8proc_encode_char(point, (utf8proc_uint8_t *)text);
        raw = (struct slice){text, length};
        mended = 0;
        if (text_clean(arena, raw, &mended).data != text)
            continue; /* not in a quick range */
        text[length] = '\0';
        normal = utf8proc_NFC((utf8proc_uint8_t *)text);
        assert_string_equal((char *)normal, text);
        free(normal);
        if (joins[point] || utf8proc_get_property(point)->combining_class != 0)
            fail_msg("U+%04X joins the character before it", (unsigned)point);
        arena_reset(arena);
    }
    free(joins);
}

static void
characters_are_counted_and_taken(void **state)
{
    struct slice text = slice_of("a\xc3\xa9\xf0\xa0\xae\xb7z");

    (void)state;
    assert_int_equal(text_characters(text), 4);
    assert_slice(text_take(text, 3), "a\xc3\xa9\xf0\xa0\xae\xb7");
    assert_slice(text_take(text, 0), "");
    assert_slice(text_take(text, 9), text.data);
}

static void
columns_are_those_of_a_terminal(void **state)
{
    /* Two wide characters, a letter with a combining accent. */
    struct slice text = slice_of("a\xe5\xa4\xaa\xe9\x83\x8e"
                                 "e\xcc\x81z");

    (void)state;
    assert_int_equal(text_columns(text), 7);
    assert_int_equal(text_columns(slice_of("")), 0);
    assert_slice(text_take_columns(text, 2), "a");
    assert_slice(text_take_columns(text, 3), "a\xe5\xa4\xaa");
    assert_slice(text_take_columns(text, 6), "a\xe5\xa4\xaa\xe9\x83\x8e"
                                             "e\xcc\x81");
    assert_slice(text_take_columns(text, 7), text.data);
    assert_slice(text_take_columns(slice_of("\xff\xff"), 1), "\xff");
}

static void
case_is_mapped_and_folded(void **state)
{
    (void)state;
    assert_slice(text_lower(arena, slice_of("ARuiz")), "aruiz");
    assert_slice(text_lower(arena, slice_of("\xc3\x84RGER")), "\xc3\xa4rger");
    assert_slice(text_upper(arena, slice_of("\xce\xb1\xce\xb2z")), "\xce\x91\xce\x92Z");
    assert_slice(text_fold(arena, slice_of("Stra\xc3\x9f"
                                           "E")),
                 "strasse");
    assert_true(slice_equal(text_fold(arena, slice_of("BJO\xcc\x88RK")),
                            text_fold(arena, slice_of("bj\xc3\xb6rk"))));
}

static void
terminals_are_shown_nothing_that_moves(void **state)
{
    (void)state;
    assert_slice(text_printable(arena, slice_of("a\x1b[31mb\n"), 99), "a\\x1b[31mb\\x0a");
    assert_slice(text_printable(arena, slice_of("x\xe2\x80\xaey\xff"), 99), "x\\u{202e}y\\xff");
    assert_slice(text_printable(arena, slice_of("\xef\xbf\xbe\xef\xbf\xbf"), 9),
                 "\\u{fffe}\\u{ffff}");
    assert_slice(text_printable(arena, slice_of("abcdef"), 3), "abc\xe2\x80\xa6");
    assert_slice(text_printable(arena, slice_of("M\xc3\xbcller"), 6), "M\xc3\xbcller");
    assert_slice(text_printable(arena, slice_of(""), 3), "");
}

/* Eight bytes are looked at at once: a bad one must be seen wherever it stands. */
static void
utf8_is_told_wherever_it_is_bad(void **state)
{
    static const char *const good[] = {"\xc3\xa4", "\x7f", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                       "\n"};
    static const char *const bad[] = {"\xc3", "\xff",         "\xe2\x82",
                                      "\x80", "\xed\xa0\x80", "\xc0\xaf"};

    (void)state;
    assert_true(text_is_utf8(slice_of("")));
    assert_true(text_is_utf8((struct slice){"a\0b", 3}));
    for (size_t before = 0; before < 20; before++)
        for (size_t after = 0; after < 20; after++) {
            char text[64];

            for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
                snprintf(text, sizeof text, "%.*s%s%.*s", (int)before, "abcdefghijklmnopqrst",
                         good[i], (int)after, "abcdefghijklmnopqrst");
                assert_true(text_is_utf8(slice_of(text)));
            }
            for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                snprintf(text, sizeof text, "%.*s%s%.*s", (int)before, "abcdefghijklmnopqrst",
                         bad[i], (int)after, "abcdefghijklmnopqrst");
                assert_false(text_is_utf8(slice_of(text)));
            }
        }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_text_is_returned_itself),
    cmocka_unit_test(decomposed_text_is_composed),
    cmocka_unit_test(bad_bytes_and_forbidden_characters_are_mended),
    cmocka_unit_test(white_space_becomes_one_blank),
    cmocka_unit_test(quick_ranges_hold),
    cmocka_unit_test(characters_are_counted_and_taken),
    cmocka_unit_test(columns_are_those_of_a_terminal),
    cmocka_unit_test(case_is_mapped_and_folded),
    cmocka_unit_test(terminals_are_shown_nothing_that_moves),
    cmocka_unit_test(utf8_is_told_wherever_it_is_bad),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
