#include "photos/picture_exif.h"

enum {
    TAG_ORIENTATION = 0x0112,
    TAG_CHANGED = 0x0132,
    TAG_EXIF = 0x8769,
    TAG_TAKEN = 0x9003,
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    FIELD_BYTES = 12,
    DATE_BYTES = 20 /* "2024:01:31 23:59:59" and NUL */
};

struct tiff {
    struct slice bytes;
    bool low_first;
};

struct field {
    unsigned tag, type;
    size_t count;
    size_t value; /* the number in the field, or where in the file it leads to */
};

static size_t
number(const struct tiff *tiff, size_t at, size_t bytes)
{
    size_t value = 0;

    if (at > tiff->bytes.length || tiff->bytes.length - at < bytes)
        return 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 |
                (unsigned char)tiff->bytes.data[at + (tiff->low_first ? bytes - 1 - i : i)];
    return value;
}

static bool
find_field(const struct tiff *tiff, size_t list, unsigned tag, struct field *ret_field)
{
    size_t count = number(tiff, list, 2);

    for (size_t i = 0, at = list + 2; i < count && at < tiff->bytes.length; i++, at += FIELD_BYTES)
        if (number(tiff, at, 2) == tag) {
            ret_field->tag = tag;
            ret_field->type = (unsigned)number(tiff, at + 2, 2);
            ret_field->count = number(tiff, at + 4, 4);
            ret_field->value = number(tiff, at + 8, ret_field->type == TYPE_SHORT ? 2 : 4);
            return true;
        }
    return false;
}

/* Its digits as a number; 0 where it is no date. */
static uint64_t
read_date(const struct tiff *tiff, const struct field *field)
{
    uint64_t date = 0;

    if (field->type != TYPE_ASCII || field->count != DATE_BYTES ||
        field->value > tiff->bytes.length || tiff->bytes.length - field->value < DATE_BYTES)
        return 0;
    for (size_t i = 0; i < DATE_BYTES - 1; i++) {
        char c = tiff->bytes.data[field->value + i];

        if (c >= '0' && c <= '9')
            date = date * 10 + (uint64_t)(c - '0');
        else if (c != ':' && c != ' ')
            return 0;
    }
    return date;
}

void
picture_exif_read(struct slice bytes, struct picture_look *look)
{
    struct tiff tiff = {.bytes = bytes};
    struct field field;
    size_t list;

    if (bytes.length < 8 || (memcmp(bytes.data, "II", 2) != 0 && memcmp(bytes.data, "MM", 2) != 0))
        return;
    tiff.low_first = bytes.data[0] == 'I';
    list = number(&tiff, 4, 4);
    if (find_field(&tiff, list, TAG_ORIENTATION, &field) && field.type == TYPE_SHORT &&
        field.value >= 1 && field.value <= 8)
        look->orientation = (unsigned)field.value;
    if (find_field(&tiff, list, TAG_CHANGED, &field))
        look->taken = read_date(&tiff, &field);
    if (find_field(&tiff, list, TAG_EXIF, &field) && field.type == TYPE_LONG &&
        find_field(&tiff, field.value, TAG_TAKEN, &field) && read_date(&tiff, &field))
        look->taken = read_date(&tiff, &field);
}
