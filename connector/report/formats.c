#include "report/content.h"
#include "report/save.h"

#include <string.h>

static const struct format {
    const char *name;
    void (*write)(const struct report *report, struct buffer *out);
} formats[] = {
    {"json", report_write_json},
    {"text", report_write_text},
};

const char *
report_format_name(size_t index)
{
    return index < sizeof formats / sizeof formats[0] ? formats[index].name : NULL;
}

bool
report_write(const struct report *report, const char *format, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(report, out);
        return true;
    }
    return false;
}

bool
report_save(const struct report *report, const char *format, const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    bool ok = report_write(report, format, &text)
                  ? save_text("report", path, &text, err)
                  : error_set(err, ERROR_USAGE, "no report format '%s'", format);

    buffer_free(&text);
    return ok;
}
