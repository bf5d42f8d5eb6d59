#include "settings/values.h"

struct unit {
    const char *name;
    uint64_t factor;
};

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
    static const struct unit none = {"", 1};

    return with_unit(text, &none, 1, ret_number);
}

bool
value_duration(struct slice text, uint64_t *ret_seconds)
{
    static const struct unit units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

    return with_unit(text, units, sizeof units / sizeof units[0], ret_seconds);
}

bool
value_size(struct slice text, uint64_t *ret_bytes)
{
    static const struct unit units[] = {
        {"", 1},
        {"B", 1},
        {"KB", 1000},
        {"MB", UINT64_C(1000000)},
        {"GB", UINT64_C(1000000000)},
        {"KiB", 1024},
        {"MiB", UINT64_C(1) << 20},
        {"GiB", UINT64_C(1) << 30},
    };

    return with_unit(text, units, sizeof units / sizeof units[0], ret_bytes);
}
