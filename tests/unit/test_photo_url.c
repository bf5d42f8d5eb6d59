#include "unit.h"

#include "photos/url.h"

static const char base[] = "https://id.example.edu/cards/";

/* The URL, or the trouble in angle brackets. */
static void
assert_url(struct slice value, const char *expected)
{
    struct buffer url = BUFFER_INIT;
    const char *trouble = NULL;

    if (!url_below(base, value, &url, &trouble)) {
        url.length = 0;
        buffer_format(&url, "<%s>", trouble);
    }
    assert_slice(((struct slice){url.data, url.length}), expected);
    buffer_free(&url);
}

static void
a_value_is_a_url_a_path_or_relative(void **state)
{
    static const char *const values[] = {
        "https://id.example.edu/cards/a/1.jpg",
        "HTTPS://ID.Example.EDU/cards/a/1.jpg",
        "/cards/a/1.jpg",
        "a/1.jpg",
        " a/1.jpg\r\n",
        "a/1.jpg#face",
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_url(slice_of(values[i]), "https://id.example.edu/cards/a/1.jpg");
}

static void
what_a_url_cannot_hold_is_escaped(void **state)
{
    (void)state;
    assert_url(slice_of("M\xc3\xbc ller.jpg"), "https://id.example.edu/cards/M%C3%BC%20ller.jpg");
    assert_url(slice_of("a%20b.jpg"), "https://id.example.edu/cards/a%20b.jpg");
    assert_url(slice_of("get?id=1&x=a/../b\""),
               "https://id.example.edu/cards/get?id=1&x=a/../b%22");
    assert_url(slice_of("a.b/..c/d../...jpg"), "https://id.example.edu/cards/a.b/..c/d../...jpg");
}

static void
what_lies_elsewhere_is_refused(void **state)
{
    static const char *const values[] = {
        "https://id.example.edu/cards/",
        "https://id.example.edu/cards",
        "https://id.example.edu/card",
        "https://id.example.edu/Cards/1.jpg",
        "https://id.example.edu/cards.evil/1.jpg",
        "https://id.example.edu:444/cards/1",
        "https://id.example.edu.evil.example/cards/1",
        "https://x@id.example.edu/cards/1",
        "http://id.example.edu/cards/1.jpg",
        "//evil.example/cards/1.jpg",
        "/1.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "",
        " ",
        "#1.jpg",
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_url(slice_of(values[i]), "<does not begin with 'photos.base_url'>");
}

static void
nothing_leads_above_the_base(void **state)
{
    static const char *const values[] = {
        "..",       "../a",   "a/..",    "a/../../b",   "./a",
        "%2e%2e/a", ".%2E/a", "a/%2e/b", "/cards/../a", "https://id.example.edu/cards/../a",
        "a/..?b",   "..;a/b", "a/..;/b", "a/..%3B",     ".;..",
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_url(slice_of(values[i]), "<has '.' or '..' as a part, which leads elsewhere>");
    assert_url(slice_of("a%2fb"), "<has a slash in it that leads who knows where>");
    assert_url(slice_of("a\\b"), "<has a slash in it that leads who knows where>");
    assert_url(slice_of("a%5cb"), "<has a slash in it that leads who knows where>");
    assert_url(slice_of("a%0ab"), "<has a control character in it>");
    assert_url(((struct slice){"a\0b", 3}), "<has a control character in it>");
    assert_url(slice_of("a%b"), "<is no URL: after '%' stand two digits>");
    assert_url(slice_of("a%"), "<is no URL: after '%' stand two digits>");
}

static void
a_name_is_put_behind_the_base(void **state)
{
    struct buffer url = BUFFER_INIT;

    (void)state;
    url_of_name(base, "M\xc3\xbcller +1@x.JPG", &url);
    assert_slice(((struct slice){url.data, url.length}),
                 "https://id.example.edu/cards/M%C3%BCller%20+1@x.JPG");
    buffer_free(&url);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_a_url_a_path_or_relative),
        cmocka_unit_test(what_a_url_cannot_hold_is_escaped),
        cmocka_unit_test(what_lies_elsewhere_is_refused),
        cmocka_unit_test(nothing_leads_above_the_base),
        cmocka_unit_test(a_name_is_put_behind_the_base),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
