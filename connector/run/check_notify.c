#include "run/check_run.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Else `errno` is why not; what may be "executed" of a folder is its search. */
static bool
can_be_started(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0 || access(path, X_OK) != 0)
        return false;
    errno = S_ISDIR(info.st_mode) ? EISDIR : EACCES;
    return S_ISREG(info.st_mode);
}

/* Who is told of failures must not fail when one comes: whether each program could be started. A
 * run bears it, so that this is a warning. */
void
check_notify(struct check_run *run)
{
    size_t programs = 0, missing = 0;

    for (int i = 0; i < SETTINGS_NOTIFY_COUNT; i++) {
        const struct settings_command *command = &run->settings->notify.commands[i];

        programs += command->count > 0;
        if (command->count == 0 || can_be_started(command->arguments[0]))
            continue;
        missing++;
        probe_warn(&run->probes, "notify.programs",
                   "Check 'notify' in the settings, and the program's rights.",
                   "nobody could be told by '%s': %s", command->arguments[0], strerror(errno));
    }
    if (programs > 0 && missing == 0)
        probe_ok(&run->probes, "notify.programs", "%zu program%s can be told of runs", programs,
                 programs == 1 ? "" : "s");
}
