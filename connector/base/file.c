#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool
open_failed(const char *path, struct error *err)
{
    if (errno == EACCES || errno == EPERM) {
        error_set(err, ERROR_PERMISSION, "cannot read '%s': %s", path, strerror(errno));
        return error_hint(err, "Give the account that runs ldap2alma the right to read it.");
    }
    return error_set(err, ERROR_CONFIG, "cannot read '%s': %s", path, strerror(errno));
}

static bool
read_exactly(int fd, char *data, size_t length, const char *path, struct error *err)
{
    size_t done = 0;

    while (done < length) {
        ssize_t got = read(fd, data + done, length - done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERROR_CONFIG, "cannot read '%s': %s", path, strerror(errno));
        if (got == 0)
            return error_set(err, ERROR_CONFIG, "cannot read '%s': it shrank meanwhile", path);
        done += (size_t)got;
    }
    return true;
}

int
file_open(const char *path, struct stat *ret_info, struct error *err)
{
    /* O_NONBLOCK: a named pipe without a writer must not hang us; it is refused below. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        open_failed(path, err);
        return -1;
    }
    if (fstat(fd, ret_info) < 0)
        error_set(err, ERROR_CONFIG, "cannot read '%s': %s", path, strerror(errno));
    else if (!S_ISREG(ret_info->st_mode))
        error_set(err, ERROR_CONFIG, "cannot read '%s': not a regular file", path);
    else
        return fd;
    close(fd);
    return -1;
}

bool
file_read(struct arena *arena, const char *path, size_t most, struct slice *ret_text,
          struct error *err)
{
    struct stat info;
    char *data;
    bool ok = false;
    int fd = file_open(path, &info, err);

    if (fd < 0)
        return false;
    if ((uintmax_t)info.st_size > most) {
        error_set(err, ERROR_CONFIG, "cannot read '%s': %jd bytes, more than the %zu allowed", path,
                  (intmax_t)info.st_size, most);
        goto done;
    }
    data = arena_bytes(arena, (size_t)info.st_size + 1);
    data[info.st_size] = '\0';
    ok = read_exactly(fd, data, (size_t)info.st_size, path, err);
    if (ok)
        *ret_text = (struct slice){data, (size_t)info.st_size};
done:
    close(fd);
    return ok;
}

static bool
write_failed(const char *path, struct error *err)
{
    int reason = errno;

    error_set(err, ERROR_WRITE, "cannot write '%s': %s", path, strerror(reason));
    if (reason == ENOSPC || reason == EDQUOT)
        error_hint(err, "Free some space there, then run again.");
    return false;
}

bool
file_write_all(int fd, const char *data, size_t length, const char *path, struct error *err)
{
    size_t done = 0;

    while (done < length) {
        ssize_t put = write(fd, data + done, length - done);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return write_failed(path, err);
        done += (size_t)put;
    }
    return true;
}

bool
file_read_at(int fd, char *data, size_t length, off_t offset, const char *path, struct error *err)
{
    size_t done = 0;

    while (done < length) {
        ssize_t got = pread(fd, data + done, length - done, offset + (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERROR_WRITE, "cannot read back '%s': %s", path, strerror(errno));
        if (got == 0)
            return error_set(err, ERROR_INTERNAL, "cannot read back '%s': it is too short", path);
        done += (size_t)got;
    }
    return true;
}

bool
file_sync(int fd, const char *path, struct error *err)
{
    if (fsync(fd) == 0)
        return true;
    /* A pipe or special file has nothing to sync. */
    if (errno == EINVAL || errno == EROFS)
        return true;
    return write_failed(path, err);
}

bool
file_sync_folder(const char *folder, struct error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return write_failed(folder, err);
    ok = file_sync(fd, folder, err);
    close(fd);
    return ok;
}

/* What lies in a new folder is not safe before the folder's own name is. Where the folder above may
 * not be read, nothing can be done about it. */
static void
sync_parent(const char *folder)
{
    char parent[4096 + sizeof "/.."];
    struct error unheard = ERROR_INIT;

    snprintf(parent, sizeof parent, "%s/..", folder);
    (void)file_sync_folder(parent, &unheard);
}

static bool
tell_unmade(const char *folder, struct error *err)
{
    error_set(err, ERROR_WRITE, "cannot make the folder '%s': %s", folder, strerror(errno));
    return error_hint(err, "Make it by hand, owned by the account that runs ldap2alma.");
}

static bool
make_one_folder(const char *folder, struct error *err)
{
    struct stat info;

    if (mkdir(folder, 0700) == 0) {
        sync_parent(folder);
        return true;
    }
    if (errno == EEXIST && stat(folder, &info) == 0 && S_ISDIR(info.st_mode))
        return true;
    if (errno == EEXIST)
        errno = ENOTDIR;
    return tell_unmade(folder, err);
}

bool
file_may_make_folder(const char *folder, struct error *err)
{
    struct arena *arena = arena_new();
    const char *above = folder, *missing = folder;
    struct stat info;
    int failed;

    while ((failed = stat(above, &info)) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        missing = above;
        above = file_folder(arena, above);
    }
    if (failed == 0 && !S_ISDIR(info.st_mode)) {
        missing = above;
        errno = ENOTDIR;
        failed = -1;
    } else if (failed == 0 && above != folder) {
        failed = access(above, W_OK | X_OK);
    }
    if (failed != 0)
        tell_unmade(missing, err);
    arena_free(arena);
    return failed == 0;
}

bool
file_space(int fd, const char *path, uint64_t *ret_bytes, struct error *err)
{
    struct statvfs info;

    if (fstatvfs(fd, &info) != 0)
        return error_set(err, ERROR_WRITE, "cannot see how much room is in '%s': %s", path,
                         strerror(errno));
    *ret_bytes = (uint64_t)info.f_bavail * info.f_frsize;
    return true;
}

bool
file_make_folder(const char *folder, struct error *err)
{
    char part[4096];
    size_t length = strlen(folder);

    if (length == 0 || length >= sizeof part)
        return error_set(err, ERROR_WRITE, "cannot make the folder '%s': bad length of its name",
                         folder);
    for (size_t i = 1; i <= length; i++) {
        struct stat info;

        if (folder[i] != '/' && folder[i] != '\0')
            continue;
        memcpy(part, folder, i);
        part[i] = '\0';
        if (stat(part, &info) == 0 && S_ISDIR(info.st_mode))
            continue;
        if (!make_one_folder(part, err))
            return false;
    }
    return true;
}

char *
file_existing(struct arena *arena, const char *path)
{
    char *above = arena_string(arena, path);
    struct stat info;

    while (stat(above, &info) != 0 && (errno == ENOENT || errno == ENOTDIR) &&
           strcmp(above, file_folder(arena, above)) != 0)
        above = file_folder(arena, above);
    return above;
}

char *
file_relative_to(struct arena *arena, const char *base, const char *path)
{
    const char *slash = strrchr(base, '/');

    if (path[0] == '/' || !slash)
        return arena_string(arena, path);
    return arena_format(arena, "%.*s/%s", (int)(slash - base), base, path);
}

char *
file_real_path(struct arena *arena, const char *path)
{
    char *found = realpath(path, NULL);
    char *kept = arena_string(arena, found ? found : path);

    free(found);
    return kept;
}

char *
file_folder(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return arena_string(arena, ".");
    if (slash == path)
        return arena_string(arena, "/");
    return arena_copy(arena, path, (size_t)(slash - path));
}

const char *
file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}
