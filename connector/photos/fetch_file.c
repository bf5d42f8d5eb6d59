/* Pictures in files below one folder. */
#include "base/arena.h"
#include "base/buffer.h"
#include "photos/fetch_driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* File systems count time in ticks of up to two seconds (FAT), and a share's clock may be another
 * one. */
enum { TICK_SECONDS = 5, VERSION_BYTES = 160 };

struct file_fetch {
    int folder;
    char *real_path; /* of the folder, which the settings may have named by a link or from `.` */
    struct buffer bytes;
};

/* A share that is not mounted is an empty folder: without this everybody's picture would be gone.
 */
static bool
has_anything(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    bool any = !entries; /* who may not look knows nothing */
    const struct dirent *entry;

    while (!any && (entry = readdir(entries)))
        any = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (entries)
        closedir(entries);
    else if (copy >= 0)
        close(copy);
    return any;
}

static bool
open_folder(struct fetch *fetch, struct error *err)
{
    const char *path = fetch->options.folder;
    struct file_fetch *files = memory_zero(1, sizeof *files);

    fetch->inside = files;
    files->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (files->folder < 0) {
        error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_UNAVAILABLE,
                  "cannot open the folder '%s' with the pictures: %s", path, strerror(errno));
        return error_hint(err, "Check 'photos.folder', and that the share is mounted.");
    }
    files->real_path = realpath(path, NULL);
    if (has_anything(files->folder))
        return true;
    error_set(err, ERROR_UNAVAILABLE, "the folder '%s' with the pictures is empty", path);
    return error_hint(err, "Check 'photos.folder', and that the share is mounted.");
}

/* Folder by folder, none of which may be a link, so that nothing leads out; openat2(2) does the
 * same, where the kernel and its container allow it. -1 with errno. */
static int
open_below(int folder, struct slice path)
{
    int at = folder, next;
    char name[NAME_MAX + 1];

    for (size_t i = 0, length; i < path.length; i += length + 1) {
        const char *slash = memchr(path.data + i, '/', path.length - i);
        bool last = !slash;

        length = slash ? (size_t)(slash - path.data) - i : path.length - i;
        if (length == 0 && !last)
            continue;
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
            next = -1;
        } else {
            memcpy(name, path.data + i, length);
            name[length] = '\0';
            /* O_NONBLOCK: what turns out to be a FIFO does not hold us up. */
            next = openat(at, name,
                          O_NOFOLLOW | O_CLOEXEC |
                              (last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY));
        }
        if (at != folder)
            close(at);
        if (next < 0 || last)
            return next;
        at = next;
    }
    errno = EISDIR; /* it ends with '/' */
    if (at != folder)
        close(at);
    return -1;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* "" where it was written just now. */
static void
write_version(const struct stat *info, struct slice path, char version[VERSION_BYTES])
{
    time_t now = time(NULL);
    char key[FETCH_KEY_BYTES];

    version[0] = '\0';
    if (info->st_ctim.tv_sec > now - TICK_SECONDS || info->st_mtim.tv_sec > now - TICK_SECONDS)
        return;
    fetch_key(path, key);
    snprintf(version, VERSION_BYTES, "%s %ju %jd %jd.%09ld %jd.%09ld", key, (uintmax_t)info->st_ino,
             (intmax_t)info->st_size, (intmax_t)info->st_mtim.tv_sec, info->st_mtim.tv_nsec,
             (intmax_t)info->st_ctim.tv_sec, info->st_ctim.tv_nsec);
}

/* The bytes to the end of the file, of too many only one more than are taken. */
static bool
read_bytes(int fd, size_t most, struct buffer *bytes)
{
    bytes->length = 0;
    while (bytes->length <= most) {
        size_t room = most + 1 - bytes->length, step = room < 65536 ? room : 65536;
        ssize_t got = read(fd, buffer_reserve(bytes, step), step);

        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        bytes->length += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* What the file's state before and after reading makes of it. */
static bool
deliver(struct fetch *fetch, uint64_t tag, int fd, const struct stat *before, const char *version,
        struct error *err)
{
    struct file_fetch *files = fetch->inside;
    struct fetched fetched = {.tag = tag, .outcome = FETCH_DONE};
    char trouble[160];
    struct stat after;

    if (!read_bytes(fd, fetch->options.most_bytes, &files->bytes) || fstat(fd, &after) != 0) {
        snprintf(trouble, sizeof trouble, "cannot be read: %s", strerror(errno));
        return fetch_answer(fetch, tag, FETCH_FAILED, trouble, err);
    }
    if (!same_file(before, &after) || (off_t)files->bytes.length != after.st_size)
        return fetch_answer(fetch, tag, FETCH_FAILED, "changed while it was read", err);
    fetched.bytes = (struct slice){files->bytes.data, files->bytes.length};
    fetched.version = version[0] ? slice_of(version) : SLICE_NONE;
    return fetch->options.fetched(fetch->options.context, &fetched, err);
}

static bool
read_file(struct fetch *fetch, uint64_t tag, int fd, struct slice path, struct slice version,
          struct error *err)
{
    char now[VERSION_BYTES], trouble[80];
    struct stat info;

    if (fstat(fd, &info) != 0)
        return fetch_answer(fetch, tag, FETCH_FAILED, strerror(errno), err);
    if (!S_ISREG(info.st_mode))
        return fetch_answer(fetch, tag, FETCH_REFUSED, "is no file", err);
    if ((uintmax_t)info.st_size > fetch->options.most_bytes) {
        snprintf(trouble, sizeof trouble, "is larger than %zu bytes", fetch->options.most_bytes);
        return fetch_answer(fetch, tag, FETCH_REFUSED, trouble, err);
    }
    write_version(&info, path, now);
    if (now[0] && slice_equal(version, slice_of(now)))
        return fetch_answer(fetch, tag, FETCH_SAME, NULL, err);
    return deliver(fetch, tag, fd, &info, now, err);
}

/* What it means that a file cannot be opened; others may be another time. */
static const struct {
    int number;
    enum fetch_outcome outcome;
    const char *trouble;
} failures[] = {
    {ENOENT, FETCH_NOTHING, NULL},
    {ENOTDIR, FETCH_REFUSED, "leads through a link or a file"},
    {ELOOP, FETCH_REFUSED, "is a link"},
    {EISDIR, FETCH_REFUSED, "is no file"},
    {ENXIO, FETCH_REFUSED, "is no file"},
    {ENODEV, FETCH_REFUSED, "is no file"},
    {ENAMETOOLONG, FETCH_REFUSED, "is too long"},
};

static bool
answer_failure(struct fetch *fetch, uint64_t tag, int number, struct error *err)
{
    char trouble[160];

    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (failures[i].number == number)
            return fetch_answer(fetch, tag, failures[i].outcome, failures[i].trouble, err);
    snprintf(trouble, sizeof trouble, "cannot be opened: %s", strerror(number));
    return fetch_answer(fetch, tag, FETCH_FAILED, trouble, err);
}

static bool
cut(const char *folder, struct slice *path)
{
    size_t length = strlen(folder);

    while (length > 0 && folder[length - 1] == '/')
        length--;
    if (path->length <= length + 1 || memcmp(path->data, folder, length) != 0 ||
        path->data[length] != '/')
        return false;
    *path = (struct slice){path->data + length + 1, path->length - length - 1};
    return true;
}

/* A path may be told with the folder in front. False: it lies elsewhere. */
static bool
cut_folder(const struct fetch *fetch, struct slice *path)
{
    const struct file_fetch *files = fetch->inside;

    return path->data[0] != '/' || cut(fetch->options.folder, path) ||
           (files->real_path && cut(files->real_path, path));
}

static bool
ask_file(struct fetch *fetch, uint64_t tag, struct slice value, struct slice version,
         struct error *err)
{
    const struct file_fetch *files = fetch->inside;
    const char *trouble;
    bool ok;
    int fd;

    if (!cut_folder(fetch, &value))
        return fetch_answer(fetch, tag, FETCH_REFUSED, "does not lie in 'photos.folder'", err);
    if (!fetch_stays_below(value, &trouble))
        return fetch_answer(fetch, tag, FETCH_REFUSED, trouble, err);
    fd = open_below(files->folder, value);
    if (fd < 0)
        return answer_failure(fetch, tag, errno, err);
    ok = read_file(fetch, tag, fd, value, version, err);
    close(fd);
    return ok;
}

/* Each is answered as it is asked for. */
static bool
finish_files(struct fetch *fetch, struct error *err)
{
    (void)fetch, (void)err;
    return true;
}

static void
close_folder(struct fetch *fetch)
{
    struct file_fetch *files = fetch->inside;

    if (files->folder >= 0)
        close(files->folder);
    buffer_free(&files->bytes);
    free(files->real_path);
    free(files);
}

const struct fetch_driver fetch_file_driver = {open_folder, ask_file, finish_files, close_folder};
