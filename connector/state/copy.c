#include "state/database.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 20 };

/* What may lie beside the file: what was written last, and the journal of the very first write. */
static const char *const parts[] = {"", "-wal", "-journal"};

enum { PART_COUNT = sizeof parts / sizeof parts[0] };

struct stamp {
    bool there;
    off_t bytes;
    ino_t inode;
    struct timespec written;
};

static bool
is_same(const struct stamp *a, const struct stamp *b)
{
    return a->there == b->there && a->bytes == b->bytes && a->inode == b->inode &&
           a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec;
}

static void
take_stamps(const char *path, struct arena *arena, struct stamp ret_stamps[PART_COUNT])
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        struct stat info;

        ret_stamps[i] = (struct stamp){0};
        if (lstat(arena_format(arena, "%s%s", path, parts[i]), &info) == 0)
            ret_stamps[i] = (struct stamp){true, info.st_size, info.st_ino, info.st_mtim};
    }
}

static bool
copy_bytes(int from, const char *from_path, off_t bytes, int to, const char *to_path,
           struct error *err)
{
    char *piece = memory_alloc(PIECE_BYTES);
    bool ok = true;

    for (off_t at = 0; ok && at < bytes; at += PIECE_BYTES) {
        size_t length = bytes - at < PIECE_BYTES ? (size_t)(bytes - at) : PIECE_BYTES;

        ok = file_read_at(from, piece, length, at, from_path, err) &&
             file_write_all(to, piece, length, to_path, err);
    }
    free(piece);
    return ok;
}

static bool
fail(const char *what, const char *path, struct error *err)
{
    return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE, "cannot %s '%s': %s",
                     what, path, strerror(errno));
}

static bool
copy_part(const char *from_path, const char *to_path, off_t bytes, struct error *err)
{
    int from = open(from_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    int to = -1;
    bool ok = from >= 0 || fail("read the state", from_path, err);

    if (ok)
        to = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (ok && to < 0)
        ok = fail("make the copy", to_path, err);
    ok = ok && copy_bytes(from, from_path, bytes, to, to_path, err);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

/* Who writes also wants the right to. */
static bool
check_rights(const char *path, struct error *err)
{
    if (access(path, W_OK) == 0 || errno == ENOENT)
        return true;
    error_set(err, ERROR_PERMISSION, "cannot write the state '%s': %s", path, strerror(errno));
    return error_hint(err, "The account that runs ldap2alma must own the file.");
}

static bool
copy_parts(const struct state *state, const char *feed, struct arena *arena, struct error *err)
{
    const char *lock = state_lock_path(state->path, arena);
    const char *what = arena_format(arena, "the feed '%s'", feed);
    struct stamp before[PART_COUNT], after[PART_COUNT];
    bool ok = check_rights(state->path, err) && lock_look(lock, what, err);

    take_stamps(state->path, arena, before);
    for (size_t i = 0; ok && i < PART_COUNT; i++)
        if (before[i].there)
            ok =
                copy_part(arena_format(arena, "%s%s", state->path, parts[i]),
                          arena_format(arena, "%s%s", state->copy, parts[i]), before[i].bytes, err);
    ok = ok && lock_look(lock, what, err);
    take_stamps(state->path, arena, after);
    for (size_t i = 0; ok && i < PART_COUNT; i++) {
        if (is_same(&before[i], &after[i]))
            continue;
        ok = error_set(err, ERROR_LOCKED, "another run of %s has just written to the state", what);
        error_hint(err, "Run again when it has ended.");
    }
    return ok;
}

bool
copy_make(const struct state *state, const char *feed, struct error *err)
{
    struct arena *arena = arena_new();
    bool ok = copy_parts(state, feed, arena, err);
    int fd = -1;

    if (ok)
        fd = open(state->copy, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (ok && fd < 0)
        ok = fail("make the copy", state->copy, err);
    if (fd >= 0)
        close(fd);
    arena_free(arena);
    return ok;
}

void
copy_unlink(const struct state *state)
{
    struct arena *arena = arena_new();

    for (size_t i = 0; i < PART_COUNT; i++)
        (void)unlink(arena_format(arena, "%s%s", state->copy, parts[i]));
    arena_free(arena);
}
