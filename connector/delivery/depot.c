#include "delivery/depot.h"

#include "base/arena.h"
#include "base/text.h"
#include "delivery/depot_driver.h"
#include "delivery/file_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char part_prefix[] = ".ldap2alma-";
static const char part_ending[] = ".part";

/* So many are not refused for their names when not one was taken. */
enum { REFUSED_ALL = 100 };

static void
draw_names(struct depot *depot)
{
    /* Without random bytes, which a booting machine may lack, an address does. */
    if (getrandom(&depot->draw, sizeof depot->draw, 0) != (ssize_t)sizeof depot->draw)
        depot->draw = (uint32_t)(uintptr_t)depot;
    depot->parts = 0;
}

void
depot_init(struct depot *depot, const struct depot_driver *driver, char *name, const char *mark,
           const struct messenger *messenger)
{
    *depot = (struct depot){
        .driver = driver,
        .messenger = messenger,
        .name = name,
        .mark = strdup(mark ? mark : ""),
    };
}

void
depot_close(struct depot *depot)
{
    if (!depot)
        return;
    depot_lose(depot);
    free(depot->name);
    free(depot->mark);
    free(depot);
}

const char *
depot_name(const struct depot *depot)
{
    return depot->name;
}

void
depot_name_part(struct depot *depot, char ret_part[DEPOT_PART_BYTES])
{
    snprintf(ret_part, DEPOT_PART_BYTES, "%s%.64s-%08x-%x%s", part_prefix, depot->mark, depot->draw,
             depot->parts++, part_ending);
}

bool
depot_is_part(const struct depot *depot, struct slice name)
{
    char prefix[DEPOT_PART_BYTES];
    size_t length = (size_t)snprintf(prefix, sizeof prefix, "%s%.64s-", part_prefix, depot->mark);
    size_t ending = strlen(part_ending);

    return name.length > length + ending && memcmp(name.data, prefix, length) == 0 &&
           memcmp(name.data + name.length - ending, part_ending, ending) == 0;
}

bool
depot_connect(struct depot *depot, struct error *err)
{
    if (depot->connected)
        return true;
    draw_names(depot);
    depot->connected = depot->driver->connect(depot, err);
    if (!depot->connected) {
        depot->driver->disconnect(depot);
        error_prefix(err, "cannot deliver to '%s'", depot->name);
    }
    return depot->connected;
}

void
depot_lose(struct depot *depot)
{
    if (depot->connected)
        depot->driver->disconnect(depot);
    depot->connected = false;
}

static bool
fail(struct depot *depot, struct error *err)
{
    if (err->code == ERROR_UNAVAILABLE)
        depot_lose(depot);
    return error_prefix(err, "cannot deliver to '%s'", depot->name);
}

bool
depot_take(const struct depot_work *work, struct depot_change *ret_change, bool *ret_more,
           struct error *err)
{
    *ret_more = false;
    return work->next(work->context, ret_change, ret_more, err) &&
           (!*ret_more || file_name_check(ret_change->name, err));
}

bool
depot_settle(struct depot *depot, const struct depot_work *work, const struct depot_change *change,
             enum depot_outcome outcome, const char *trouble, struct error *err)
{
    depot->taken = depot->taken || outcome == DEPOT_DONE;
    depot->refused += outcome == DEPOT_REFUSED;
    if (!work->settled(work->context, change->tag, outcome, trouble, err))
        return false;
    if (outcome != DEPOT_REFUSED || depot->taken || depot->refused < REFUSED_ALL)
        return true;
    error_set(err, ERROR_WRITE, "the first %d files were all refused, '%s' because: %s",
              REFUSED_ALL, change->name, trouble);
    return error_hint(err, "Give the account the right to write, rename and delete files there.");
}

bool
depot_work(struct depot *depot, const struct depot_work *work, struct error *err)
{
    if (!depot->connected)
        return error_set(err, ERROR_INTERNAL, "the depot is not connected");
    depot->taken = false;
    depot->refused = 0;
    return depot->driver->work(depot, work, err) || fail(depot, err);
}

bool
depot_look(struct depot *depot, const char *name, bool *ret_exists, uint64_t *ret_bytes,
           struct error *err)
{
    struct depot_found found = {.exists = false};

    if (!depot->connected)
        return error_set(err, ERROR_INTERNAL, "the depot is not connected");
    if (!depot->driver->look(depot, name, &found, err))
        return fail(depot, err);
    *ret_exists = found.exists;
    *ret_bytes = found.bytes;
    return true;
}

bool
depot_clean(struct depot *depot, struct error *err)
{
    size_t removed = 0;

    if (!depot->connected)
        return error_set(err, ERROR_INTERNAL, "the depot is not connected");
    if (depot->driver->clean(depot, &removed, err)) {
        if (removed)
            message_say(depot->messenger, MESSAGE_INFO,
                        "removed %zu temporary files from '%s', which a run that was cut short had "
                        "left",
                        removed, depot->name);
        return true;
    }
    if (err->code != ERROR_PERMISSION)
        return fail(depot, err);
    message_say(depot->messenger, MESSAGE_INFO,
                "whether a run that was cut short has left files at '%s' cannot be seen: %s",
                depot->name, err->text);
    *err = ERROR_INIT;
    return true;
}
