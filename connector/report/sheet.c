#include "report/sheet.h"

#include "base/text.h"
#include "report/save.h"

#include <string.h>

/* A copy that has no line breaks and nothing that is not to be seen. */
static const char *
keep(struct sheet *sheet, const char *text)
{
    struct slice shown;

    if (!text)
        return "";
    shown = text_printable(sheet->arena, slice_of(text), strlen(text));
    return arena_copy(sheet->arena, shown.data, shown.length);
}

struct sheet *
sheet_new(const char *title, const char *intro)
{
    struct sheet *sheet = memory_zero(1, sizeof *sheet);

    sheet->arena = arena_new();
    sheet->title = keep(sheet, title);
    sheet->intro = keep(sheet, intro);
    return sheet;
}

void
sheet_free(struct sheet *sheet)
{
    if (!sheet)
        return;
    for (size_t i = 0; i < sheet->count; i++)
        free(sheet->sections[i].rows);
    free(sheet->sections);
    arena_free(sheet->arena);
    free(sheet);
}

void
sheet_section(struct sheet *sheet, const struct sheet_section *section)
{
    struct sheet_section *added;

    memory_grow(&sheet->sections, &sheet->capacity, sheet->count + 1, sizeof *sheet->sections);
    added = &sheet->sections[sheet->count++];
    *added = (struct sheet_section){
        .kind = section->kind,
        .title = keep(sheet, section->title),
        .where = keep(sheet, section->where),
        .intro = keep(sheet, section->intro),
    };
    for (size_t i = 0; i < sizeof added->columns / sizeof added->columns[0]; i++)
        added->columns[i] = keep(sheet, section->columns[i]);
}

void
sheet_row(struct sheet *sheet, const char *label, enum sheet_value kind, const char *value,
          const char *note)
{
    struct sheet_section *section = &sheet->sections[sheet->count - 1];

    memory_grow(&section->rows, &section->capacity, section->count + 1, sizeof *section->rows);
    section->rows[section->count++] = (struct sheet_row){
        .label = keep(sheet, label),
        .kind = kind,
        .value = keep(sheet, value),
        .note = keep(sheet, note),
    };
}

static const struct format {
    const char *name, *ending;
    void (*write)(const struct sheet *sheet, struct buffer *out);
} formats[] = {
    {"text", ".txt", sheet_write_text},
    {"markdown", ".md", sheet_write_markdown},
    {"html", ".html", sheet_write_html},
};

bool
sheet_write(const struct sheet *sheet, const char *format, struct buffer *out)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, format) != 0)
            continue;
        formats[i].write(sheet, out);
        return true;
    }
    return false;
}

bool
sheet_save(const struct sheet *sheet, const char *format, const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    bool ok = sheet_write(sheet, format, &text)
                  ? save_text("sheet", path, &text, err)
                  : error_set(err, ERROR_USAGE, "no sheet format '%s'", format);

    buffer_free(&text);
    return ok;
}

const char *
sheet_format_of(const char *path)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (save_ends(path, formats[i].ending))
            return formats[i].name;
    return NULL;
}
