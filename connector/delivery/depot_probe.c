#include "delivery/depot.h"

#include "delivery/depot_driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char sample[] =
    "ldap2alma tries whether it can write here; delete this file at will\n";

/* One change of the sample file, and what came of it. */
struct attempt {
    struct depot_change change;
    bool taken;
    enum depot_outcome outcome;
    char trouble[512];
};

static bool
next_change(void *context, struct depot_change *ret_change, bool *ret_more, struct error *err)
{
    struct attempt *attempt = context;

    (void)err;
    *ret_change = attempt->change;
    *ret_more = !attempt->taken;
    attempt->taken = true;
    return true;
}

static bool
load_sample(void *context, uint64_t tag, struct buffer *ret_bytes, struct error *err)
{
    (void)context;
    (void)tag;
    (void)err;
    buffer_add_text(ret_bytes, sample);
    return true;
}

static bool
note_outcome(void *context, uint64_t tag, enum depot_outcome outcome, const char *trouble,
             struct error *err)
{
    struct attempt *attempt = context;

    (void)tag;
    (void)err;
    attempt->outcome = outcome;
    snprintf(attempt->trouble, sizeof attempt->trouble, "%s", trouble ? trouble : "");
    return true;
}

static bool
try_change(struct depot *depot, enum depot_action action, const char *name, struct error *err)
{
    struct attempt attempt = {.change = {.action = action, .name = name}};
    const struct depot_work work = {next_change, load_sample, note_outcome, &attempt};

    if (!depot_work(depot, &work, err))
        return false;
    if (attempt.outcome == DEPOT_FOREIGN)
        return error_set(err, ERROR_WRITE, "'%s' is there already, and cannot be deleted", name);
    return attempt.outcome == DEPOT_DONE ||
           error_set(err, ERROR_WRITE, "'%s' is refused: %s", name, attempt.trouble);
}

static bool
try_connection(struct depot *depot, const struct probe_sink *probes)
{
    struct target_watch watch = {.probes = probes};
    struct error err = ERROR_INIT;
    bool ok;

    depot->watch = &watch;
    ok = depot_connect(depot, &err);
    depot->watch = NULL;
    if (!ok)
        target_watch_fail(&watch, &err);
    return ok;
}

static void
try_space(struct depot *depot, const struct probe_sink *probes)
{
    struct error unheard = ERROR_INIT;
    uint64_t space = 0;

    if (depot->driver->space(depot, &space, &unheard))
        probe_ok(probes, "delivery.space", "%.1f GB are free at '%s'", (double)space / 1e9,
                 depot->name);
    else
        probe_ok(probes, "delivery.space", "'%s' does not tell how much room there is",
                 depot->name);
}

static bool
try_stat(struct depot *depot, const char *name, const struct probe_sink *probes, struct error *err)
{
    struct depot_found found = {0};

    if (!depot->driver->look(depot, name, &found, err))
        return false;
    if (!found.exists || found.bytes != sizeof sample - 1)
        return error_set(err, ERROR_WRITE, "'%s' has %" PRIu64 " bytes, but %zu were written", name,
                         found.bytes, sizeof sample - 1);
    probe_ok(probes, "delivery.stat", "its size there is what was written");
    if (found.mode && !(found.mode & S_IROTH))
        probe_warn(probes, "delivery.rights",
                   "Let the web server's account read them: by an umask of 022 for this account "
                   "at the server, or as one of the files' group.",
                   "files there are not for all to read, but have the mode %03o",
                   (unsigned)found.mode & 0777);
    else if (found.mode)
        probe_ok(probes, "delivery.rights", "everybody may read the files");
    probe_clock(probes, "delivery.clock", found.changed, depot->name);
    return true;
}

static void
tell_replacing(const struct depot *depot, const char *name, const struct probe_sink *probes)
{
    if (depot->replaces_in_two_steps)
        probe_warn(probes, "delivery.replace",
                   "Nothing needs to be done. A server with posix-rename, such as OpenSSH, does "
                   "without the gap.",
                   "the server cannot replace a file in one step: for a moment there is none");
    else
        probe_ok(probes, "delivery.replace", "replaced '%s' in one step", name);
}

/* *ret_step is the last that was tried. */
static bool
try_file(struct depot *depot, const char *name, const struct probe_sink *probes,
         const char **ret_step, struct error *err)
{
    *ret_step = "delivery.write";
    /* What a check left that was killed. */
    if (!depot_clean(depot, err) || !try_change(depot, DEPOT_REMOVE, name, err) ||
        !try_change(depot, DEPOT_ADD, name, err))
        return false;
    probe_ok(probes, "delivery.write", "wrote '%s' to '%s'", name, depot->name);
    *ret_step = "delivery.stat";
    if (!try_stat(depot, name, probes, err))
        return false;
    *ret_step = "delivery.replace";
    if (!try_change(depot, DEPOT_REPLACE, name, err))
        return false;
    tell_replacing(depot, name, probes);
    return true;
}

bool
depot_probe(struct depot *depot, const struct probe_sink *probes)
{
    const char *step = "delivery.write";
    struct error err = ERROR_INIT;
    char name[DEPOT_PART_BYTES];
    bool ok;

    snprintf(name, sizeof name, "ldap2alma-check-%.64s.txt", depot->mark);
    if (!try_connection(depot, probes))
        return false;
    try_space(depot, probes);
    ok = try_file(depot, name, probes, &step, &err);
    if (!ok)
        probe_fail(probes, step, &err);
    if (!depot->connected)
        return false;
    err = ERROR_INIT;
    if (try_change(depot, DEPOT_REMOVE, name, &err)) {
        if (ok)
            probe_ok(probes, "delivery.delete", "deleted it");
        return ok;
    }
    error_hint(&err, "Give the account the right to delete: photos of people who have left must "
                     "go. Delete this file by hand.");
    probe_fail(probes, "delivery.delete", &err);
    return false;
}
