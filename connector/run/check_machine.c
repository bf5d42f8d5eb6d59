#include "base/date.h"
#include "base/file.h"
#include "package/package.h"
#include "run/account.h"
#include "run/check_run.h"
#include "run/workshop.h"

#include <fcntl.h>
#include <unistd.h>

/* A clock before the program's own time was never set. Beyond a few minutes two clocks differ. */
static const struct date program_day = {2026, 1, 1};
enum { CLOCK_SECONDS_MOST = 300, SPACE_BYTES_LEAST = 1000000 };

/* What the last run took is what the next one takes, or nearly. */
static void
judge_space(const struct check_run *run, const char *folder, uint64_t space)
{
    uint64_t wanted = run->spool_bytes + run->package_bytes;
    struct error err = ERROR_INIT;
    const char *text =
        arena_format(run->arena, "only %.1f MB are free for '%s'", (double)space / 1e6, folder);

    if (wanted > 0)
        text = arena_format(run->arena, "%s, and the last run took %.1f MB", text,
                            (double)wanted / 1e6);
    if (space < wanted || space < SPACE_BYTES_LEAST) {
        error_set(&err, ERROR_WRITE, "%s", text);
        error_hint(&err, "Make room there, or name another folder as 'spool'.");
        probe_fail(&run->probes, "spool.space", &err);
    } else if (space / 2 < wanted) {
        probe_warn(&run->probes, "spool.space", "Make room there before more people come.", "%s",
                   text);
    } else {
        probe_ok(&run->probes, "spool.space", "%.1f GB are free for '%s'", (double)space / 1e9,
                 folder);
    }
}

static void
probe_disk(const struct check_run *run, const char *folder)
{
    int fd = open(file_existing(run->arena, folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct error err = ERROR_INIT;
    uint64_t space;

    if (fd < 0)
        return;
    if (file_space(fd, folder, &space, &err))
        judge_space(run, folder, space);
    else
        probe_fail(&run->probes, "spool.space", &err);
    close(fd);
}

static void
probe_spool(const struct check_run *run)
{
    const struct settings *settings = run->settings;
    struct error err = ERROR_INIT;
    struct spool *spool = NULL;
    bool there, ok;
    const char *folder = workshop_check(settings->spool, settings->name, run->arena, &there, &err);

    /* A record that is written there is gone with the process. */
    ok = folder && (!there || (spool = spool_open(folder, &err)) != NULL);
    spool_close(spool);
    if (!ok) {
        probe_fail(&run->probes, "spool.folder", &err);
        return;
    }
    if (there)
        probe_ok(&run->probes, "spool.folder", "the spool '%s' can be written", folder);
    else
        probe_ok(&run->probes, "spool.folder", "there is no spool '%s' yet; the first run makes it",
                 folder);
    probe_disk(run, folder);
}

static void
probe_lock(const struct check_run *run)
{
    struct lock_holder holder;

    if (workshop_is_held(run->settings->spool, run->settings->name, &holder))
        probe_warn(&run->probes, "spool.lock",
                   "Check again when it has ended: what is seen meanwhile may change.",
                   "a run of the feed '%s' is at work (pid %ld)", run->settings->name, holder.pid);
}

static void
probe_own_clock(const struct check_run *run)
{
    struct error err = ERROR_INIT;
    time_t now = time(NULL);
    const char *day = date_format(run->arena, date_of_time(now));

    if (now < date_to_time(program_day)) {
        error_set(&err, ERROR_CONFIG, "the clock of this machine says %s", day);
        error_hint(&err, "Set it: expiry dates and certificates are judged by it.");
        probe_fail(&run->probes, "clock", &err);
    } else if (run->last_run - now > CLOCK_SECONDS_MOST) {
        probe_warn(&run->probes, "clock",
                   "Look whether it was set back: the order of packages is that of their time.",
                   "the clock of this machine says %s, and the last run began later", day);
    } else {
        probe_ok(&run->probes, "clock", "the clock of this machine says %s", day);
    }
}

static void
probe_account(const struct check_run *run)
{
    struct error err = ERROR_INIT;

    if (!account_check(run->settings, &err))
        probe_fail(&run->probes, "account", &err);
    else if (account_is_root(run->settings))
        probe_warn(
            &run->probes, "account",
            "Give the feed's files to an account of their own that runs it, or write 'rights: "
            "{ root: allow }'.",
            "the feed is run by root, who has more rights than it needs");
}

void
check_machine(struct check_run *run)
{
    probe_account(run);
    probe_spool(run);
    probe_lock(run);
    probe_own_clock(run);
}
