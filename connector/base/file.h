/* file: reading and writing files so that nothing is lost or shown.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The whole file, NUL-terminated behind its end, at most `most` bytes. Errors: ERROR_CONFIG when
 * it does not exist, is no regular file or is larger, ERROR_PERMISSION when it may not be read. */
bool file_read(struct arena *arena, const char *path, size_t most, struct slice *ret_text,
               struct error *err);

/* Writes all bytes or fails with ERROR_WRITE; `path` only for the message. Restarts after
 * signals. */
bool file_write_all(int fd, const char *data, size_t length, const char *path, struct error *err);

/* Reads exactly `length` bytes at `offset`. A short file is ERROR_INTERNAL. */
bool file_read_at(int fd, char *data, size_t length, off_t offset, const char *path,
                  struct error *err);

/* fsync of a file and of the folder that names it. */
bool file_sync(int fd, const char *path, struct error *err);
bool file_sync_folder(const char *folder, struct error *err);

/* Makes the folder (and its parents) with mode 0700 where it does not exist. */
bool file_make_folder(const char *folder, struct error *err);

/* `path` taken relative to the folder of `base` (a file), unless it is absolute. */
char *file_relative_to(struct arena *arena, const char *base, const char *path);

/* Folder of a path ("." where it has none), last part of a path. */
char *file_folder(struct arena *arena, const char *path);
const char *file_name(const char *path);

#endif
