#include "run/workshop.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct workshop {
    struct arena *arena;
    const char *feed;
    char *folder;
    char *lock_path;
    int lock;
    long long last_named; /* seconds since 1970 of the newest package names */
};

/* The lock file's one line: who holds it, since when, and when packages were last named. */
static const char lock_format[] = "pid %ld since %lld named %lld\n";

/* A time that a run may have written; anything else in the file counts as nothing. */
static long long
known_time(long long seconds)
{
    const long long last = 253402300799; /* 9999-12-31T23:59:59Z, for names of one length */

    return seconds > 0 && seconds < last ? seconds : 0;
}

static void
read_lock(struct workshop *workshop, long *ret_pid, long long *ret_since)
{
    char text[128] = "";
    ssize_t got = pread(workshop->lock, text, sizeof text - 1, 0);

    *ret_pid = 0;
    *ret_since = 0;
    workshop->last_named = 0;
    if (got > 0)
        (void)sscanf(text, lock_format, ret_pid, ret_since, &workshop->last_named);
    *ret_since = known_time(*ret_since);
    workshop->last_named = known_time(workshop->last_named);
}

static bool
write_lock(struct workshop *workshop, struct error *err)
{
    char text[128];
    int length = snprintf(text, sizeof text, lock_format, (long)getpid(), (long long)time(NULL),
                          workshop->last_named);

    if (pwrite(workshop->lock, text, (size_t)length, 0) != length ||
        ftruncate(workshop->lock, length) != 0)
        return error_set(err, ERROR_WRITE, "cannot write '%s': %s", workshop->lock_path,
                         strerror(errno));
    return true;
}

static void
format_time(char *text, size_t size, long long seconds)
{
    time_t time = (time_t)seconds;
    struct tm parts;

    gmtime_r(&time, &parts);
    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static bool
take_lock(struct workshop *workshop, struct error *err)
{
    long pid;
    long long since;
    char when[32];

    workshop->lock = open(workshop->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (workshop->lock < 0)
        return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE,
                         "cannot open '%s': %s", workshop->lock_path, strerror(errno));
    if (flock(workshop->lock, LOCK_EX | LOCK_NB) == 0) {
        read_lock(workshop, &pid, &since);
        return write_lock(workshop, err);
    }
    if (errno != EWOULDBLOCK)
        return error_set(err, ERROR_WRITE, "cannot lock '%s': %s", workshop->lock_path,
                         strerror(errno));
    read_lock(workshop, &pid, &since);
    format_time(when, sizeof when, since);
    error_set(err, ERROR_LOCKED, "another run of the feed '%s' is at work (pid %ld, since %s)",
              workshop->feed, pid, when);
    return error_hint(err, "Wait until it has ended; the lock is gone as soon as the process is.");
}

/* Records of people lie here, and what lies here is delivered: it must be nobody else's to change.
 * A link could make us clear up in a folder that is not for this. */
static bool
check_folder(const char *folder, struct error *err)
{
    struct stat info;

    if (lstat(folder, &info) != 0)
        return error_set(err, ERROR_WRITE, "cannot look at '%s': %s", folder, strerror(errno));
    if (!S_ISDIR(info.st_mode)) {
        error_set(err, ERROR_PERMISSION, "'%s' is a link and not a folder", folder);
        return error_hint(err, "Name the real folder as 'spool' in the settings.");
    }
    if (info.st_uid != geteuid() && geteuid() != 0) {
        error_set(err, ERROR_PERMISSION, "the folder '%s' belongs to another account", folder);
        return error_hint(err, "Run ldap2alma by the account that owns it, or name another spool.");
    }
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return true;
    error_set(err, ERROR_PERMISSION, "the folder '%s' can be changed by others (mode %04o)", folder,
              (unsigned)(info.st_mode & 07777));
    return error_hint(err, "Look at what lies in it, then run 'chmod 700 %s'.", folder);
}

struct workshop *
workshop_open(const char *spool, const char *feed, struct error *err)
{
    struct workshop *workshop = memory_zero(1, sizeof *workshop);

    workshop->arena = arena_new();
    workshop->lock = -1;
    workshop->feed = arena_string(workshop->arena, feed);
    workshop->folder = arena_format(workshop->arena, "%s/%s", spool, feed);
    workshop->lock_path = arena_format(workshop->arena, "%s/lock", workshop->folder);
    if (file_make_folder(workshop->folder, err) && check_folder(workshop->folder, err) &&
        take_lock(workshop, err))
        return workshop;
    workshop_close(workshop);
    return NULL;
}

void
workshop_close(struct workshop *workshop)
{
    if (!workshop)
        return;
    if (workshop->lock >= 0)
        close(workshop->lock);
    arena_free(workshop->arena);
    free(workshop);
}

const char *
workshop_folder(const struct workshop *workshop)
{
    return workshop->folder;
}

char *
workshop_name_packages(struct workshop *workshop, const char *mode, struct arena *arena,
                       struct error *err)
{
    const struct timespec short_wait = {.tv_nsec = 20 * 1000 * 1000};
    char stamp[32];
    struct tm parts;
    time_t now = time(NULL);

    /* A clock that was set back must not make a run wait for hours: the name is then only as
     * much ahead of the clock as the last one was. */
    if (workshop->last_named >= now && workshop->last_named - now > 1) {
        now = (time_t)workshop->last_named + 1;
    } else {
        while (now <= workshop->last_named) {
            nanosleep(&short_wait, NULL);
            now = time(NULL);
        }
    }
    workshop->last_named = now;
    if (!write_lock(workshop, err) || !file_sync(workshop->lock, workshop->lock_path, err))
        return NULL;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    return arena_format(arena, "%s-%s-%s", workshop->feed, mode, stamp);
}

/* Ending of the empty file that keeps the name of a package that was given up. */
static const char package_ending[] = ".zip", retired_ending[] = ".superseded";

/* The length of the name without the ending; 0: it has another one. */
static size_t
stem_length(const char *name, const char *ending)
{
    size_t length = strlen(name), cut = strlen(ending);

    return length > cut && strcmp(name + length - cut, ending) == 0 ? length - cut : 0;
}

static bool
is_package(const char *name)
{
    return stem_length(name, package_ending) > 0;
}

size_t
workshop_count_leftovers(const struct workshop *workshop)
{
    DIR *folder = opendir(workshop->folder);
    struct dirent *entry;
    size_t count = 0;

    while (folder && (entry = readdir(folder)))
        count += is_package(entry->d_name);
    if (folder)
        closedir(folder);
    return count;
}

void
workshop_remove_packages(const struct workshop *workshop, const struct messenger *messenger)
{
    DIR *folder = opendir(workshop->folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        if (!is_package(entry->d_name))
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0)
            message_say(messenger, MESSAGE_WARNING, "cannot remove '%s/%s': %s", workshop->folder,
                        entry->d_name, strerror(errno));
    }
    if (folder)
        closedir(folder);
}

static bool
retire(int folder, const char *name)
{
    char retired[NAME_MAX + 1];
    int stem = (int)stem_length(name, package_ending);
    int fd;

    if ((size_t)snprintf(retired, sizeof retired, "%.*s%s", stem, name, retired_ending) >=
            sizeof retired ||
        renameat(folder, name, folder, retired) != 0)
        return false;
    fd = openat(folder, retired, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

void
workshop_retire_packages(const struct workshop *workshop, const struct messenger *messenger)
{
    DIR *folder = opendir(workshop->folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        if (is_package(entry->d_name) && !retire(dirfd(folder), entry->d_name))
            message_say(messenger, MESSAGE_WARNING, "cannot give up '%s/%s': %s", workshop->folder,
                        entry->d_name, strerror(errno));
    if (folder)
        closedir(folder);
}

void
workshop_clear_retired(const struct workshop *workshop,
                       bool (*clear)(void *context, const char *package), void *context)
{
    DIR *folder = opendir(workshop->folder);
    struct dirent *entry;
    char package[NAME_MAX + 1];

    while (folder && (entry = readdir(folder))) {
        int stem = (int)stem_length(entry->d_name, retired_ending);

        if (stem == 0)
            continue;
        snprintf(package, sizeof package, "%.*s%s", stem, entry->d_name, package_ending);
        if (!clear(context, package))
            break;
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder)
        closedir(folder);
}
