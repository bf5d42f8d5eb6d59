#include "base/file.h"
#include "run/check_run.h"
#include "run/stages.h"
#include "state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So long Alma may take to look: profiles are scheduled once a day at least. */
enum { WAITING_SECONDS_MOST = 2 * 86400 };

static const char content[] = "This file was made by 'ldap2alma check' and can be deleted.\n";

/* The file to deliver, in the spool where that can be; its path in the arena, or NULL. */
static const char *
make_file(const struct check_run *run, struct error *err)
{
    const char *const folders[] = {
        arena_format(run->arena, "%s/%s", run->settings->spool, run->settings->name), P_tmpdir};
    char *path = NULL;
    int fd = -1;
    bool ok;

    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && fd < 0; i++) {
        path = arena_format(run->arena, "%s/.ldap2alma-check-XXXXXX", folders[i]);
        fd = mkostemp(path, O_CLOEXEC);
    }
    if (fd < 0) {
        error_set(err, ERROR_WRITE, "cannot make a file to deliver in '%s': %s", P_tmpdir,
                  strerror(errno));
        return NULL;
    }
    ok = file_write_all(fd, content, sizeof content - 1, path, err);
    close(fd);
    if (!ok)
        unlink(path);
    return ok ? path : NULL;
}

/* What Alma has not taken yet, as far as state knows; the newest only, and no more than it takes.
 */
static bool
count_waiting(const struct check_run *run, struct state *state, struct target *target,
              unsigned *ret_count, time_t *ret_oldest, struct error *err)
{
    const struct state_query query = {.fates = 1u << STATE_DELIVERED,
                                      .target = target_name(target),
                                      .waiting = true,
                                      .most = run->settings->package.max_packages};
    struct state_package *packages;
    size_t count;

    *ret_count = 0;
    *ret_oldest = 0;
    if (!state_list_packages(state, &query, run->arena, &packages, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct whereabouts found;

        if (packages[i].bytes == 0) /* a baseline is no file */
            continue;
        if (!target_find(target, packages[i].name, packages[i].bytes, &found, err))
            return false;
        if (found.place == PACKAGE_THERE) {
            ++*ret_count;
            *ret_oldest = packages[i].changed;
        }
    }
    return true;
}

static void
tell_waiting(const struct check_run *run, const struct target *target, unsigned count,
             time_t oldest)
{
    unsigned most = run->settings->package.max_packages;
    char day[32] = "";
    struct tm parts;

    if (gmtime_r(&oldest, &parts))
        strftime(day, sizeof day, "%Y-%m-%d", &parts);
    if (count == 0)
        probe_ok(&run->probes, "delivery.waiting", "no package waits at '%s'", target_name(target));
    else if (count >= most || time(NULL) - oldest > WAITING_SECONDS_MOST)
        probe_warn(&run->probes, "delivery.waiting",
                   "Look whether Alma's integration profile is active, scheduled, and reads this "
                   "directory.",
                   "Alma has not taken %u package%s at '%s', the oldest of %s; %u may wait", count,
                   count == 1 ? "" : "s", target_name(target), day, most);
    else
        probe_ok(&run->probes, "delivery.waiting", "%u of %u packages wait at '%s', since %s",
                 count, most, target_name(target), day);
}

static void
probe_waiting(const struct check_run *run, struct target *target)
{
    const struct settings *settings = run->settings;
    struct error err = ERROR_INIT;
    struct state *state;
    unsigned count;
    time_t oldest;

    /* What is wrong with the state is told already. */
    if (!state_is_there(settings->state) ||
        !(state = state_open(settings->state, settings->name, STATE_READ, &err)))
        return;
    if (count_waiting(run, state, target, &count, &oldest, &err))
        tell_waiting(run, target, count, oldest);
    else
        probe_fail(&run->probes, "delivery.waiting", &err);
    state_close(state);
}

static void
probe_target(const struct check_run *run, const struct settings *settings, const char *path)
{
    struct error err = ERROR_INIT;
    struct target *target = stages_open_target(run->arena, settings, run->messenger, &err);

    if (!target) {
        probe_fail(&run->probes, "delivery.settings", &err);
        return;
    }
    if (target_probe(target, &(struct target_probing){
                                 .path = path,
                                 /* Nothing that ends so is a package. */
                                 .name = arena_format(run->arena, "%s-check.probe", settings->name),
                                 .wanted_bytes = run->package_bytes,
                                 .probes = &run->probes,
                             }))
        probe_waiting(run, target);
    target_close(target);
}

/* Then another login would be refused, too, and some more would lock the account. */
static bool
login_was_refused(const struct check *check)
{
    for (size_t i = 0; i < check->probe_count; i++)
        if (check->probes[i].verdict == PROBE_FAILURE &&
            strcmp(check->probes[i].name, "delivery.login") == 0)
            return true;
    return false;
}

/* Whether a mode has a directory that none before it has; without one the settings' own mode is
 * refused by name. */
static bool
is_worth_trying(const struct check_run *run, int mode)
{
    const char *const *directories = run->settings->sftp.directories;

    if (!directories[mode])
        return mode == (int)run->settings->mode;
    return mode == 0 || !directories[0] || strcmp(directories[mode], directories[0]) != 0;
}

/* Each of Alma's loads may have a directory of its own; a folder is one for all. */
static void
probe_targets(const struct check_run *run, const char *path)
{
    struct settings settings = *run->settings;

    if (!settings.sftp.set) {
        probe_target(run, &settings, path);
        return;
    }
    for (int mode = 0; mode < SETTINGS_MODE_COUNT && !login_was_refused(&run->content); mode++) {
        settings.mode = (enum settings_mode)mode;
        if (is_worth_trying(run, mode))
            probe_target(run, &settings, path);
    }
}

void
check_delivery(struct check_run *run)
{
    struct error err = ERROR_INIT;
    const char *path;

    if (!stages_check_secrets(run->settings, &err)) {
        probe_fail(&run->probes, "delivery.secrets", &err);
        return;
    }
    path = make_file(run, &err);
    if (!path) {
        probe_fail(&run->probes, "delivery.write", &err);
        return;
    }
    probe_targets(run, path);
    unlink(path);
}
