#include "photos/picture_shut_in.h"

#include "base/arena.h"
#include "base/landlock.h"
#include "base/sanitized.h"

#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct picture_walls {
    scmp_filter_ctx filter;
};

static const struct {
    int resource;
    rlim_t most;
} limits[] = {
    {RLIMIT_AS, SANITIZED ? RLIM_INFINITY : PICTURE_MEMORY_BYTES_MOST},
    {RLIMIT_CPU, PICTURE_CPU_SECONDS_MOST},
    {RLIMIT_CORE, 0},
    {RLIMIT_FSIZE, 0},
    {RLIMIT_NOFILE, 0},
    {RLIMIT_NPROC, 0},
    {RLIMIT_MEMLOCK, 0},
    {RLIMIT_MSGQUEUE, 0},
};

/* What may be called, each with what its arguments must be. */
static const struct {
    int call;
    unsigned count;
    struct scmp_arg_cmp must[2];
} calls[] = {
    {SCMP_SYS(read), 1, {{0, SCMP_CMP_EQ, PICTURE_SOCKET, 0}}},
    {SCMP_SYS(write), 1, {{0, SCMP_CMP_EQ, PICTURE_SOCKET, 0}}},
    {SCMP_SYS(exit_group), 0, {{0}}},
    {SCMP_SYS(clock_gettime), 0, {{0}}},
    {SCMP_SYS(brk), 0, {{0}}},
    {SCMP_SYS(munmap), 0, {{0}}},
    {SCMP_SYS(mremap), 0, {{0}}},
    {SCMP_SYS(madvise), 0, {{0}}},
    {SCMP_SYS(mprotect), 1, {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}}},
    {SCMP_SYS(mmap),
     2,
     {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
      {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS}}},
    {SCMP_SYS(mmap2),
     2,
     {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0},
      {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS}}},
#if SANITIZED
    {SCMP_SYS(write), 1, {{0, SCMP_CMP_EQ, STDERR_FILENO, 0}}},
    {SCMP_SYS(sigaltstack), 0, {{0}}},
    {SCMP_SYS(futex), 0, {{0}}},
    {SCMP_SYS(getpid), 0, {{0}}},
    {SCMP_SYS(gettid), 0, {{0}}},
    {SCMP_SYS(rt_sigprocmask), 0, {{0}}},
#endif
};

static bool
build_filter(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].call, calls[i].count,
                                   calls[i].must) != 0)
            return false;
    return true;
}

/* No file at all, by any path. Where there is no Landlock the filter is alone, which allows no call
 * that opens one. */
static bool
forbid_files(void)
{
    struct landlock landlock;

    (void)landlock_begin(&landlock, 0);
    return landlock_enter(&landlock);
}

struct picture_walls *
picture_walls_new(void)
{
    struct picture_walls *walls;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        (!SANITIZED && !forbid_files()))
        return NULL;
    walls = memory_zero(1, sizeof *walls);
    walls->filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (walls->filter && build_filter(walls->filter))
        return walls;
    free(walls);
    return NULL;
}

/* Who started us may have set a lower one, which only privileged processes may raise. */
static bool
lower_limit(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0)
        return false;
    if (limit.rlim_max > most)
        limit.rlim_max = most;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0;
}

bool
picture_shut_in(struct picture_walls *walls)
{
    close(PICTURE_CONTROL);
    if (!SANITIZED)
        close(STDERR_FILENO);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (!lower_limit((__rlimit_resource_t)limits[i].resource, limits[i].most))
            return false;
    return seccomp_load(walls->filter) == 0;
}
