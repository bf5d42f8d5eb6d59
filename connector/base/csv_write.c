#include "base/csv_write.h"

#include "base/text.h"

#include <string.h>

/* Also the wide forms, which some spreadsheets read as the plain ones: U+FF0B, U+FF0D, U+FF1D,
 * U+FF20. */
static bool
is_like_formula(struct slice text)
{
    static const char *const beginnings[] = {
        "=", "+", "-", "@", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\x9d", "\xef\xbc\xa0"};

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        struct slice beginning = slice_of(beginnings[i]);

        if (text.length >= beginning.length &&
            memcmp(text.data, beginning.data, beginning.length) == 0)
            return true;
    }
    return false;
}

/* Blanks at the beginning are dropped before a formula is looked for. */
static struct slice
without_blanks(struct slice text)
{
    size_t blank;

    while (text.length > 0 && (blank = text_blank_length(text.data, text.length)) > 0)
        text = (struct slice){text.data + blank, text.length - blank};
    return text;
}

static bool
needs_quotes(struct slice text)
{
    if (text.length == 0)
        return false;
    return memchr(text.data, ',', text.length) || memchr(text.data, ';', text.length) ||
           memchr(text.data, '"', text.length) || text.data[0] == ' ' ||
           text.data[text.length - 1] == ' ';
}

static void
add_field(struct buffer *out, struct arena *scratch, struct slice field)
{
    struct slice text = text_printable(scratch, field, field.length);
    bool quoted = needs_quotes(text);

    if (quoted)
        buffer_add(out, "\"", 1);
    if (is_like_formula(without_blanks(text)))
        buffer_add(out, "'", 1);
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"')
            buffer_add(out, "\"", 1);
        buffer_add(out, text.data + i, 1);
    }
    if (quoted)
        buffer_add(out, "\"", 1);
}

void
csv_write_row(struct buffer *out, struct arena *scratch, const struct slice *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add(out, ",", 1);
        if (fields[i].data)
            add_field(out, scratch, fields[i]);
        arena_reset(scratch);
    }
    buffer_add(out, "\r\n", 2);
}
