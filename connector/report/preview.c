#include "report/preview.h"

#include "report/preview_formats.h"

#include <string.h>

static const struct format {
    const char *name;
    void (*write)(const struct preview *preview, unsigned width, struct buffer *out);
} formats[] = {
    {"text", preview_write_text},
    {"color", preview_write_color},
    {"json", preview_write_json},
    {"xml", preview_write_xml},
};

const char *
preview_format_name(size_t index)
{
    return index < sizeof formats / sizeof formats[0] ? formats[index].name : NULL;
}

bool
preview_write(const struct preview *preview, const char *format, unsigned width, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(preview, width, out);
        return true;
    }
    return false;
}

const char *
preview_verdict_name(enum preview_verdict verdict)
{
    static const char *const names[] = {
        [PREVIEW_SENT] = "sent", [PREVIEW_SKIPPED] = "skipped",   [PREVIEW_REJECTED] = "rejected",
        [PREVIEW_HELD] = "held", [PREVIEW_REPEATED] = "repeated",
    };

    return names[verdict];
}

void
preview_write_xml(const struct preview *preview, unsigned width, struct buffer *out)
{
    (void)width;
    buffer_add(out, preview->document_begin.data, preview->document_begin.length);
    for (size_t i = 0; i < preview->count; i++)
        if (preview->people[i]->verdict == PREVIEW_SENT)
            buffer_add(out, preview->people[i]->record.data, preview->people[i]->record.length);
    buffer_add(out, preview->document_end.data, preview->document_end.length);
}
