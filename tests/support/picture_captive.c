/* picture_captive ACTION: is shut in as the process that decodes pictures, then tries what somebody
 * would who has taken it over. Ends with 0 where that was possible, with 1 where it failed, and by
 * SIGSYS where the kernel ended it. */
#include "photos/picture_shut_in.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char *const nothing[] = {NULL};
static char page[8192];

static long
try_nothing(void)
{
    return 0;
}

static long
try_memory(void)
{
    return mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
}

static long
try_too_much_memory(void)
{
    return mmap(NULL, PICTURE_MEMORY_BYTES_MOST, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? -1
               : 0;
}

static long
try_answer(void)
{
    return write(PICTURE_SOCKET, "x", 1);
}

static long
try_open(void)
{
    return open("/etc/passwd", O_RDONLY);
}

static long
try_open_directly(void)
{
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", page, 24);
}

static long
try_create(void)
{
    return open("/tmp/captive", O_WRONLY | O_CREAT, 0600);
}

static long
try_unlink(void)
{
    return unlink("/tmp/captive");
}

static long
try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long
try_send_descriptor(void)
{
    struct msghdr message = {0};

    return sendmsg(PICTURE_SOCKET, &message, 0);
}

static long
try_fork(void)
{
    return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long
try_execute(void)
{
    return execve("/bin/true", nothing, nothing);
}

static long
try_ptrace(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static long
try_kill(void)
{
    return syscall(SYS_kill, 1, 0);
}

static long
try_read_memory(void)
{
    return syscall(SYS_process_vm_readv, 1, page, 1, page, 1, 0);
}

static long
try_release(void)
{
    return write(PICTURE_CONTROL, "", 1);
}

static long
try_read_elsewhere(void)
{
    return read(PICTURE_CONTROL, page, 1);
}

/* Until it is let go. */
static long
try_wait(void)
{
    return write(PICTURE_SOCKET, "x", 1) == 1 && read(PICTURE_SOCKET, page, 1) == 1 ? 0 : -1;
}

static long
try_run_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
               ? -1
               : 0;
}

static long
try_make_runnable(void)
{
    char *start = page + 4096 - (size_t)page % 4096;

    return mprotect(start, 4096, PROT_READ | PROT_EXEC);
}

static long
try_share_memory(void)
{
    return mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static long
try_more_limits(void)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    return setrlimit(RLIMIT_AS, &limit);
}

static long
try_undo(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long
try_ring(void)
{
    return syscall(SYS_io_uring_setup, 1, page);
}

static const struct {
    const char *name;
    long (*function)(void);
} actions[] = {
    {"nothing", try_nothing},
    {"memory", try_memory},
    {"too-much-memory", try_too_much_memory},
    {"answer", try_answer},
    {"open", try_open},
    {"open-directly", try_open_directly},
    {"create", try_create},
    {"unlink", try_unlink},
    {"socket", try_socket},
    {"send-descriptor", try_send_descriptor},
    {"fork", try_fork},
    {"execute", try_execute},
    {"ptrace", try_ptrace},
    {"kill", try_kill},
    {"read-memory", try_read_memory},
    {"release", try_release},
    {"read-elsewhere", try_read_elsewhere},
    {"wait", try_wait},
    {"run-memory", try_run_memory},
    {"make-runnable", try_make_runnable},
    {"share-memory", try_share_memory},
    {"more-limits", try_more_limits},
    {"undo", try_undo},
    {"ring", try_ring},
};

int
main(int argc, char **argv)
{
    struct picture_walls *walls = picture_walls_new();

    /* With the first wall alone, Landlock's. */
    if (argc == 2 && walls && strcmp(argv[1], "open-early") == 0)
        _exit(try_open() < 0 ? 1 : 0);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (argc == 2 && walls && strcmp(argv[1], actions[i].name) == 0) {
            if (!picture_shut_in(walls))
                _exit(70);
            _exit(actions[i].function() < 0 ? 1 : 0);
        }
    _exit(64);
}
