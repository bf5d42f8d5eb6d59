/* Any bytes as a settings file: either they load, or there is a reason in words. */
#include "settings/settings.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct slice text = {arena_copy(arena, (const char *)data, size), size};
    struct error err = ERROR_INIT;
    struct settings settings;

    if (!settings_parse(arena, "fuzz.yaml", text, NULL, &settings, &err) && !err.text[0])
        abort();
    arena_free(arena);
    return 0;
}
