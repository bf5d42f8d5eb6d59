#include "run/init_text.h"

#include "base/text.h"
#include "directory/ldif_write.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static bool
is_letter_or_digit(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

bool
init_is_one_line(struct slice text)
{
    uint32_t point;
    size_t length;

    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.data[i] < 0x20)
            return false;
    return text_is_utf8(text) && text_find_treacherous(text, 0, &point, &length) == text.length;
}

/* What YAML takes for the text it is wherever it stands, but for commas in a list. */
static bool
is_plain(struct slice text)
{
    if (text.length == 0 || !(is_letter_or_digit(text.data[0]) || strchr("/+(", text.data[0])) ||
        strchr(" :", text.data[text.length - 1]))
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];

        if (!c || !(is_letter_or_digit(c) || strchr("._@/+=-:&()! ,", c)))
            return false;
        if (c == ':' && text.data[i + 1] == ' ')
            return false;
    }
    return true;
}

/* Words that other readers of YAML take for something else. */
static bool
is_word_of_yaml(struct slice text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_equal_nocase(text, slice_of(words[i])))
            return true;
    return false;
}

static const char *
in_quotes(struct arena *arena, struct slice text)
{
    struct buffer out = BUFFER_INIT;
    const char *quoted;

    buffer_add_text(&out, "'");
    for (size_t i = 0; i < text.length; i++)
        buffer_add(&out, text.data[i] == '\'' ? "''" : &text.data[i], text.data[i] == '\'' ? 2 : 1);
    buffer_add_text(&out, "'");
    quoted = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return quoted;
}

/* With what ends a line, hides or is not allowed in YAML written by its number (YAML 1.1 section
 * 5.6; to YAML U+0085, U+2028 and U+2029 end lines, too). */
static const char *
in_double_quotes(struct arena *arena, struct slice text)
{
    struct buffer out = BUFFER_INIT;
    uint32_t point;
    size_t length, next = text_find_treacherous(text, 0, &point, &length);
    const char *quoted;

    buffer_add_text(&out, "\"");
    for (size_t at = 0; at < text.length;) {
        if (at == next) {
            buffer_format(&out, "\\U%08" PRIx32, point);
            at += length;
            next = text_find_treacherous(text, at, &point, &length);
            continue;
        }
        if ((unsigned char)text.data[at] < 0x20)
            buffer_format(&out, "\\x%02x", (unsigned char)text.data[at]);
        else
            buffer_format(&out, strchr("\"\\", text.data[at]) ? "\\%c" : "%c", text.data[at]);
        at++;
    }
    buffer_add_text(&out, "\"");
    quoted = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return quoted;
}

const char *
init_quote(struct arena *arena, struct slice text)
{
    if (text_is_utf8(text) && !init_is_one_line(text))
        return in_double_quotes(arena, text);
    if (is_plain(text) && !is_word_of_yaml(text))
        return arena_copy(arena, text.data, text.length);
    return in_quotes(arena, text);
}

const char *
init_quote_item(struct arena *arena, struct slice text)
{
    bool has_comma = text.length > 0 && memchr(text.data, ',', text.length);

    return has_comma && init_is_one_line(text) ? in_quotes(arena, text) : init_quote(arena, text);
}

const char *
init_dn(struct arena *arena, struct slice dn)
{
    struct buffer out = BUFFER_INIT;
    bool is_utf8 = text_is_utf8(dn), escaped = false;
    uint32_t point;
    size_t length = 0, next = text_find_treacherous(dn, 0, &point, &length), end = 0;
    const char *text;

    for (size_t at = 0; at < dn.length; at++) {
        unsigned char c = (unsigned char)dn.data[at];

        if (at == next) {
            end = at + length;
            next = text_find_treacherous(dn, end, &point, &length);
        }
        if (c < 0x20 || at < end || (c >= 0x80 && !is_utf8))
            buffer_format(&out, escaped ? "%02X" : "\\%02X", c);
        else
            buffer_add(&out, &dn.data[at], 1);
        escaped = c == '\\' && !escaped;
    }
    text = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

/* SAFE-STRING of RFC 2849, with UTF-8 that is to be read by people, within a block of YAML. */
static bool
is_ldif_text(struct slice value)
{
    return value.length > 0 && !strchr(" :<", value.data[0]) &&
           value.data[value.length - 1] != ' ' && init_is_one_line(value);
}

void
init_ldif_line(struct buffer *out, const char *indent, const char *name, struct slice value)
{
    if (is_ldif_text(value)) {
        buffer_format(out, "%s%s: %.*s\n", indent, name, SLICE_ARG(value));
        return;
    }
    buffer_format(out, "%s%s:: ", indent, name);
    ldif_write_base64(out, value);
    buffer_add_text(out, "\n");
}

const char *
init_number(struct arena *arena, size_t number)
{
    enum { THOUSAND = 1000 };

    if (number < THOUSAND)
        return arena_format(arena, "%zu", number);
    return arena_format(arena, "%s,%03zu", init_number(arena, number / THOUSAND),
                        number % THOUSAND);
}

const char *
init_mask(struct arena *arena, struct slice value)
{
    enum { CHARACTERS_MOST = 40 };
    struct slice shown = text_take(value, CHARACTERS_MOST);
    size_t length = 0;
    char *mask;

    if (!text_is_utf8(value))
        return arena_format(arena, "(%zu bytes)", value.length);
    mask = arena_copy(arena, shown.data, shown.length);
    for (size_t i = 0; i < shown.length; i++) {
        unsigned char c = (unsigned char)shown.data[i];

        if (c >= 0x80 && c < 0xc0)
            continue; /* inside of a character */
        mask[length++] = c >= 0x80 || islower(c) ? 'x'
                         : isupper(c)            ? 'X'
                         : isdigit(c)            ? '9'
                         : c < 0x20              ? ' '
                                                 : (char)c;
    }
    mask[length] = '\0';
    return shown.length < value.length ? arena_format(arena, "%s…", mask) : mask;
}

struct slice
init_parent(struct slice dn)
{
    for (size_t i = 0; i < dn.length; i++) {
        if (dn.data[i] == '\\') {
            i++;
        } else if (dn.data[i] == ',') {
            while (i + 1 < dn.length && dn.data[i + 1] == ' ')
                i++;
            return (struct slice){dn.data + i + 1, dn.length - i - 1};
        }
    }
    return (struct slice){"", 0};
}
