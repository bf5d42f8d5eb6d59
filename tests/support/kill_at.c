/* kill_at: preloaded into ldap2alma (what it starts is left alone), it counts the calls that change
 * files or go to a server, and kills the process at one of them, or lets one fail. It also sets the
 * clock. Everything is told by the environment:
 *
 *   KILL_FOLDER=DIR      calls below this folder (a real path) count, and those on sockets
 *   KILL_LOG=FILE        gets a line for each such call that was made: number, name, path and new
 *                        path with tabs between, and '!' before the name where the call failed
 *   KILL_AT=N            the Nth call is not made any more: SIGKILL
 *   KILL_AFTER=1         it is the last one that is made
 *   KILL_LINGER=SECONDS  before the signal: others shall see what the process held
 *   FAIL_AT=N            the Nth call fails
 *   FAIL_ON=1            and all after it
 *   FAIL_WITH=ENOSPC     so; only where more room is needed. Or EACCES; the default is EIO
 *   KILL_SHADOW=DIR      what a file holds when it is synced is copied to DIR/NUMBER: power_loss.py
 *                        makes of it and of the log what a power failure leaves
 *   CLOCK_BEGIN=T        the clock shows T, in seconds since 1970, when the process begins
 *
 * Not seen: what is written through mapped memory, and what the C library does within itself but
 * for streams.
 */
#undef _FILE_OFFSET_BITS /* both names of a function, open() and open64(), are defined below */
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* What a call needs of the disk. */
enum need { NEED_NOTHING, NEED_ROOM };

struct call {
    const char *name;
    enum need need;
    bool counts;
    long number;
    char path[PATH_MAX], to[PATH_MAX];
};

static long
number_of(const char *variable)
{
    const char *text = getenv(variable);

    return text ? strtol(text, NULL, 10) : 0;
}

/* The C library's own function. ISO C knows no way from dlsym()'s pointer to one of a function. */
static void
find_real(void *ret_function, const char *name)
{
    void *real = dlsym(RTLD_NEXT, name);

    memcpy(ret_function, &real, sizeof real);
}

/* Opened before the process is confined, and where it is out of the way; -1: there is none. */
static int log_fd = -1;

/* Programs that it starts may not even be able to load a library with sanitizers. */
__attribute__((constructor)) static void
begin(void)
{
    enum { ABOVE = 200 };
    const char *log = getenv("KILL_LOG");
    int fd;

    if (!strstr(program_invocation_short_name, "ldap2alma"))
        return;
    unsetenv("LD_PRELOAD");
    if (!log)
        return;
    fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log_fd = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, ABOVE);
    syscall(SYS_close, fd);
}

/* A process that is confined could keep no shadows: it is told that this system cannot. */
int
prctl(int option, ...)
{
    unsigned long values[4];
    va_list arguments;

    va_start(arguments, option);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        values[i] = va_arg(arguments, unsigned long);
    va_end(arguments);
    if (option == PR_SET_NO_NEW_PRIVS && getenv("KILL_SHADOW")) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_prctl, option, values[0], values[1], values[2], values[3]);
}

static void
die(void)
{
    struct timespec linger = {.tv_sec = number_of("KILL_LINGER")};

    nanosleep(&linger, NULL);
    kill(getpid(), SIGKILL);
}

/* ---- which file it is ---- */

static void
path_of_fd(int fd, char *path)
{
    char link[64];
    ssize_t length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = '\0';
}

static void
path_at(int folder, const char *name, char *path)
{
    char base[PATH_MAX] = "";

    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return;
    }
    if (folder != AT_FDCWD)
        path_of_fd(folder, base);
    else if (!getcwd(base, sizeof base))
        base[0] = '\0';
    if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX)
        path[0] = '\0';
}

static bool
is_watched(const char *path)
{
    const char *folder = getenv("KILL_FOLDER");
    size_t length = folder ? strlen(folder) : 0;

    if (!strstr(program_invocation_short_name, "ldap2alma"))
        return false;
    if (strncmp(path, "socket:", 7) == 0)
        return true;
    return folder && strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/* ---- before and after a call ---- */

static bool
fails_now(const struct call *call)
{
    long at = number_of("FAIL_AT");
    const char *with = getenv("FAIL_WITH");
    bool no_room = with && strcmp(with, "ENOSPC") == 0;

    if (at == 0 || strncmp(call->path, "socket:", 7) == 0 || (no_room && call->need != NEED_ROOM))
        return false;
    if (call->number != at && (call->number < at || number_of("FAIL_ON") == 0))
        return false;
    errno = no_room ? ENOSPC : with && strcmp(with, "EACCES") == 0 ? EACCES : EIO;
    return true;
}

/* False, with errno, where the call is to fail. */
static bool
call_begin(struct call *call, const char *name, enum need need)
{
    static atomic_long calls;

    call->name = name;
    call->need = need;
    call->counts = is_watched(call->path);
    if (!call->counts)
        return true;
    call->number = atomic_fetch_add(&calls, 1) + 1;
    if (call->number == number_of("KILL_AT") && number_of("KILL_AFTER") == 0)
        die();
    return !fails_now(call);
}

static bool
begin_fd(struct call *call, const char *name, int fd, enum need need)
{
    call->to[0] = '\0';
    path_of_fd(fd, call->path);
    if (fd < 3)
        call->path[0] = '\0';
    return call_begin(call, name, need);
}

static bool
begin_at(struct call *call, const char *name, int folder, const char *path, enum need need)
{
    call->to[0] = '\0';
    path_at(folder, path, call->path);
    return call_begin(call, name, need);
}

static bool
begin_move(struct call *call, const char *name, int folder, const char *from, int to_folder,
           const char *to)
{
    path_at(folder, from, call->path);
    path_at(to_folder, to, call->to);
    return call_begin(call, name, NEED_ROOM);
}

static void
write_log(const struct call *call, bool done)
{
    if (log_fd >= 0)
        dprintf(log_fd, "%ld\t%s%s\t%s\t%s\n", call->number, done ? "" : "!", call->name,
                call->path, call->to);
}

/* Keeps errno. Returns the result. */
static long
call_end(const struct call *call, long result)
{
    int reason = errno;

    if (call->counts) {
        write_log(call, result >= 0);
        if (call->number == number_of("KILL_AT"))
            die();
    }
    errno = reason;
    return result;
}

/* ---- files and folders ---- */

static int
open_file(int folder, const char *path, int flags, mode_t mode)
{
    struct call call;
    struct stat info;
    bool makes = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    bool there = fstatat(folder, path, &info, AT_SYMLINK_NOFOLLOW) == 0;

    if (!makes || (flags & O_CREAT && there))
        return (int)syscall(SYS_openat, folder, path, flags, mode);
    if (!begin_at(&call, flags & O_CREAT ? "create" : "scratch", folder, path, NEED_ROOM))
        return (int)call_end(&call, -1);
    return (int)call_end(&call, syscall(SYS_openat, folder, path, flags, mode));
}

/* The mode, which is given only where a file may be made. */
#define OPEN(folder)                                                                               \
    va_list rest;                                                                                  \
    mode_t mode;                                                                                   \
    va_start(rest, flags);                                                                         \
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                               \
    va_end(rest);                                                                                  \
    return open_file(folder, path, flags, mode)

int
open(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD);
}

int
open64(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD);
}

int
openat(int folder, const char *path, int flags, ...)
{
    OPEN(folder);
}

int
openat64(int folder, const char *path, int flags, ...)
{
    OPEN(folder);
}

/* The C library opens it within itself. */
int
mkostemp64(char *pattern, int flags)
{
    int (*real)(char *, int);
    struct call call;
    int fd;

    find_real(&real, "mkostemp64");
    if (!begin_at(&call, "create", AT_FDCWD, pattern, NEED_ROOM))
        return (int)call_end(&call, -1);
    fd = real(pattern, flags);
    path_at(AT_FDCWD, pattern, call.path);
    return (int)call_end(&call, fd);
}

int
mkdir(const char *path, mode_t mode)
{
    struct call call;

    if (!begin_at(&call, "mkdir", AT_FDCWD, path, NEED_ROOM))
        return (int)call_end(&call, -1);
    return (int)call_end(&call, syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int
unlinkat(int folder, const char *path, int flags)
{
    struct call call;

    if (!begin_at(&call, "unlink", folder, path, NEED_NOTHING))
        return (int)call_end(&call, -1);
    return (int)call_end(&call, syscall(SYS_unlinkat, folder, path, flags));
}

int
unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int
linkat(int folder, const char *from, int to_folder, const char *to, int flags)
{
    struct call call;

    if (!begin_move(&call, "link", folder, from, to_folder, to))
        return (int)call_end(&call, -1);
    return (int)call_end(&call, syscall(SYS_linkat, folder, from, to_folder, to, flags));
}

int
link(const char *from, const char *to)
{
    return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat2(int folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    struct call call;

    if (!begin_move(&call, "rename", folder, from, to_folder, to))
        return (int)call_end(&call, -1);
    return (int)call_end(&call, syscall(SYS_renameat2, folder, from, to_folder, to, flags));
}

int
renameat(int folder, const char *from, int to_folder, const char *to)
{
    return renameat2(folder, from, to_folder, to, 0);
}

int
rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* ---- what is in them ---- */

ssize_t
write(int fd, const void *data, size_t length)
{
    struct call call;

    if (!begin_fd(&call, "write", fd, NEED_ROOM))
        return call_end(&call, -1);
    return call_end(&call, syscall(SYS_write, fd, data, length));
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
    struct call call;

    if (!begin_fd(&call, "write", fd, NEED_ROOM))
        return call_end(&call, -1);
    return call_end(&call, syscall(SYS_writev, fd, pieces, count));
}

ssize_t
pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    struct call call;

    if (!begin_fd(&call, "write", fd, NEED_ROOM))
        return call_end(&call, -1);
    return call_end(&call, syscall(SYS_pwrite64, fd, data, length, offset));
}

ssize_t
pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return pwrite64(fd, data, length, offset);
}

int
ftruncate64(int fd, off64_t length)
{
    struct call call;

    if (!begin_fd(&call, "truncate", fd, NEED_ROOM))
        return (int)call_end(&call, -1);
    return (int)call_end(&call, syscall(SYS_ftruncate, fd, length));
}

int
ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

/* libzip writes through a stream. What waits in the stream is lost with the process, as in life. */
size_t
fwrite(const void *data, size_t size, size_t count, FILE *stream)
{
    size_t (*real)(const void *, size_t, size_t, FILE *);
    struct call call;
    size_t written;

    find_real(&real, "fwrite");
    if (!begin_fd(&call, "write", fileno(stream), NEED_ROOM))
        return (size_t)(call_end(&call, -1) + 1);
    written = real(data, size, count, stream);
    call_end(&call, 0);
    return written;
}

int
fclose(FILE *stream)
{
    int (*real)(FILE *);
    struct call call;
    int result, reason;

    find_real(&real, "fclose");
    if (begin_fd(&call, "close", fileno(stream), NEED_ROOM))
        return (int)call_end(&call, real(stream));
    reason = errno;
    result = real(stream);
    errno = reason;
    return (int)call_end(&call, result < 0 ? result : -1);
}

/* A network file system may tell of a full disk only here. */
int
close(int fd)
{
    struct call call = {.counts = false};
    int flags = (int)syscall(SYS_fcntl, fd, F_GETFL), reason;
    bool good = true;

    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
        good = begin_fd(&call, "close", fd, NEED_ROOM);
    reason = errno;
    if (good)
        return (int)call_end(&call, syscall(SYS_close, fd));
    syscall(SYS_close, fd);
    errno = reason;
    return (int)call_end(&call, -1);
}

/* ---- syncing ---- */

static void
keep_shadow(const struct call *call, int fd)
{
    const char *folder = getenv("KILL_SHADOW");
    char path[PATH_MAX], piece[4096];
    struct stat info;
    off_t offset = 0;
    ssize_t got;
    int shadow;

    if (!folder || !call->counts || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return;
    snprintf(path, sizeof path, "%s/%ld", folder, call->number);
    /* The descriptor need not be one to read from. */
    fd = (int)syscall(SYS_openat, AT_FDCWD, call->path, O_RDONLY | O_CLOEXEC);
    shadow = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (fd >= 0 && (got = pread(fd, piece, sizeof piece, offset)) > 0) {
        syscall(SYS_write, shadow, piece, got);
        offset += got;
    }
    syscall(SYS_close, shadow);
    syscall(SYS_close, fd);
}

static int
sync_file(int fd, long way)
{
    struct call call;
    long result;

    if (!begin_fd(&call, "sync", fd, NEED_NOTHING))
        return (int)call_end(&call, -1);
    result = syscall(way, fd);
    if (result == 0)
        keep_shadow(&call, fd);
    return (int)call_end(&call, result);
}

int
fsync(int fd)
{
    return sync_file(fd, SYS_fsync);
}

int
fdatasync(int fd)
{
    return sync_file(fd, SYS_fdatasync);
}

/* ---- to servers ---- */

ssize_t
send(int fd, const void *data, size_t length, int flags)
{
    struct call call;

    begin_fd(&call, "send", fd, NEED_NOTHING);
    return call_end(&call, syscall(SYS_sendto, fd, data, length, flags, NULL, 0));
}

ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct call call;

    begin_fd(&call, "send", fd, NEED_NOTHING);
    return call_end(&call, syscall(SYS_sendmsg, fd, message, flags));
}

/* ---- the clock ---- */

int
clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    static atomic_long began;
    int result = (int)syscall(SYS_clock_gettime, clock, ret_time);
    long begin = number_of("CLOCK_BEGIN"), none = 0;

    if (result != 0 || clock != CLOCK_REALTIME || begin == 0)
        return result;
    atomic_compare_exchange_strong(&began, &none, ret_time->tv_sec);
    ret_time->tv_sec += begin - atomic_load(&began);
    return 0;
}

time_t
time(time_t *ret_time)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_time)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}

int
gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *ret_time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}
