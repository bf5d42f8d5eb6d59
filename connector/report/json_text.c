#include "report/json_text.h"

#include "base/text.h"

/* How many bytes the character has that begins with this byte (RFC 3629 section 3). */
static size_t
character_length(char first)
{
    unsigned char byte = (unsigned char)first;

    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

static struct json_object *
mended_text(struct slice text)
{
    struct buffer mended = BUFFER_INIT;
    struct json_object *value;

    for (size_t at = 0, length; at < text.length; at += length) {
        length = character_length(text.data[at]);
        if (length <= text.length - at && text_is_utf8((struct slice){text.data + at, length})) {
            buffer_add(&mended, text.data + at, length);
        } else {
            buffer_add_text(&mended, "\xef\xbf\xbd");
            length = 1;
        }
    }
    value = json_object_new_string_len(mended.data, (int)mended.length);
    buffer_free(&mended);
    return value;
}

struct json_object *
json_text(struct slice text)
{
    if (!text.data)
        return NULL;
    if (!text_is_utf8(text))
        return mended_text(text);
    return json_object_new_string_len(text.data, (int)text.length);
}

static void
write_escaped(struct buffer *out, uint32_t point)
{
    if (point >= 0x10000)
        buffer_format(out, "\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
                      0xdc00 + ((point - 0x10000) & 0x3ff));
    else
        buffer_format(out, "\\u%04x", point);
}

void
json_write(struct buffer *out, struct json_object *value, int form)
{
    struct slice text = slice_of(json_object_to_json_string_ext(value, form));

    for (size_t at = 0, found, length; at < text.length; at = found + length) {
        uint32_t point;

        length = 0;
        found = text_find_treacherous(text, at, &point, &length);
        buffer_add(out, text.data + at, found - at);
        if (found < text.length)
            write_escaped(out, point);
    }
}

void
json_add_text(struct json_object *object, const char *key, struct slice text)
{
    json_object_object_add(object, key, json_text(text));
}

void
json_add_number(struct json_object *object, const char *key, uint64_t number)
{
    json_object_object_add(object, key, json_object_new_uint64(number));
}
