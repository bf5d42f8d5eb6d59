/* The first byte as rules, the rest as one or two pictures: whatever is made of them keeps to the
 * rules, and is nothing but a picture. */
#include "photos/picture_make.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned choice = size ? data[0] : 0;
    struct picture_rules rules = {.format = choice & 1 ? PICTURE_PNG : PICTURE_JPEG,
                                  .several = choice & 2 ? PICTURE_NEWEST : PICTURE_LARGEST,
                                  .width = choice & 4 ? 300 : 30,
                                  .height = choice & 8 ? 400 : 20,
                                  .max_bytes = choice & 16 ? 200000 : 2000};
    size_t length = size ? size - 1 : 0, first = choice & 32 ? length / 2 : length;
    char *bytes = memory_alloc(first), *more = memory_alloc(length - first);
    struct slice values[2] = {{bytes, first}, {more, length - first}};
    struct buffer file = BUFFER_INIT;
    struct picture_answer answer;

    if (size) {
        memcpy(bytes, data + 1, first);
        memcpy(more, data + 1 + first, length - first);
    }
    picture_make(&rules, values, choice & 32 ? 2 : 1, &answer, &file);
    if (answer.trouble == PICTURE_FINE &&
        (answer.width > rules.width || answer.height > rules.height ||
         answer.length != file.length || file.length > rules.max_bytes ||
         !picture_is_bare((struct slice){file.data, file.length}, rules.format, answer.width,
                          answer.height)))
        abort();
    buffer_free(&file);
    free(bytes);
    free(more);
    return 0;
}
