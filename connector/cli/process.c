#include "cli/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Records of people and secrets are for nobody else: not in files, not in core dumps. */
static void
protect_process(void)
{
    const struct rlimit none = {0, 0};

    umask(S_IRWXG | S_IRWXO);
    (void)setrlimit(RLIMIT_CORE, &none); /* lowering a limit is always allowed */
    /* A program that takes cores by a pipe gets them in spite of the limit, but not from here. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN); /* a closed connection is an error code, not the end … */
    signal(SIGXFSZ, SIG_IGN); /* … nor is a file that ulimit(1) lets grow no further */
}

/* A file that is opened must not become a standard stream that the caller had closed: messages
 * would go into the middle of it. What stands in its place cannot be used either, so that it is
 * told. */
static void
hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Large arrays go back to the system when they are freed: without this, the allocator keeps all
 * that it was given once arrays of that size were freed before. */
static void
return_memory(void)
{
    enum { LARGE_BYTES = 1024 * 1024 };

    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
}

void
process_prepare(void)
{
    return_memory();
    hold_streams();
    protect_process();
}
