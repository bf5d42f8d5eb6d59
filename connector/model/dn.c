#include "model/dn.h"

#include "base/hex.h"

static bool
is_type_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == ';';
}

static void
skip_blanks(struct dn_reader *reader)
{
    while (reader->at < reader->text.length && reader->text.data[reader->at] == ' ')
        reader->at++;
}

static bool
is_separator(char c)
{
    return c == ',' || c == '+' || c == ';';
}

/* Moves behind the value; blanks at its end that are not escaped do not belong to it. */
static struct slice
read_value(struct dn_reader *reader)
{
    struct slice text = reader->text;
    size_t start = reader->at, end = reader->at;
    bool quoted = false;

    while (reader->at < text.length) {
        char c = text.data[reader->at];

        if (!quoted && is_separator(c))
            break;
        if (c == '"')
            quoted = !quoted;
        if (c == '\\' && reader->at + 1 < text.length)
            reader->at++;
        reader->at++;
        if (c != ' ')
            end = reader->at;
    }
    return (struct slice){text.data + start, end - start};
}

enum dn_result
dn_next(struct dn_reader *reader, struct dn_part *ret_part)
{
    size_t start;

    skip_blanks(reader);
    if (reader->at == reader->text.length)
        return reader->at == 0 ? DN_MALFORMED : DN_END;
    start = reader->at;
    while (reader->at < reader->text.length && is_type_char(reader->text.data[reader->at]))
        reader->at++;
    ret_part->type = (struct slice){reader->text.data + start, reader->at - start};
    skip_blanks(reader);
    if (ret_part->type.length == 0 || reader->at == reader->text.length ||
        reader->text.data[reader->at] != '=')
        return DN_MALFORMED;
    reader->at++;
    skip_blanks(reader);
    ret_part->value = read_value(reader);
    ret_part->joined = false;
    if (reader->at < reader->text.length) {
        ret_part->joined = reader->text.data[reader->at] == '+';
        reader->at++;
        skip_blanks(reader);
        if (reader->at == reader->text.length)
            return DN_MALFORMED;
    }
    return DN_PART;
}

/* The content of a BER string of fewer than 128 bytes, or SLICE_NONE for anything else. */
static struct slice
decode_string(struct arena *arena, struct slice hex)
{
    enum { OCTET_STRING = 0x04, UTF8_STRING = 0x0c, PRINTABLE_STRING = 0x13, IA5_STRING = 0x16 };
    int tag = hex_pair(hex, 0), length = hex_pair(hex, 2);
    char *out;

    if ((tag != OCTET_STRING && tag != UTF8_STRING && tag != PRINTABLE_STRING &&
         tag != IA5_STRING) ||
        length < 0 || length >= 128 || hex.length != 4 + 2 * (size_t)length)
        return SLICE_NONE;
    out = arena_bytes(arena, (size_t)length);
    for (size_t i = 0; i < (size_t)length; i++) {
        int byte = hex_pair(hex, 4 + 2 * i);

        if (byte < 0)
            return SLICE_NONE;
        out[i] = (char)byte;
    }
    return (struct slice){out, (size_t)length};
}

struct slice
dn_unescape(struct arena *arena, struct slice value)
{
    char *out;
    size_t used = 0;

    if (value.length > 0 && value.data[0] == '#') {
        struct slice text = decode_string(arena, (struct slice){value.data + 1, value.length - 1});

        if (text.data)
            return text;
    }
    if (value.length == 0 ||
        (!memchr(value.data, '\\', value.length) && !memchr(value.data, '"', value.length)))
        return value;
    out = arena_bytes(arena, value.length);
    for (size_t at = 0; at < value.length; at++) {
        char c = value.data[at];

        if (c == '"')
            continue;
        if (c == '\\' && at + 1 < value.length) {
            int byte = hex_pair(value, at + 1);

            c = byte < 0 ? value.data[at + 1] : (char)byte;
            at += byte < 0 ? 1 : 2;
        }
        out[used++] = c;
    }
    arena_trim(arena, out, value.length, used);
    return (struct slice){out, used};
}
