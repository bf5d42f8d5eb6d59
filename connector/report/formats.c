#include "report/content.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool
open_failed(const char *path, struct error *err)
{
    error_set(err, ERROR_WRITE, "cannot write the report '%s': %s", path, strerror(errno));
    return error_hint(err, "A report replaces its file as a whole, so its folder must be there and "
                           "ours to write to.");
}

/* A pipe or device cannot be replaced by a rename, and must not be. */
static bool
write_into(const char *path, const struct buffer *text, struct error *err)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
    bool ok;

    if (fd < 0)
        return open_failed(path, err);
    ok = file_write_all(fd, text->data, text->length, path, err);
    close(fd);
    return ok;
}

static bool
replace(const char *path, const struct buffer *text, struct arena *arena, struct error *err)
{
    const char *folder = file_folder(arena, path);
    char *part = arena_format(arena, "%s/.%s.XXXXXX", folder, file_name(path));
    int fd = mkostemp(part, O_CLOEXEC); /* with mode 0600 */
    bool ok;

    if (fd < 0)
        return open_failed(path, err);
    ok = file_write_all(fd, text->data, text->length, path, err) && file_sync(fd, path, err);
    close(fd);
    if (ok && rename(part, path) != 0)
        ok = open_failed(path, err);
    if (!ok) {
        unlink(part);
        return false;
    }
    return file_sync_folder(folder, err);
}

bool
report_save(const struct report *report, const char *format, const char *path, struct error *err)
{
    struct arena *arena;
    struct buffer text = BUFFER_INIT;
    struct stat info;
    bool ok;

    if (!report_write(report, format, &text))
        return error_set(err, ERROR_USAGE, "no report format '%s'", format);
    arena = arena_new();
    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        ok = write_into(path, &text, err);
    else
        ok = replace(path, &text, arena, err);
    buffer_free(&text);
    arena_free(arena);
    return ok;
}
