/* Any bytes as rules, as the head of a request, as an answer and as the file that it brings. */
#include "base/arena.h"
#include "photos/picture_wire.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
answer(const unsigned char *bytes, size_t size)
{
    static const struct picture_rules rules = {
        .format = PICTURE_JPEG, .width = 300, .height = 400, .max_bytes = 5000};
    struct picture_answer answer;

    if (size < PICTURE_ANSWER_HEAD_BYTES || !picture_answer_decode(bytes, &rules, &answer))
        return;
    if (!picture_trouble_text(answer.trouble) != (answer.trouble == PICTURE_FINE) ||
        answer.length > rules.max_bytes ||
        (answer.trouble == PICTURE_FINE) !=
            (answer.length > 0 && answer.width > 0 && answer.width <= 300 && answer.height <= 400))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *bytes = memory_alloc(size);
    size_t lengths[PICTURE_SOURCES_MOST], count;
    struct picture_rules rules;

    if (size)
        memcpy(bytes, data, size);
    if (size >= PICTURE_RULES_BYTES && picture_rules_decode(bytes, &rules) &&
        (rules.width == 0 || rules.height == 0))
        abort();
    if (size >= PICTURE_REQUEST_HEAD_BYTES && picture_request_decode(bytes, &count, lengths))
        for (size_t i = 0; i < PICTURE_SOURCES_MOST; i++)
            if (lengths[i] > PICTURE_SOURCE_BYTES_MOST || (i >= count && lengths[i] > 0))
                abort();
    answer(bytes, size);
    for (unsigned side = 1; side <= 16; side *= 4)
        for (enum picture_format format = PICTURE_JPEG; format <= PICTURE_PNG; format++)
            if (picture_is_bare((struct slice){(const char *)bytes, size}, format, side, side) &&
                size < 8)
                abort();
    free(bytes);
    return 0;
}
