#include "delivery/target.h"

#include "delivery/target_driver.h"
#include "delivery/watch.h"

#include <inttypes.h>

static bool
try_connection(struct target *target, const struct target_probing *probing)
{
    struct target_watch watch = {.probes = probing->probes};
    struct error err = ERROR_INIT;
    bool ok;

    target->watch = &watch;
    ok = target_connect(target, &err);
    target->watch = NULL;
    if (!ok)
        target_watch_fail(&watch, &err);
    return ok;
}

/* Takes away what a check left that was killed. */
static bool
clear_away(struct target *target, const struct upload *upload, struct error *err)
{
    const char *const names[] = {upload->part, upload->name};
    struct found found;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (!target->driver->look(target, names[i], &found, err) ||
            (found.exists && !target->driver->remove(target, names[i], err)))
            return false;
    return true;
}

static bool
try_stat(struct target *target, const struct upload *upload, const struct target_probing *probing,
         struct error *err)
{
    struct found found = {0};

    if (!target->driver->look(target, upload->part, &found, err))
        return false;
    if (!found.exists || found.bytes != upload->bytes)
        return error_set(err, ERROR_WRITE,
                         "'%s' has %" PRIu64 " bytes, but %" PRIu64 " were written", upload->part,
                         found.bytes, upload->bytes);
    probe_ok(probing->probes, "delivery.stat", "its size there is what was written");
    /* It was stamped by the server's clock. */
    probe_clock(probing->probes, "delivery.clock", found.changed, target->name);
    return true;
}

/* The way of a package, step by step; *ret_step is the last that was tried. */
static bool
try_file(struct target *target, const struct upload *upload, const struct target_probing *probing,
         const char **ret_step, struct error *err)
{
    *ret_step = "delivery.write";
    if (!target->driver->send(target, upload, err))
        return false;
    probe_ok(probing->probes, "delivery.write", "wrote '%s' to '%s'", upload->part, target->name);
    *ret_step = "delivery.stat";
    if (!try_stat(target, upload, probing, err))
        return false;
    *ret_step = "delivery.rename";
    if (!target->driver->move(target, upload, err))
        return false;
    probe_ok(probing->probes, "delivery.rename", "renamed it to '%s'", upload->name);
    return true;
}

/* Only a repair reads: a run whose connection broke looks whether its package is whole. */
static void
try_reading(struct target *target, const struct upload *upload,
            const struct target_probing *probing)
{
    struct error err = ERROR_INIT;
    bool same = false;

    if (target->driver->same(target, upload, &same, &err) && same) {
        probe_ok(probing->probes, "delivery.read", "it reads as it was written");
        return;
    }
    if (err.code == ERROR_NONE)
        error_set(&err, ERROR_WRITE, "'%s' does not read as it was written", upload->name);
    error_hint(&err, "A run does without. But after a broken connection it cannot see whether a "
                     "package is whole, and stops.");
    probe_doubt(probing->probes, "delivery.read", &err);
}

/* Also of what was only begun. */
static void
try_deleting(struct target *target, const struct upload *upload,
             const struct target_probing *probing, bool whole)
{
    struct error err = ERROR_INIT;

    if (clear_away(target, upload, &err)) {
        if (whole)
            probe_ok(probing->probes, "delivery.delete", "deleted it");
        return;
    }
    error_prefix(&err, "'%s' is left at '%s'", whole ? upload->name : upload->part, target->name);
    error_hint(&err,
               "A run does without the right to delete, but what a broken upload leaves stays "
               "there; delete this file by hand.");
    probe_doubt(probing->probes, "delivery.delete", &err);
}

static void
try_space(struct target *target, const struct target_probing *probing)
{
    struct error err = ERROR_INIT;
    uint64_t space = 0;

    if (!target->driver->space || !target->driver->space(target, &space, &err)) {
        probe_ok(probing->probes, "delivery.space", "'%s' does not tell how much room there is",
                 target->name);
    } else if (space < probing->wanted_bytes) {
        error_set(&err, ERROR_WRITE,
                  "only %.1f MB are free at '%s', and the last full run delivered %.1f MB",
                  (double)space / 1e6, target->name, (double)probing->wanted_bytes / 1e6);
        error_hint(&err, "Make room there.");
        probe_fail(probing->probes, "delivery.space", &err);
    } else {
        probe_ok(probing->probes, "delivery.space", "%.1f GB are free at '%s'", (double)space / 1e9,
                 target->name);
    }
}

static bool
try_upload(struct target *target, const struct upload *upload, const struct target_probing *probing)
{
    const char *step = "delivery.stat";
    struct error err = ERROR_INIT;
    bool ok;

    if (!clear_away(target, upload, &err)) {
        probe_fail(probing->probes, step, &err);
        return false;
    }
    ok = try_file(target, upload, probing, &step, &err);
    if (ok)
        try_reading(target, upload, probing);
    else
        probe_fail(probing->probes, step, &err);
    if (err.code != ERROR_UNAVAILABLE)
        try_deleting(target, upload, probing, ok);
    return ok;
}

bool
target_probe(struct target *target, const struct target_probing *probing)
{
    struct upload upload = {.path = probing->path, .name = probing->name, .fd = -1};
    struct error err = ERROR_INIT;
    bool ok;

    if (!try_connection(target, probing))
        return false;
    try_space(target, probing);
    ok = upload_open(target, &upload, &err);
    if (ok)
        ok = try_upload(target, &upload, probing);
    else
        probe_fail(probing->probes, "delivery.write", &err);
    upload_close(&upload);
    return ok;
}
