#include "report/status.h"

#include <string.h>

static const struct format {
    const char *name;
    void (*write)(const struct status *status, unsigned width, struct buffer *out);
} formats[] = {
    {"text", status_write_text},
    {"color", status_write_color},
    {"json", status_write_json},
    {"line", status_write_line},
};

bool
status_write(const struct status *status, const char *format, unsigned width, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(status, width, out);
        return true;
    }
    return false;
}

const char *
status_place_name(enum status_place place)
{
    static const char *const names[STATUS_PLACE_COUNT] = {
        [STATUS_UNKNOWN] = "unknown", [STATUS_NOWHERE] = "gone",    [STATUS_WAITING] = "waiting",
        [STATUS_TAKEN] = "taken",     [STATUS_FOREIGN] = "foreign",
    };

    return names[place];
}
