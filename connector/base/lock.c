#include "base/lock.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LEFT_BYTES = 160 };

struct lock {
    int fd;
    char left[LEFT_BYTES];
};

static const char line_format[] = "pid %ld since %lld\n";

static bool
write_holder(int fd, const char *path, struct error *err)
{
    char text[64];
    int length = snprintf(text, sizeof text, line_format, (long)getpid(), (long long)time(NULL));

    if (pwrite(fd, text, (size_t)length, 0) != length || ftruncate(fd, length) != 0)
        return error_set(err, ERROR_WRITE, "cannot write '%s': %s", path, strerror(errno));
    return true;
}

/* The line behind the holder's. */
static void
read_left(int fd, char left[LEFT_BYTES])
{
    char text[LEFT_BYTES] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    const char *begin = got > 0 ? strchr(text, '\n') : NULL;

    snprintf(left, LEFT_BYTES, "%s", begin ? begin + 1 : "");
    left[strcspn(left, "\n")] = '\0';
}

static struct lock_holder
read_holder(int fd)
{
    char text[64] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    struct lock_holder holder = {0, 0};
    long long since = 0;

    if (got > 0)
        (void)sscanf(text, line_format, &holder.pid, &since);
    holder.since = (time_t)since;
    return holder;
}

static bool
tell_holder(int fd, const char *what, struct error *err)
{
    struct lock_holder holder = read_holder(fd);
    char when[32] = "an unknown time";
    struct tm parts;

    if (holder.since > 0 && gmtime_r(&holder.since, &parts))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    error_set(err, ERROR_LOCKED, "another run of %s is at work (pid %ld, since %s)", what,
              holder.pid, when);
    return error_hint(err, "Wait until it has ended; the lock is gone as soon as the process is.");
}

/* Locks of an open file can be asked for without being taken, which those of flock() cannot; and
 * unlike those of a process they are not lost when some other part of it closes the file. */
static const struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

static bool
tell_unopened(const char *path, struct error *err)
{
    return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE, "cannot open '%s': %s",
                     path, strerror(errno));
}

struct lock *
lock_take(const char *path, const char *what, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct flock range = whole_file;
    struct lock *lock;

    if (fd < 0) {
        tell_unopened(path, err);
        return NULL;
    }
    if (fcntl(fd, F_OFD_SETLK, &range) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            tell_holder(fd, what, err);
        else
            error_set(err, ERROR_WRITE, "cannot lock '%s': %s", path, strerror(errno));
        close(fd);
        return NULL;
    }
    lock = memory_zero(1, sizeof *lock);
    lock->fd = fd;
    read_left(fd, lock->left);
    if (write_holder(fd, path, err))
        return lock;
    lock_release(lock);
    return NULL;
}

bool
lock_look(const char *path, const char *what, struct error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct flock range = whole_file;
    bool ok = true;

    if (fd < 0)
        return errno == ENOENT || tell_unopened(path, err);
    if (fcntl(fd, F_OFD_GETLK, &range) != 0)
        ok = error_set(err, ERROR_WRITE, "cannot lock '%s': %s", path, strerror(errno));
    else if (range.l_type != F_UNLCK)
        ok = tell_holder(fd, what, err);
    close(fd);
    return ok;
}

bool
lock_is_held(const char *path, struct lock_holder *ret_holder)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct flock range = whole_file;
    bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;

    *ret_holder = held ? read_holder(fd) : (struct lock_holder){0, 0};
    if (fd >= 0)
        close(fd);
    return held;
}

void
lock_leave(struct lock *lock, const char *line)
{
    /* Where this fails nothing is left, or a piece that is no use to anybody. */
    if (lseek(lock->fd, 0, SEEK_END) > 0)
        (void)!dprintf(lock->fd, "%s\n", line);
}

const char *
lock_left(const struct lock *lock)
{
    return lock->left;
}

void
lock_release(struct lock *lock)
{
    if (!lock)
        return;
    close(lock->fd);
    free(lock);
}
