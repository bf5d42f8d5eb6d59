#include "base/arena.h"
#include "base/file.h"
#include "delivery/depot_driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Synced together, so that the disk's journal is written for many files at once. */
enum { BATCH = 64, FILE_MODE = 0644 /* the web server reads it */ };

struct placing {
    struct depot_change change;
    int fd; /* of the temporary file; -1: none */
    char part[DEPOT_PART_BYTES];
    enum depot_outcome outcome;
    char trouble[256];
};

struct folder_depot {
    struct depot depot;
    int folder; /* open while connected */
    struct buffer bytes;
    size_t count;
    struct placing batch[BATCH];
};

static bool
fail(const struct folder_depot *folder, const char *what, const char *name, struct error *err)
{
    int reason = errno;

    error_set(err, ERROR_WRITE, "cannot %s '%s/%s': %s", what, folder->depot.name, name,
              strerror(reason));
    if (reason == EACCES || reason == EPERM)
        error_hint(err, "Give the account that runs ldap2alma the right to write into '%s'.",
                   folder->depot.name);
    return false;
}

static bool
folder_connect(struct depot *depot, struct error *err)
{
    struct folder_depot *folder = (struct folder_depot *)depot;

    target_watch_begin(depot->watch, TARGET_DIRECTORY);
    folder->folder = open(depot->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->folder < 0) {
        error_set(err, ERROR_WRITE, "cannot open the folder: %s", strerror(errno));
        return error_hint(err, "It must be there, and the account that runs ldap2alma must have "
                               "the right to write into it.");
    }
    if (faccessat(folder->folder, ".", W_OK | X_OK, AT_EACCESS) == 0) {
        target_watch_step(depot->watch, TARGET_DIRECTORY, "'%s' can be used", depot->name);
        return true;
    }
    error_set(err, ERROR_WRITE, "cannot write into the folder: %s", strerror(errno));
    return error_hint(err, "Give the account that runs ldap2alma the right to write into it.");
}

static void
folder_disconnect(struct depot *depot)
{
    struct folder_depot *folder = (struct folder_depot *)depot;

    if (folder->folder >= 0)
        close(folder->folder);
    folder->folder = -1;
}

static bool
folder_look(struct depot *depot, const char *name, struct depot_found *ret_found, struct error *err)
{
    const struct folder_depot *folder = (const struct folder_depot *)depot;
    struct stat stat;

    *ret_found = (struct depot_found){.exists = false};
    if (fstatat(folder->folder, name, &stat, AT_SYMLINK_NOFOLLOW) == 0)
        *ret_found = (struct depot_found){.exists = true,
                                          .bytes = (uint64_t)stat.st_size,
                                          .mode = stat.st_mode,
                                          .changed = stat.st_mtime};
    else if (errno != ENOENT)
        return fail(folder, "look at", name, err);
    return true;
}

static bool
folder_space(struct depot *depot, uint64_t *ret_bytes, struct error *err)
{
    return file_space(((const struct folder_depot *)depot)->folder, depot->name, ret_bytes, err);
}

static bool
write_part(struct folder_depot *folder, const struct depot_work *work, struct placing *placing,
           struct error *err)
{
    if (placing->change.action == DEPOT_REMOVE)
        return true;
    folder->bytes.length = 0;
    if (!work->load(work->context, placing->change.tag, &folder->bytes, err))
        return false;
    depot_name_part(&folder->depot, placing->part);
    placing->fd = openat(folder->folder, placing->part,
                         O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (placing->fd < 0)
        return fail(folder, "create", placing->part, err);
    /* The program's own files are for nobody else (its umask); where a file system knows no such
     * rights they are its own affair. */
    (void)fchmod(placing->fd, FILE_MODE);
    return file_write_all(placing->fd, folder->bytes.data, folder->bytes.length, placing->part,
                          err);
}

static bool
finish_part(struct folder_depot *folder, struct placing *placing, struct error *err)
{
    int fd = placing->fd;
    bool synced;

    if (fd < 0)
        return true;
    synced = file_sync(fd, placing->part, err);
    placing->fd = -1;
    /* A network file system may tell of a full disk only here. */
    if (close(fd) != 0 && synced)
        return fail(folder, "finish", placing->part, err);
    return synced;
}

/* renameat2() is the one step that replaces nothing; where the file system does not know it, a
 * second name and the removal of the first are nearly as good. */
static bool
rename_anew(int folder, const char *part, const char *name)
{
    if (renameat2(folder, part, folder, name, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return linkat(folder, part, folder, name, 0) == 0 && unlinkat(folder, part, 0) == 0;
}

/* 0, or the reason as an errno. */
static int
change_name(int folder, const struct placing *placing)
{
    const char *name = placing->change.name;
    bool done = false;

    switch (placing->change.action) {
    case DEPOT_ADD:
        done = rename_anew(folder, placing->part, name);
        break;
    case DEPOT_REPLACE:
        done = renameat(folder, placing->part, folder, name) == 0;
        break;
    case DEPOT_REMOVE:
        done = unlinkat(folder, name, 0) == 0 || errno == ENOENT;
        break;
    }
    return done ? 0 : errno;
}

/* What has to do with the one name, and not with the folder or its disk. */
static bool
is_about_name(int reason)
{
    switch (reason) {
    case EISDIR:
    case ENOTEMPTY:
    case ENAMETOOLONG:
    case EINVAL:
    case EILSEQ:
    case EACCES:
    case EPERM:
    case EBUSY:
    case ETXTBSY:
        return true;
    default:
        return false;
    }
}

static bool
place(struct folder_depot *folder, struct placing *placing, struct error *err)
{
    int reason = change_name(folder->folder, placing);

    if (reason == 0) {
        placing->part[0] = '\0';
        return true;
    }
    errno = reason;
    if (reason == EEXIST && placing->change.action == DEPOT_ADD) {
        placing->outcome = DEPOT_FOREIGN;
    } else if (is_about_name(reason)) {
        placing->outcome = DEPOT_REFUSED;
        snprintf(placing->trouble, sizeof placing->trouble, "%s", strerror(reason));
    } else {
        return fail(folder, placing->change.action == DEPOT_REMOVE ? "remove" : "rename to",
                    placing->change.name, err);
    }
    return true;
}

static void
discard_parts(struct folder_depot *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        struct placing *placing = &folder->batch[i];

        if (placing->fd >= 0)
            close(placing->fd);
        if (placing->part[0] && unlinkat(folder->folder, placing->part, 0) != 0 && errno != ENOENT)
            message_say(folder->depot.messenger, MESSAGE_WARNING, "'%s' is left at '%s': %s",
                        placing->part, folder->depot.name, strerror(errno));
    }
    folder->count = 0;
}

static bool
write_batch(struct folder_depot *folder, const struct depot_work *work, bool *ret_more,
            struct error *err)
{
    while (*ret_more && folder->count < BATCH) {
        struct placing *placing = &folder->batch[folder->count];

        *placing = (struct placing){.fd = -1, .outcome = DEPOT_DONE};
        if (!depot_take(work, &placing->change, ret_more, err))
            return false;
        if (!*ret_more)
            return true;
        folder->count++;
        if (!write_part(folder, work, placing, err))
            return false;
    }
    return true;
}

static bool
place_batch(struct folder_depot *folder, struct error *err)
{
    for (size_t i = 0; i < folder->count; i++)
        if (!finish_part(folder, &folder->batch[i], err))
            return false;
    for (size_t i = 0; i < folder->count; i++)
        if (!place(folder, &folder->batch[i], err))
            return false;
    return file_sync(folder->folder, folder->depot.name, err);
}

static bool
settle_batch(struct folder_depot *folder, const struct depot_work *work, struct error *err)
{
    for (size_t i = 0; i < folder->count; i++) {
        struct placing *placing = &folder->batch[i];
        const char *trouble = placing->outcome == DEPOT_REFUSED ? placing->trouble : NULL;

        if (!depot_settle(&folder->depot, work, &placing->change, placing->outcome, trouble, err))
            return false;
    }
    return true;
}

static bool
folder_work(struct depot *depot, const struct depot_work *work, struct error *err)
{
    struct folder_depot *folder = (struct folder_depot *)depot;
    bool more = true, done = true;

    folder->bytes = BUFFER_INIT;
    while (done && more) {
        done = write_batch(folder, work, &more, err) && place_batch(folder, err) &&
               settle_batch(folder, work, err);
        discard_parts(folder);
    }
    buffer_free(&folder->bytes);
    return done;
}

static bool
remove_parts(struct folder_depot *folder, DIR *entries, size_t *ret_removed, struct error *err)
{
    const struct dirent *entry;

    *ret_removed = 0;
    for (errno = 0; (entry = readdir(entries)); errno = 0) {
        if (!depot_is_part(&folder->depot, slice_of(entry->d_name)))
            continue;
        if (unlinkat(folder->folder, entry->d_name, 0) != 0 && errno != ENOENT)
            return fail(folder, "remove", entry->d_name, err);
        ++*ret_removed;
    }
    return errno == 0 || fail(folder, "list", ".", err);
}

static bool
folder_clean(struct depot *depot, size_t *ret_removed, struct error *err)
{
    struct folder_depot *folder = (struct folder_depot *)depot;
    int fd = openat(folder->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    bool done;

    if (!entries) {
        fail(folder, "list", ".", err);
        if (fd >= 0)
            close(fd);
        return false;
    }
    done = remove_parts(folder, entries, ret_removed, err);
    closedir(entries);
    return done;
}

static const struct depot_driver folder_driver = {
    .connect = folder_connect,
    .work = folder_work,
    .look = folder_look,
    .clean = folder_clean,
    .space = folder_space,
    .disconnect = folder_disconnect,
};

struct depot *
depot_open_folder(const char *folder, const char *mark, const struct messenger *messenger)
{
    struct folder_depot *opened = memory_zero(1, sizeof *opened);

    depot_init(&opened->depot, &folder_driver, strdup(folder), mark, messenger);
    opened->folder = -1;
    return &opened->depot;
}
