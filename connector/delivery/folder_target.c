#include "base/arena.h"
#include "base/file.h"
#include "delivery/file_compare.h"
#include "delivery/target_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 20, PART_MODE = 0640 /* Alma's account reads it by the group */ };

struct folder_target {
    struct target target;
    int folder; /* open while connected */
};

static int
folder_of(const struct target *target)
{
    return ((const struct folder_target *)target)->folder;
}

static bool
fail(const struct target *target, const char *what, const char *name, struct error *err)
{
    int reason = errno;

    error_set(err, ERROR_WRITE, "cannot %s '%s/%s': %s", what, target->name, name,
              strerror(reason));
    if (reason == EACCES || reason == EPERM)
        error_hint(err, "Give the account that runs ldap2alma the right to write into '%s'.",
                   target->name);
    return false;
}

static bool
folder_connect(struct target *target, struct error *err)
{
    struct folder_target *folder = (struct folder_target *)target;

    target_watch_begin(target->watch, TARGET_DIRECTORY);
    folder->folder = open(target->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->folder < 0) {
        error_set(err, ERROR_WRITE, "cannot open the folder: %s", strerror(errno));
        return error_hint(err, "It must be there, and the account that runs ldap2alma must have "
                               "the right to write into it.");
    }
    /* What an earlier run renamed and could not sync any more shall be so for good. */
    if (faccessat(folder->folder, ".", W_OK | X_OK, AT_EACCESS) == 0) {
        if (!file_sync(folder->folder, target->name, err))
            return false;
        target_watch_step(target->watch, TARGET_DIRECTORY, "'%s' can be used", target->name);
        return true;
    }
    error_set(err, ERROR_WRITE, "cannot write into the folder: %s", strerror(errno));
    return error_hint(err, "Give the account that runs ldap2alma the right to write into it.");
}

static void
folder_disconnect(struct target *target)
{
    struct folder_target *folder = (struct folder_target *)target;

    if (folder->folder >= 0)
        close(folder->folder);
    folder->folder = -1;
}

static bool
folder_look(struct target *target, const char *name, struct found *ret_found, struct error *err)
{
    struct stat stat;

    *ret_found = (struct found){.exists = false};
    if (fstatat(folder_of(target), name, &stat, AT_SYMLINK_NOFOLLOW) == 0)
        *ret_found = (struct found){
            .exists = true, .bytes = (uint64_t)stat.st_size, .changed = stat.st_mtime};
    else if (errno != ENOENT)
        return fail(target, "look at", name, err);
    return true;
}

static bool
copy(const struct target *target, const struct upload *upload, int fd, struct error *err)
{
    char *piece = memory_alloc(COPY_BYTES);
    uint64_t sent = 0;
    bool done = true;

    while (done && sent < upload->bytes) {
        uint64_t left = upload->bytes - sent;
        size_t length = left < COPY_BYTES ? (size_t)left : COPY_BYTES;

        done = file_read_at(upload->fd, piece, length, (off_t)sent, upload->path, err) &&
               file_write_all(fd, piece, length, upload->part, err);
        sent += length;
        if (done)
            target_tell_progress(target, upload, sent);
    }
    free(piece);
    return done;
}

static bool
folder_send(struct target *target, const struct upload *upload, struct error *err)
{
    int fd = openat(folder_of(target), upload->part,
                    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, PART_MODE);
    bool done;

    if (fd < 0)
        return fail(target, "create", upload->part, err);
    /* The program's own files are for nobody else (its umask); where a file system knows no such
     * rights they are its own affair. */
    (void)fchmod(fd, PART_MODE);
    done = copy(target, upload, fd, err) && file_sync(fd, upload->part, err);
    /* A network file system may tell of a full disk only here. */
    if (close(fd) != 0 && done)
        return fail(target, "finish", upload->part, err);
    /* The name too: a temporary file that is not there any more counts as renamed. */
    return done && file_sync(folder_of(target), target->name, err);
}

static bool
folder_same(struct target *target, const struct upload *upload, bool *ret_same, struct error *err)
{
    int fd = openat(folder_of(target), upload->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool done;

    if (fd < 0)
        return fail(target, "read", upload->name, err);
    done = file_compare(fd, upload, ret_same, err);
    close(fd);
    return done;
}

/* renameat2() is the one step that replaces nothing; where the file system does not know it, a
 * second name and the removal of the first are nearly as good. */
static bool
rename_once(int folder, const struct upload *upload)
{
    if (renameat2(folder, upload->part, folder, upload->name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return linkat(folder, upload->part, folder, upload->name, 0) == 0 &&
           unlinkat(folder, upload->part, 0) == 0;
}

static bool
folder_move(struct target *target, const struct upload *upload, struct error *err)
{
    if (!rename_once(folder_of(target), upload))
        return fail(target, "rename to", upload->name, err);
    return file_sync(folder_of(target), target->name, err);
}

static bool
folder_remove(struct target *target, const char *name, struct error *err)
{
    /* Synced, as nobody looks for it any more when it has been removed. */
    if (unlinkat(folder_of(target), name, 0) == 0)
        return file_sync(folder_of(target), target->name, err);
    return errno == ENOENT || fail(target, "remove", name, err);
}

static bool
folder_space(struct target *target, uint64_t *ret_bytes, struct error *err)
{
    return file_space(folder_of(target), target->name, ret_bytes, err);
}

static void
folder_free(struct target *target)
{
    free(target);
}

static const struct target_driver folder_driver = {
    .connect = folder_connect,
    .look = folder_look,
    .send = folder_send,
    .same = folder_same,
    .move = folder_move,
    .remove = folder_remove,
    .space = folder_space,
    .disconnect = folder_disconnect,
    .free = folder_free,
};

struct target *
target_open_folder(const char *folder, const struct messenger *messenger)
{
    struct folder_target *opened = memory_zero(1, sizeof *opened);

    opened->target = (struct target){
        .driver = &folder_driver,
        .messenger = messenger,
        .name = strdup(folder),
    };
    opened->folder = -1;
    return &opened->target;
}
