/* A whole mapping loaded and applied. Input: the YAML, NUL, an entry (tests/unit/mapping_sample.h).
 */
#include "mapping_sample.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size ? memchr(text, '\0', size) : NULL;
    size_t length = end ? (size_t)(end - text) : size;
    struct slice entry = {end ? end + 1 : "", end ? size - length - 1 : 0};
    struct buffer got = sample_run((struct slice){text, length}, entry);

    buffer_free(&got);
    return 0;
}
