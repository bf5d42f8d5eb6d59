#include "run/fingerprint.h"

#include <string.h>
#include <xxhash.h>

/* A field of the table by 16 bits of its name's hash: rows may come and go between versions. A test
 * holds them apart. */
static uint16_t
field_number(size_t field)
{
    return (uint16_t)XXH3_64bits(user_fields[field].name, strlen(user_fields[field].name));
}

/* Bytes [from, to) of the record, with each text of the clock as one NUL. */
static struct slice
without_clock(struct slice record, const struct alma_layout *layout, uint32_t from, uint32_t to,
              struct buffer *scratch)
{
    scratch->length = 0;
    for (size_t i = 0; i < layout->clock_count; i++) {
        const struct alma_span *span = &layout->clock[i];

        if (span->begin < from || span->end > to)
            continue;
        buffer_add(scratch, record.data + from, span->begin - from);
        buffer_add(scratch, "", 1);
        from = span->end;
    }
    buffer_add(scratch, record.data + from, to - from);
    return (struct slice){scratch->data, scratch->length};
}

static XXH128_hash_t
hash_part(struct slice record, const struct alma_layout *layout, uint32_t from, uint32_t to,
          struct buffer *scratch)
{
    struct slice part = {record.data + from, to - from};

    if (layout->clock_count > 0)
        part = without_clock(record, layout, from, to, scratch);
    return XXH3_128bits(part.data, part.length);
}

static void
add_number(struct buffer *fields, uint16_t number)
{
    const char bytes[2] = {(char)(number >> 8), (char)(number & 0xff)};

    buffer_add(fields, bytes, sizeof bytes);
}

void
fingerprint_make(struct fingerprint *fingerprint, struct slice record,
                 const struct alma_layout *layout)
{
    struct buffer *scratch = &fingerprint->scratch;
    XXH128_canonical_t digest;

    XXH128_canonicalFromHash(&digest,
                             hash_part(record, layout, 0, (uint32_t)record.length, scratch));
    memcpy(fingerprint->digest, digest.digest, FINGERPRINT_BYTES);
    fingerprint->fields.length = 0;
    for (size_t i = 0; i < user_field_count; i++) {
        if (layout->begins[i] == layout->ends[i])
            continue;
        add_number(&fingerprint->fields, field_number(i));
        add_number(
            &fingerprint->fields,
            (uint16_t)hash_part(record, layout, layout->begins[i], layout->ends[i], scratch).low64);
    }
}

void
fingerprint_free(struct fingerprint *fingerprint)
{
    buffer_free(&fingerprint->fields);
    buffer_free(&fingerprint->scratch);
}

static uint16_t
number_at(struct slice fields, size_t at)
{
    return (uint16_t)((unsigned char)fields.data[at] << 8 | (unsigned char)fields.data[at + 1]);
}

/* The field's four bytes, or NULL. */
static const char *
find_field(struct slice fields, uint16_t number)
{
    for (size_t at = 0; at + FINGERPRINT_FIELD_BYTES <= fields.length;
         at += FINGERPRINT_FIELD_BYTES)
        if (number_at(fields, at) == number)
            return fields.data + at;
    return NULL;
}

void
fingerprint_compare(struct slice before, struct slice now, bool ret_changed[USER_FIELDS_MOST])
{
    for (size_t i = 0; i < user_field_count; i++) {
        const char *old = find_field(before, field_number(i));
        const char *new = find_field(now, field_number(i));

        ret_changed[i] = !old || !new ? old != new : memcmp(old, new, FINGERPRINT_FIELD_BYTES) != 0;
    }
}

void
fingerprint_compare_lost(struct slice before, struct slice now, bool ret_lost[USER_FIELDS_MOST])
{
    for (size_t i = 0; i < user_field_count; i++)
        ret_lost[i] = find_field(before, field_number(i)) && !find_field(now, field_number(i));
}

void
fingerprint_tally_begin(struct fingerprint_tally *tally)
{
    *tally = (struct fingerprint_tally){0};
    for (size_t i = 0; i < user_field_count; i++)
        tally->numbers[i] = field_number(i);
}

/* Both are in the order of the table, but for rows that were moved since. */
void
fingerprint_tally_add(struct fingerprint_tally *tally, struct slice fields)
{
    size_t field = 0;

    for (size_t at = 0; at + FINGERPRINT_FIELD_BYTES <= fields.length;
         at += FINGERPRINT_FIELD_BYTES) {
        uint16_t number = number_at(fields, at);
        size_t tried = 0;

        while (tried < user_field_count && tally->numbers[field] != number) {
            field = field + 1 < user_field_count ? field + 1 : 0;
            tried++;
        }
        tally->counts[field] += tried < user_field_count;
    }
}
