#include "unit.h"

#include "base/diff.h"

static void
expect(const char *before, const char *after, const char *difference)
{
    struct buffer out = BUFFER_INIT;

    diff_lines(slice_of(before), slice_of(after), &out);
    buffer_add(&out, "", 1);
    assert_string_equal(out.data, difference);
    buffer_free(&out);
}

static void
differences_are_lines(void **state)
{
    (void)state;
    expect("", "", "");
    expect("a\nb\n", "a\nb\n", "");
    expect("a\n", "", "- a\n");
    expect("", "a\nb", "+ a\n+ b\n");
    expect("a\nb\nc\n", "a\nx\nc\n", "- b\n+ x\n");
    expect("a\nb\nc\nd\ne\n", "a\nc\nx\ne\n", "- b\n- d\n+ x\n");
    expect("a\na\na\n", "a\na\n", "- a\n");
    expect("a\nb\n", "b\na\n", "- a\n+ a\n");
    expect("a", "a\n", "");
}

static void
what_differs_in_very_many_lines_is_told_as_a_whole(void **state)
{
    enum { LINES = 3000 };
    struct buffer before = BUFFER_INIT, after = BUFFER_INIT, out = BUFFER_INIT;
    size_t minus = 0, plus = 0;

    (void)state;
    for (int i = 0; i < LINES; i++) {
        buffer_format(&before, "%d\n", i);
        buffer_format(&after, "%d\n", i == 0 || i == LINES - 1 ? i : i + LINES);
    }
    diff_lines((struct slice){before.data, before.length}, (struct slice){after.data, after.length},
               &out);
    for (size_t i = 0; i < out.length; i++) {
        minus += out.data[i] == '-';
        plus += out.data[i] == '+';
    }
    assert_int_equal(minus, LINES - 2);
    assert_int_equal(plus, LINES - 2);
    assert_memory_equal(out.data, "- 1\n", 4);
    buffer_free(&before);
    buffer_free(&after);
    buffer_free(&out);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(differences_are_lines),
    cmocka_unit_test(what_differs_in_very_many_lines_is_told_as_a_whole),
};

UNIT_MAIN(tests)
