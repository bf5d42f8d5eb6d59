#include "base/confine.h"

#include "base/confine_calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of /proc/self/task: ".", "..", and one for each thread. */
enum { LINKS_OF_ONE_THREAD = 3 };

void
confine_begin(struct confine *confine, unsigned wishes)
{
    unsigned reach = wishes & CONFINE_ANY_PORT ? LANDLOCK_ALL_PORTS : 0;

    *confine = (struct confine){.wishes = wishes, .gaps = {"", ""}};
    if (!landlock_begin(&confine->landlock, reach))
        confine->gaps.files =
            errno == ENOSYS ? "this kernel has no Landlock" : "Landlock is switched off here";
}

static bool
is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

static bool
is_public(int fd)
{
    struct stat info;
    mode_t wanted = S_IROTH;

    if (fstat(fd, &info) != 0)
        return false;
    if (S_ISDIR(info.st_mode))
        wanted |= S_IXOTH;
    return (info.st_mode & wanted) == wanted;
}

void
confine_allow_public(const struct confine *confine, const char *folder, const char *const *but)
{
    DIR *stream = confine->landlock.rules < 0 ? NULL : opendir(folder);
    struct dirent *entry;

    while (stream && (entry = readdir(stream))) {
        int fd;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            is_one_of(entry->d_name, but))
            continue;
        fd = openat(dirfd(stream), entry->d_name, O_PATH | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (is_public(fd))
            landlock_allow_open(&confine->landlock, fd, LANDLOCK_READ);
        close(fd);
    }
    if (stream)
        closedir(stream);
}

static bool
is_alone(void)
{
    struct stat tasks;

    return stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink <= LINKS_OF_ONE_THREAD;
}

bool
confine_enter(struct confine *confine, struct error *err)
{
    if (!is_alone()) {
        (void)close(confine->landlock.rules);
        return error_set(err, ERROR_USAGE, "there are several threads, and it would hold for one");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        confine->gaps = (struct confine_gaps){strerror(errno), strerror(errno)};
        return true;
    }
    if (!landlock_enter(&confine->landlock))
        confine->gaps.files = "the kernel refuses Landlock";
    if (!confine_calls(confine->wishes))
        confine->gaps.calls = "the kernel takes no seccomp filter";
    return true;
}
