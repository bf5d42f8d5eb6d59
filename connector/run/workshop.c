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

enum { FOLDERS_MOST = 32 };

struct workshop {
    struct arena *arena;
    const char *feed;
    char *folder;
    struct lock *lock;
    bool rehearsal;
    const char *made[FOLDERS_MOST]; /* the spool and those above it that a rehearsal had to make */
};

/* Records of people lie here, and what lies here is delivered: it must be nobody else's to change.
 * A link could make us clear up in a folder that is not for this. */
bool
workshop_check_folder(const char *folder, struct error *err)
{
    struct stat info;

    if (lstat(folder, &info) != 0)
        return error_set(err, ERROR_WRITE, "cannot look at '%s': %s", folder, strerror(errno));
    if (!S_ISDIR(info.st_mode)) {
        error_set(err, ERROR_PERMISSION, "'%s' is a link and not a folder", folder);
        return error_hint(err, "Name the real folder.");
    }
    if (info.st_uid != geteuid() && geteuid() != 0) {
        error_set(err, ERROR_PERMISSION, "the folder '%s' belongs to another account", folder);
        return error_hint(err, "Run ldap2alma by the account that owns it, or name another one.");
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

static const char *
name_feed(const struct workshop *workshop)
{
    return arena_format(workshop->arena, "the feed '%s'", workshop->feed);
}

static void
remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    (void)rmdir(path);
}

/* No feed's name begins with a dot. */
static const char *
rehearsal_prefix(const struct workshop *workshop)
{
    return arena_format(workshop->arena, ".%s.dry-", workshop->feed);
}

static void
clear_rehearsals_in(const struct workshop *workshop, const char *place)
{
    const char *prefix = rehearsal_prefix(workshop);
    DIR *folder = opendir(place);
    struct dirent *entry;
    struct lock_holder unasked;

    while (folder && (entry = readdir(folder))) {
        const char *path, *lock;

        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        path = arena_format(workshop->arena, "%s/%s", place, entry->d_name);
        lock = arena_format(workshop->arena, "%s/lock", path);
        if (access(lock, F_OK) == 0 && !lock_is_held(lock, &unasked))
            remove_folder(path);
    }
    if (folder)
        closedir(folder);
}

static char *
feed_folder(const struct workshop *workshop, const char *spool)
{
    return arena_format(workshop->arena, "%s/%s", spool, workshop->feed);
}

/* Folders of rehearsals that were killed: nobody holds their lock any more. */
static void
clear_rehearsals(const struct workshop *workshop, const char *spool)
{
    clear_rehearsals_in(workshop, spool);
    clear_rehearsals_in(workshop, feed_folder(workshop, spool));
}

struct workshop *
workshop_open(const char *spool, const char *feed, struct error *err)
{
    struct workshop *workshop = memory_zero(1, sizeof *workshop);
    struct arena *arena = workshop->arena = arena_new();

    workshop->feed = arena_string(arena, feed);
    workshop->folder = feed_folder(workshop, spool);
    if (file_make_folder(workshop->folder, err) && workshop_check_folder(workshop->folder, err))
        workshop->lock = lock_take(lock_path(arena, spool, feed), name_feed(workshop), err);
    if (workshop->lock) {
        clear_rehearsals(workshop, spool);
        return workshop;
    }
    workshop_close(workshop);
    return NULL;
}

/* Whether a run could work in the feed's folder now. */
static bool
look_at_folder(const struct workshop *workshop, const char *spool, struct error *err)
{
    const char *folder = feed_folder(workshop, spool);

    if (access(folder, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (!workshop_check_folder(folder, err))
        return false;
    if (access(folder, W_OK | X_OK) != 0)
        return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE,
                         "cannot write into '%s': %s", folder, strerror(errno));
    return lock_look(lock_path(workshop->arena, spool, workshop->feed), name_feed(workshop), err);
}

/* In the spool, or where that is not ours in the feed's folder, as a run needs no more. */
static bool
make_folder(struct workshop *workshop, const char *spool, struct error *err)
{
    const char *const places[] = {spool, feed_folder(workshop, spool)};
    int reason = 0;

    for (size_t i = 0; i < 2; i++) {
        char *folder =
            arena_format(workshop->arena, "%s/%sXXXXXX", places[i], rehearsal_prefix(workshop));

        if (mkdtemp(folder)) {
            workshop->folder = folder;
            return true;
        }
        reason = i == 0 ? errno : reason;
    }
    return error_set(err, ERROR_WRITE, "cannot make a folder in '%s': %s", spool, strerror(reason));
}

static bool
make_rehearsal(struct workshop *workshop, const char *spool, struct error *err)
{
    struct arena *arena = workshop->arena;
    size_t missing = 0;

    for (const char *above = spool;
         access(above, F_OK) != 0 && errno == ENOENT && missing < FOLDERS_MOST;
         above = file_folder(arena, above))
        workshop->made[missing++] = above;
    if (!file_make_folder(spool, err))
        return false;
    clear_rehearsals(workshop, spool);
    if (!make_folder(workshop, spool, err))
        return false;
    workshop->lock =
        lock_take(arena_format(arena, "%s/lock", workshop->folder), name_feed(workshop), err);
    return workshop->lock != NULL;
}

struct workshop *
workshop_rehearse(const char *spool, const char *feed, struct error *err)
{
    struct workshop *workshop = memory_zero(1, sizeof *workshop);

    workshop->arena = arena_new();
    workshop->feed = arena_string(workshop->arena, feed);
    workshop->rehearsal = true;
    if (look_at_folder(workshop, spool, err) && make_rehearsal(workshop, spool, err))
        return workshop;
    workshop_close(workshop);
    return NULL;
}

const char *
workshop_check(const char *spool, const char *feed, struct arena *arena, bool *ret_there,
               struct error *err)
{
    const char *folder = arena_format(arena, "%s/%s", spool, feed);
    struct stat info;

    *ret_there = lstat(folder, &info) == 0;
    if (*ret_there ? workshop_check_folder(folder, err) : file_may_make_folder(folder, err))
        return folder;
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
    if (workshop->rehearsal && workshop->folder)
        remove_folder(workshop->folder);
    for (size_t i = 0; i < FOLDERS_MOST && workshop->made[i]; i++)
        (void)rmdir(workshop->made[i]);
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

bool
workshop_is_package(const char *name)
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
        if (!workshop_is_package(entry->d_name))
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0)
            message_say(messenger, MESSAGE_WARNING, "cannot remove '%s/%s': %s", workshop->folder,
                        entry->d_name, strerror(errno));
    }
    if (folder)
        closedir(folder);
}
