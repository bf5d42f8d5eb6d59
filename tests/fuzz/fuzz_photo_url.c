/* What a directory names as a picture's URL or path: the result stays below the base. */
#include "photos/fetch_driver.h"
#include "photos/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char base[] = "https://id.example.edu/cards/";
    struct slice value = {(const char *)data, size};
    struct buffer url = BUFFER_INIT;
    const char *trouble;

    if (url_below(base, value, &url, &trouble)) {
        buffer_add(&url, "", 1);
        if (strncmp(url.data, base, sizeof base - 1) != 0 || strlen(url.data) + 1 != url.length ||
            strpbrk(url.data, " #\\\r\n") || strstr(url.data, "/../") == url.data + sizeof base - 2)
            abort();
    }
    if (fetch_stays_below(value, &trouble) &&
        (memchr(data, '\0', size) || memmem(data, size, "/../", 4)))
        abort();
    buffer_free(&url);
    return 0;
}
