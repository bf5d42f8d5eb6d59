#include "delivery/file_compare.h"

#include "base/arena.h"
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PIECE_BYTES = 1 << 20 };

bool
file_compare(int fd, const struct upload *upload, bool *ret_same, struct error *err)
{
    char *theirs = memory_alloc(PIECE_BYTES);
    char *ours = memory_alloc(PIECE_BYTES);
    struct stat stat;
    uint64_t at = 0;
    bool same;
    bool done = true;

    same = fstat(fd, &stat) == 0 && (uint64_t)stat.st_size == upload->bytes;
    while (done && same && at < upload->bytes) {
        uint64_t left = upload->bytes - at;
        size_t length = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;

        done = file_read_at(fd, theirs, length, (off_t)at, upload->name, err) &&
               file_read_at(upload->fd, ours, length, (off_t)at, upload->path, err);
        same = done && memcmp(theirs, ours, length) == 0;
        at += length;
    }
    free(theirs);
    free(ours);
    if (done)
        *ret_same = same;
    return done;
}
