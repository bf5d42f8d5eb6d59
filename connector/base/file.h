/* file: reading and writing files so that nothing is lost or shown.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Opens a regular file for reading; -1 with err: ERROR_CONFIG when it does not exist or is none,
 * ERROR_PERMISSION when it may not be read. */
int file_open(const char *path, struct stat *ret_info, struct error *err);

/* The whole file, NUL-terminated behind its end, at most `most` bytes. Errors: those of
 * file_open(), and ERROR_CONFIG when it is larger. */
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

/* How many bytes the account may still write to the file system of `fd`. */
bool file_space(int fd, const char *path, uint64_t *ret_bytes, struct error *err);

/* Makes the folder (and its parents) with mode 0700 where it does not exist. */
bool file_make_folder(const char *folder, struct error *err);

/* Fails as file_make_folder() would, but makes nothing. */
bool file_may_make_folder(const char *folder, struct error *err);

/* The path itself, or the first folder above it that is there. */
char *file_existing(struct arena *arena, const char *path);

/* `path` taken relative to the folder of `base` (a file), unless it is absolute. */
char *file_relative_to(struct arena *arena, const char *base, const char *path);

/* The path without links and detours, so that a file is known by any name; the path itself where
 * there is nothing. */
char *file_real_path(struct arena *arena, const char *path);

/* Folder of a path ("." where it has none), last part of a path. */
char *file_folder(struct arena *arena, const char *path);
const char *file_name(const char *path);

#endif
