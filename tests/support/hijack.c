/* hijack: preloaded into ldap2alma, it takes the place of an attacker who has got hold of a run.
 *
 *   HIJACK_AT=NAME   when the program opens a file of this name for the first time …
 *   HIJACK=DEEDS     … these are tried: a line each, a word and what it is about
 *
 *   HIJACK_LANDLOCK=N  the kernel says that it has this version of Landlock; 0: none
 *
 * What came of each is a line on standard error: "DEED: done", or the error's name.
 */
#undef _FILE_OFFSET_BITS /* both names of a function, open() and open64(), are defined below */
#undef _FORTIFY_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Connections are not led elsewhere by it, nor is what the program starts. */
__attribute__((constructor)) static void
begin(void)
{
    unsetenv("LD_PRELOAD");
}

/* All return -1 with errno where it failed. */

static int
deed_read(const char *path)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
}

static int
deed_write(const char *path)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);
}

static int
deed_open_to_all(const char *path)
{
    return chmod(path, 0644);
}

static int
deed_move(const char *path)
{
    char there[4096];

    snprintf(there, sizeof there, "%s.moved", path);
    return rename(path, there);
}

static int
deed_start(const char *path)
{
    char *const words[] = {strdupa(path), NULL}, *const none[] = {NULL};
    pid_t pid;

    errno = posix_spawn(&pid, path, NULL, NULL, words, none);
    if (errno != 0)
        return -1;
    return waitpid(pid, NULL, 0) < 0 ? -1 : 0;
}

static int
deed_connect(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&to, sizeof to);
}

static int
deed_listen(const char *about)
{
    (void)about;
    return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static int
deed_agent(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof to);
}

static int
deed_socket(const char *family)
{
    return socket(atoi(family), SOCK_RAW, 0);
}

static int
deed_signal(const char *pid)
{
    return kill(atoi(pid), 0);
}

static int
deed_trace(const char *pid)
{
    return (int)ptrace(PTRACE_SEIZE, atoi(pid), 0, 0);
}

static int
deed_peek(const char *pid)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {NULL, 1};

    return (int)process_vm_readv(atoi(pid), &here, 1, &there, 1, 0);
}

static int
deed_type(const char *about)
{
    return ioctl(STDIN_FILENO, TIOCSTI, about);
}

static int
deed_namespace(const char *about)
{
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

    (void)about;
    if (pid == 0)
        _exit(0);
    return pid < 0 ? -1 : (int)waitpid(pid, NULL, 0);
}

static int
deed_read_otherwise(const char *path)
{
    const uint64_t how[3] = {O_RDONLY};

    return (int)syscall(SYS_openat2, AT_FDCWD, path, how, sizeof how);
}

static int
deed_link(const char *path)
{
    return link(path, "out/linked");
}

/* So that whoever starts it becomes its owner. */
static int
deed_lend(const char *path)
{
    return fchmod(deed_read(path), S_ISUID | S_IRWXU);
}

static int
deed_give(const char *path)
{
    return fchown(deed_read(path), 1, 1);
}

static int
deed_attribute(const char *path)
{
    return fsetxattr(deed_read(path), "user.hijacked", "", 0, 0);
}

static int
deed_touch(const char *path)
{
    return utimensat(AT_FDCWD, path, NULL, 0);
}

static int
deed_limit(const char *pid)
{
    const struct rlimit nothing = {0, 0};

    return prlimit(atoi(pid), RLIMIT_CORE, &nothing, NULL);
}

static int
deed_bind(const char *pid)
{
    cpu_set_t first;

    CPU_ZERO(&first);
    CPU_SET(0, &first);
    return sched_setaffinity(atoi(pid), sizeof first, &first);
}

static int
deed_slow(const char *pid)
{
    return setpriority(PRIO_PROCESS, (id_t)atoi(pid), 19);
}

static int
deed_pidfd(const char *pid)
{
    return (int)syscall(SYS_pidfd_send_signal, (int)syscall(SYS_pidfd_open, atoi(pid), 0), 0, NULL,
                        0);
}

static int
deed_netlink(const char *protocol)
{
    return socket(AF_NETLINK, SOCK_RAW, atoi(protocol));
}

static int
deed_raw(const char *about)
{
    (void)about;
    return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
}

static int
deed_multipath(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};

    int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
}

static int
deed_fast(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return (int)sendto(socket(AF_INET, SOCK_STREAM, 0), "x", 1, MSG_FASTOPEN,
                       (struct sockaddr *)&to, sizeof to);
}

static int
deed_fast_message(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    struct iovec piece = {(char[]){"x"}, 1};
    const struct msghdr message = {&to, sizeof to, &piece, 1, NULL, 0, 0};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return (int)sendmsg(socket(AF_INET, SOCK_STREAM, 0), &message, MSG_FASTOPEN);
}

static int
deed_abstract(const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    memcpy(to.sun_path + 1, name, strlen(name));
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&to,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
}

static int
deed_watch(const char *path)
{
    return inotify_add_watch(inotify_init(), path, IN_ALL_EVENTS);
}

/* A call by the numbers of another machine's kind: the process does not outlive it. */
static int
deed_kind(const char *kind)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        long result = -1;

#ifdef __x86_64__
        if (strcmp(kind, "x32") == 0)
            result = syscall(0x40000000 | SYS_getpid);
        else
            __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
#endif
        _exit(result > 0 ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    errno = WIFSIGNALED(status) ? EPERM : ENOSYS;
    return status == 0 ? 0 : -1;
}

static const struct {
    const char *name;
    long number;
} calls[] = {
    {"unshare", SYS_unshare},
    {"setuid", SYS_setuid},
    {"mount", SYS_mount},
    {"chroot", SYS_chroot},
    {"bpf", SYS_bpf},
    {"keyctl", SYS_keyctl},
    {"io_uring", SYS_io_uring_setup},
    {"perf", SYS_perf_event_open},
    {"module", SYS_init_module},
    {"userfaultfd", SYS_userfaultfd},
    {"pidfd_getfd", SYS_pidfd_getfd},
    {"clone3", SYS_clone3},
};

static int
deed_call(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0)
            return (int)syscall(calls[i].number, 0, 0, 0, 0, 0);
    abort();
}

static const struct {
    const char *name;
    int (*attempt)(const char *about);
} deeds[] = {
    {"read", deed_read},
    {"write", deed_write},
    {"open-to-all", deed_open_to_all},
    {"move", deed_move},
    {"start", deed_start},
    {"connect", deed_connect},
    {"listen", deed_listen},
    {"agent", deed_agent},
    {"socket", deed_socket},
    {"signal", deed_signal},
    {"trace", deed_trace},
    {"peek", deed_peek},
    {"type", deed_type},
    {"namespace", deed_namespace},
    {"call", deed_call},
    {"read-otherwise", deed_read_otherwise},
    {"link", deed_link},
    {"lend", deed_lend},
    {"give", deed_give},
    {"attribute", deed_attribute},
    {"touch", deed_touch},
    {"limit", deed_limit},
    {"bind", deed_bind},
    {"slow", deed_slow},
    {"pidfd", deed_pidfd},
    {"netlink", deed_netlink},
    {"raw", deed_raw},
    {"multipath", deed_multipath},
    {"fast", deed_fast},
    {"fast-message", deed_fast_message},
    {"abstract", deed_abstract},
    {"watch", deed_watch},
    {"kind", deed_kind},
};

static void
attempt(char *deed)
{
    char *about = strchr(deed, ' ');

    for (size_t i = 0; about && i < sizeof deeds / sizeof *deeds; i++) {
        int result;

        if (strlen(deeds[i].name) != (size_t)(about - deed) ||
            strncmp(deeds[i].name, deed, (size_t)(about - deed)) != 0)
            continue;
        result = deeds[i].attempt(about + 1);
        dprintf(STDERR_FILENO, "%s: %s\n", deed, result < 0 ? strerrorname_np(errno) : "done");
        return;
    }
    dprintf(STDERR_FILENO, "%s: there is no such deed\n", deed);
}

static void
take_over(const char *path)
{
    const char *at = getenv("HIJACK_AT"), *wanted = getenv("HIJACK"), *name = strrchr(path, '/');
    char *deed, *rest, *all;

    name = name ? name + 1 : path;
    if (!at || !wanted || strcmp(name, at) != 0)
        return;
    unsetenv("HIJACK_AT");
    rest = all = strdup(wanted);
    while ((deed = strsep(&rest, "\n")))
        attempt(deed);
    free(all);
}

int
open64(const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
    if (!(flags & O_PATH))
        take_over(path);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
    return open64(path, flags, mode);
}

long
syscall(long number, ...)
{
    static long (*real)(long number, ...);
    const char *version = number == SYS_landlock_create_ruleset ? getenv("HIJACK_LANDLOCK") : NULL;
    long words[6];
    va_list arguments;

    va_start(arguments, number);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        words[i] = va_arg(arguments, long);
    va_end(arguments);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    if (version && words[0] == 0) {
        errno = ENOSYS;
        return atoi(version) > 0 ? atoi(version) : -1;
    }
    return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
