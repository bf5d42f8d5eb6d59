#include "run/workshop.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct workshop {
    struct arena *arena;
    const char *feed;
    char *folder;
    struct lock *lock;
};

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

static const char *
lock_path(struct arena *arena, const char *spool, const char *feed)
{
    return arena_format(arena, "%s/%s/lock", spool, feed);
}

struct workshop *
workshop_open(const char *spool, const char *feed, struct error *err)
{
    struct workshop *workshop = memory_zero(1, sizeof *workshop);
    struct arena *arena = workshop->arena = arena_new();

    workshop->feed = arena_string(arena, feed);
    workshop->folder = arena_format(arena, "%s/%s", spool, feed);
    if (file_make_folder(workshop->folder, err) && check_folder(workshop->folder, err))
        workshop->lock = lock_take(lock_path(arena, spool, feed),
                                   arena_format(arena, "the feed '%s'", feed), err);
    if (workshop->lock)
        return workshop;
    workshop_close(workshop);
    return NULL;
}

bool
workshop_is_held(const char *spool, const char *feed, struct lock_holder *ret_holder)
{
    struct arena *arena = arena_new();
    bool held = lock_is_held(lock_path(arena, spool, feed), ret_holder);

    arena_free(arena);
    return held;
}

void
workshop_close(struct workshop *workshop)
{
    if (!workshop)
        return;
    lock_release(workshop->lock);
    arena_free(workshop->arena);
    free(workshop);
}

const char *
workshop_folder(const struct workshop *workshop)
{
    return workshop->folder;
}

char *
workshop_name_packages(const struct workshop *workshop, const char *mode, time_t last,
                       struct arena *arena, time_t *ret_named)
{
    const struct timespec short_wait = {.tv_nsec = 20 * 1000 * 1000};
    char stamp[32];
    struct tm parts;
    time_t now = time(NULL);

    /* A clock that was set back must not make a run wait for hours: the name is then only as
     * much ahead of the clock as the last one was. */
    if (last >= now && last - now > 1) {
        now = last + 1;
    } else {
        while (now <= last) {
            nanosleep(&short_wait, NULL);
            now = time(NULL);
        }
    }
    *ret_named = now;
    gmtime_r(&now, &parts);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    return arena_format(arena, "%s-%s-%s", workshop->feed, mode, stamp);
}

static bool
is_package(const char *name)
{
    size_t length = strlen(name);

    return length > 4 && strcmp(name + length - 4, ".zip") == 0;
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
