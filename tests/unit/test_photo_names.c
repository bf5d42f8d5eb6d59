#include "unit.h"

#include "photos/names.h"

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

static const char *
name_of(struct slice identifier)
{
    const char *trouble, *name = photo_name(arena, identifier, "JPG", &trouble);

    return name ? name : trouble;
}

static void
a_name_is_the_identifier_letter_by_letter(void **state)
{
    (void)state;
    assert_string_equal(name_of(slice_of("D12345678")), "D12345678.JPG");
    assert_string_equal(name_of(slice_of("Ana.Ruiz@example.edu")), "Ana.Ruiz@example.edu.JPG");
    assert_string_equal(name_of(slice_of("M\xc3\xbcller +1")), "M\xc3\xbcller +1.JPG");
}

static void
what_could_lead_elsewhere_is_no_name(void **state)
{
    static const struct {
        struct slice identifier;
        const char *trouble;
    } cases[] = {
        {{"", 0}, "is empty"},
        {{"..", 2}, "begins with a dot, which hides the file"},
        {{".htaccess", 9}, "begins with a dot, which hides the file"},
        {{"a/b", 3}, "has a slash in it, which would lead into another folder"},
        {{"a\\b", 3}, "has a slash in it, which would lead into another folder"},
        {{"a\nb", 3}, "has a character in it that nobody sees"},
        {{"a\0b", 3}, "has a character in it that nobody sees"},
        {{"a\x7f", 2}, "has a character in it that nobody sees"},
        {{"a\xff", 2}, "has a character in it that nobody sees"},
        {{"a\xe2\x80\xae", 4}, "has a character in it that nobody sees"},
        {{"a?b", 3}, "has '?', '#' or '%' in it, which mean something else in a URL"},
        {{"a%2e", 4}, "has '?', '#' or '%' in it, which mean something else in a URL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(name_of(cases[i].identifier), cases[i].trouble);
}

static void
a_name_has_200_bytes_at_most(void **state)
{
    char longest[PHOTO_NAME_BYTES_MOST];

    (void)state;
    memset(longest, 'x', sizeof longest);
    assert_int_equal(strlen(name_of((struct slice){longest, sizeof longest - 4})),
                     PHOTO_NAME_BYTES_MOST);
    assert_string_equal(name_of((struct slice){longest, sizeof longest - 3}),
                        "is longer than a file's name should be");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_the_identifier_letter_by_letter),
        cmocka_unit_test(what_could_lead_elsewhere_is_no_name),
        cmocka_unit_test(a_name_has_200_bytes_at_most),
    };

    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
