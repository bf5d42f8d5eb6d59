#include "photos/picture_wire.h"

static void
put(unsigned char **at, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *(*at)++ = (unsigned char)(number >> shift);
}

static uint32_t
take(const unsigned char **at)
{
    uint32_t number = 0;

    for (int i = 0; i < 4; i++)
        number = number << 8 | *(*at)++;
    return number;
}

void
picture_rules_encode(const struct picture_rules *rules, unsigned char *bytes)
{
    put(&bytes, rules->format);
    put(&bytes, rules->several);
    put(&bytes, rules->width);
    put(&bytes, rules->height);
    put(&bytes, rules->max_bytes < PICTURE_FILE_BYTES_MOST ? (uint32_t)rules->max_bytes
                                                           : PICTURE_FILE_BYTES_MOST);
}

bool
picture_rules_decode(const unsigned char *bytes, struct picture_rules *ret_rules)
{
    uint32_t format = take(&bytes), several = take(&bytes);

    ret_rules->format = format == PICTURE_PNG ? PICTURE_PNG : PICTURE_JPEG;
    ret_rules->several = several == PICTURE_NEWEST ? PICTURE_NEWEST : PICTURE_LARGEST;
    ret_rules->width = take(&bytes);
    ret_rules->height = take(&bytes);
    ret_rules->max_bytes = take(&bytes);
    return format <= PICTURE_PNG && several <= PICTURE_NEWEST && ret_rules->width > 0 &&
           ret_rules->height > 0;
}

void
picture_request_encode(const struct slice *values, size_t count, struct buffer *bytes)
{
    unsigned char *head = (unsigned char *)buffer_reserve(bytes, PICTURE_REQUEST_HEAD_BYTES);

    bytes->length += PICTURE_REQUEST_HEAD_BYTES;
    put(&head, (uint32_t)count);
    for (size_t i = 0; i < PICTURE_SOURCES_MOST; i++)
        put(&head, i < count ? (uint32_t)values[i].length : 0);
    for (size_t i = 0; i < count; i++)
        buffer_add(bytes, values[i].data, values[i].length);
}

bool
picture_request_decode(const unsigned char *bytes, size_t *ret_count,
                       size_t lengths[PICTURE_SOURCES_MOST])
{
    size_t total = 0;

    *ret_count = take(&bytes);
    for (size_t i = 0; i < PICTURE_SOURCES_MOST; i++) {
        lengths[i] = take(&bytes);
        if (lengths[i] > PICTURE_SOURCE_BYTES_MOST || (lengths[i] > 0 && i >= *ret_count))
            return false;
        total += lengths[i];
    }
    return *ret_count > 0 && *ret_count <= PICTURE_SOURCES_MOST &&
           total <= PICTURE_REQUEST_BYTES_MOST;
}

void
picture_answer_encode(const struct picture_answer *answer, unsigned char *bytes)
{
    put(&bytes, answer->trouble);
    put(&bytes, answer->width);
    put(&bytes, answer->height);
    put(&bytes, (uint32_t)answer->length);
}

bool
picture_answer_decode(const unsigned char *bytes, const struct picture_rules *rules,
                      struct picture_answer *ret_answer)
{
    uint32_t trouble = take(&bytes);

    *ret_answer = (struct picture_answer){.trouble = PICTURE_FALSE};
    if (trouble >= PICTURE_TOO_SLOW)
        return false;
    ret_answer->trouble = (enum picture_trouble)trouble;
    ret_answer->width = take(&bytes);
    ret_answer->height = take(&bytes);
    ret_answer->length = take(&bytes);
    if (trouble != PICTURE_FINE)
        return ret_answer->length == 0;
    return ret_answer->width > 0 && ret_answer->width <= rules->width && ret_answer->height > 0 &&
           ret_answer->height <= rules->height && ret_answer->length > 0 &&
           ret_answer->length <= rules->max_bytes;
}
