#include "package/scratch.h"

#include "base/arena.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For file systems that know no files without a name, such as NFS. */
static int
open_and_unlink(const char *folder)
{
    static const char pattern[] = "/.ldap2alma-XXXXXX";
    size_t size = strlen(folder) + sizeof pattern;
    char *path = memory_alloc(size);
    int fd;

    snprintf(path, size, "%s%s", folder, pattern);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    free(path);
    return fd;
}

bool
scratch_open(struct scratch *ret_scratch, const char *folder, struct error *err)
{
    size_t size = strlen(folder) + 1;
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        fd = open_and_unlink(folder);
    if (fd < 0) {
        int reason = errno;

        error_set(err, ERROR_WRITE, "cannot make a temporary file in '%s': %s", folder,
                  strerror(reason));
        if (reason == ENOSPC || reason == EDQUOT)
            return error_hint(err, "Free some space there, then run again.");
        return error_hint(err, "The folder has to exist, and the account that runs ldap2alma needs "
                               "the right to write there.");
    }
    *ret_scratch = (struct scratch){.folder = memory_alloc(size), .fd = fd};
    memcpy(ret_scratch->folder, folder, size);
    return true;
}

void
scratch_close(struct scratch *scratch)
{
    close(scratch->fd);
    free(scratch->folder);
}

static bool
append_failed(const struct scratch *scratch, struct error *err)
{
    struct error unheard = ERROR_INIT;
    uint64_t space;

    error_prefix(err, "temporary file");
    if (file_space(scratch->fd, scratch->folder, &space, &unheard))
        error_hint(err,
                   "The file holds %.1f MB so far and %.1f MB are free in '%s': make room there, "
                   "or lift the limit on the size of files.",
                   (double)scratch->length / 1e6, (double)space / 1e6, scratch->folder);
    return false;
}

bool
scratch_append(struct scratch *scratch, const char *data, size_t length, struct error *err)
{
    if (!file_write_all(scratch->fd, data, length, scratch->folder, err))
        return append_failed(scratch, err);
    scratch->length += length;
    return true;
}

bool
scratch_read(const struct scratch *scratch, uint64_t offset, char *data, size_t length,
             struct error *err)
{
    return file_read_at(scratch->fd, data, length, (off_t)offset, scratch->folder, err);
}

bool
scratch_clear(struct scratch *scratch, struct error *err)
{
    if (ftruncate(scratch->fd, 0) < 0 || lseek(scratch->fd, 0, SEEK_SET) < 0)
        return error_set(err, ERROR_WRITE, "cannot empty a temporary file in '%s': %s",
                         scratch->folder, strerror(errno));
    scratch->length = 0;
    return true;
}
