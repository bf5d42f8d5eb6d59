#include "report/save.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
open_failed(const char *what, const char *path, struct error *err)
{
    error_set(err, ERROR_WRITE, "cannot write the %s '%s': %s", what, path, strerror(errno));
    return error_hint(err,
                      "A %s replaces its file as a whole, so its folder must be there and "
                      "ours to write to.",
                      what);
}

/* A pipe or device cannot be replaced by a rename, and must not be. */
static bool
write_into(const char *what, const char *path, const struct buffer *text, struct error *err)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
    bool ok;

    if (fd < 0)
        return open_failed(what, path, err);
    ok = file_write_all(fd, text->data, text->length, path, err);
    close(fd);
    return ok;
}

static bool
replace(const char *what, const char *path, mode_t mode, const struct buffer *text,
        struct error *err)
{
    struct arena *arena = arena_new();
    const char *folder = file_folder(arena, path);
    char *part = arena_format(arena, "%s/.%s.XXXXXX", folder, file_name(path));
    int fd = mkostemp(part, O_CLOEXEC); /* with mode 0600 */
    bool ok = fd < 0                  ? open_failed(what, path, err)
              : fchmod(fd, mode) != 0 ? open_failed(what, path, err)
                                      : file_write_all(fd, text->data, text->length, path, err) &&
                                            file_sync(fd, path, err);

    if (fd >= 0)
        close(fd);
    if (ok && rename(part, path) != 0)
        ok = open_failed(what, path, err);
    if (fd >= 0 && !ok)
        unlink(part);
    ok = ok && file_sync_folder(folder, err);
    arena_free(arena);
    return ok;
}

bool
save_ends(const char *path, const char *ending)
{
    size_t length = strlen(path), ending_length = strlen(ending);

    return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

static bool
save(const char *what, const char *path, mode_t mode, const struct buffer *text, struct error *err)
{
    struct stat info;

    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return write_into(what, path, text, err);
    return replace(what, path, mode, text, err);
}

bool
save_text(const char *what, const char *path, const struct buffer *text, struct error *err)
{
    return save(what, path, S_IRUSR | S_IWUSR, text, err);
}

bool
save_public_text(const char *what, const char *path, const struct buffer *text, struct error *err)
{
    return save(what, path, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, text, err);
}
