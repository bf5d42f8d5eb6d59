/* Any text as a date in each of the forms that are read, and through the transforms that read
 * them: what comes out is a date that can be written and read again. Input: the text, NUL, a format
 * of strptime. */
#include "mapping_sample.h"

#include "base/date.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char mapping[] =
    "mapping: 1\n"
    "match_id: primary_id\n"
    "user:\n"
    "  primary_id: x\n"
    "  birth_date: ${a | date '%d.%m.%Y' | plus 1m | next 02-29}\n"
    "  expiry_date: [\"${a | filetime | minus 1d}\", \"${a | date '%s'}\"]\n"
    "  purge_date: [\"${a | unix_time | next 08-31}\", \"${a | plus 999999y}\"]\n"
    "  user_blocks:\n"
    "    - { block_type: A, block_description: B, expiry_date: \"${a | generalized_time}\" }\n"
    "    - { block_type: A, block_description: B, expiry_date: \"${a | date '%y%j'}\" }\n"
    "    - { block_type: A, block_description: B, expiry_date: \"${a}\" }\n";

static void
check(struct arena *arena, struct date date)
{
    struct date again;

    if (!date_is_valid(date) || !date_parse(slice_of(date_format(arena, date)), &again) ||
        memcmp(&date, &again, sizeof date) != 0)
        abort();
    again = date_of_time(date_to_time(date));
    if (memcmp(&date, &again, sizeof date) != 0)
        abort();
}

static void
read_text(struct arena *arena, struct slice text, const char *format)
{
    struct date date, sum;
    enum date_unit unit;
    time_t seconds;
    long count = 1;

    if (!date_parse_span(text, &count, &unit))
        unit = DATE_DAYS;
    if (date_parse_generalized_time(text, &seconds))
        (void)date_of_time(seconds);
    for (int form = 0; form < 2; form++) {
        if (!(form ? date_parse_format(text, format, &date) : date_parse(text, &date)))
            continue;
        check(arena, date);
        if (date_add(date, count, unit, &sum))
            check(arena, sum);
        sum = date_next(date, 2, 29);
        if (date_to_time(sum) <= date_to_time(date))
            abort();
    }
}

/* Dates are written as Alma wants them; those that are none pass as they are where the mapping
 * takes the text itself. */
static void
map_text(struct arena *arena, struct slice text)
{
    static const char *const fields[] = {"birth_date", "expiry_date", "purge_date"};
    static struct sample sample; /* one for all runs */
    struct entry_values slot = {&text, 1};
    struct entry entry = {.dn = text, .slots = &slot};
    struct user user;
    struct date date;

    if (!sample.mapping)
        sample_open(&sample, slice_of(mapping));
    if (!sample.mapping || attributes_count(sample.attributes) != 1)
        abort();
    entry.attributes = sample.attributes;
    mapping_apply(sample.mapping, &entry, arena, &user, NULL);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct slice value = user.values[user_field_find(fields[i])].text;

        if (value.data && !date_parse(value, &date))
            abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const char *end = size ? memchr(data, '\0', size) : NULL;
    size_t length = end ? (size_t)(end - (const char *)data) : size;
    char *text = memory_alloc(length); /* its own piece, so that a sanitizer sees its end */
    const char *format = end ? arena_copy(arena, end + 1, size - length - 1) : "%Y-%m-%d";

    if (length)
        memcpy(text, data, length);
    read_text(arena, (struct slice){text, length}, format);
    map_text(arena, (struct slice){text, length});
    free(text);
    arena_free(arena);
    return 0;
}
