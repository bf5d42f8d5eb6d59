#include "settings/values.h"

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit no_units[] = {{"", 1}};
static const struct unit duration_units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
static const struct unit size_units[] = {
    {"", 1},
    {"B", 1},
    {"KB", 1000},
    {"MB", UINT64_C(1000000)},
    {"GB", UINT64_C(1000000000)},
    {"KiB", 1024},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
};

#define UNITS(units) (units), sizeof(units) / sizeof((units)[0])

static uint64_t
multiply(uint64_t value, uint64_t factor)
{
    return value > UINT64_MAX / factor ? UINT64_MAX : value * factor;
}

/* Digits and one of the units, of which "" is what a bare number has. */
static bool
with_unit(struct slice text, const struct unit *units, size_t unit_count, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t digits = 0;

    for (; digits < text.length && text.data[digits] >= '0' && text.data[digits] <= '9'; digits++) {
        uint64_t digit = (uint64_t)(text.data[digits] - '0');

        value = multiply(value, 10);
        value = value > UINT64_MAX - digit ? UINT64_MAX : value + digit;
    }
    for (size_t i = 0; digits > 0 && i < unit_count; i++) {
        struct slice rest = {text.data + digits, text.length - digits};

        if (!slice_equal_nocase(rest, slice_of(units[i].name)))
            continue;
        *ret_value = multiply(value, units[i].factor);
        return true;
    }
    return false;
}

bool
value_number(struct slice text, uint64_t *ret_number)
{
    return with_unit(text, UNITS(no_units), ret_number);
}

bool
value_duration(struct slice text, uint64_t *ret_seconds)
{
    return with_unit(text, UNITS(duration_units), ret_seconds);
}

bool
value_size(struct slice text, uint64_t *ret_bytes)
{
    return with_unit(text, UNITS(size_units), ret_bytes);
}

bool
value_share(struct slice text, uint64_t *ret_hundredths)
{
    struct slice whole = text, rest = {"0", 1};
    const char *point;
    uint64_t percent, hundredths;

    if (text.length < 2 || text.data[text.length - 1] != '%')
        return false;
    whole.length--;
    point = memchr(whole.data, '.', whole.length);
    if (point) {
        rest = (struct slice){point + 1, whole.length - (size_t)(point - whole.data) - 1};
        whole.length = (size_t)(point - whole.data);
    }
    if (rest.length > 2 || !value_number(whole, &percent) || !value_number(rest, &hundredths))
        return false;
    *ret_hundredths = multiply(percent, 100) + (rest.length == 1 ? 10 * hundredths : hundredths);
    return true;
}

/* The digits of least to most, as runs of numbers in which one digit differs and those behind it
 * are any: 8 to 123 is 8-9, 10-99, 100-119, 120-123. */
static void
add_digits(uint64_t least, uint64_t most, struct buffer *out)
{
    const char *bar = "";

    while (least <= most) {
        uint64_t step = 1, first, count = 1;
        unsigned any = 0;

        for (; least > 0 && least % (step * 10) == 0 && least + step * 10 - 1 <= most; any++)
            step *= 10;
        first = least / step % 10;
        while (first + count <= 9 && least + (count + 1) * step - 1 <= most)
            count++;
        buffer_add_text(out, bar);
        if (least / step >= 10)
            buffer_format(out, "%ju", (uintmax_t)(least / step / 10));
        if (count > 1)
            buffer_format(out, "[%ju-%ju]", (uintmax_t)first, (uintmax_t)(first + count - 1));
        else
            buffer_format(out, "%ju", (uintmax_t)first);
        if (any > 0)
            buffer_add_text(out, "[0-9]");
        if (any > 1)
            buffer_format(out, "{%u}", any);
        least += count * step;
        bar = "|";
    }
}

static void
add_unit(const char *name, struct buffer *out)
{
    for (; *name; name++)
        buffer_format(out, "[%c%c]", *name | ' ', *name & ~' ');
}

static void
add_pattern(uint64_t least, uint64_t most, const struct unit *units, size_t unit_count,
            struct buffer *out)
{
    const char *bar = "^0*(?:";

    for (size_t i = 0; i < unit_count; i++) {
        uint64_t factor = units[i].factor, first = least / factor + (least % factor != 0);

        if (first > most / factor)
            continue;
        buffer_format(out, "%s(?:", bar);
        add_digits(first, most / factor, out);
        buffer_add_text(out, ")");
        add_unit(units[i].name, out);
        bar = "|";
    }
    buffer_add_text(out, ")$");
}

void
value_number_pattern(uint64_t least, uint64_t most, struct buffer *out)
{
    add_pattern(least, most, UNITS(no_units), out);
}

void
value_duration_pattern(uint64_t least, uint64_t most, struct buffer *out)
{
    add_pattern(least, most, UNITS(duration_units), out);
}

void
value_size_pattern(uint64_t least, uint64_t most, struct buffer *out)
{
    add_pattern(least, most, UNITS(size_units), out);
}
