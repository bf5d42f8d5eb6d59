#include "run/outbox.h"

#include "run/stages.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Packages at one target, oldest first, as they were sent. */
static bool
list(const struct outbox *outbox, const struct state_query *query,
     struct state_package **ret_packages, size_t *ret_count, struct error *err)
{
    if (!state_list_packages(outbox->state, query, outbox->arena, ret_packages, ret_count, err))
        return false;
    for (size_t i = 0; i < *ret_count / 2; i++) {
        struct state_package swap = (*ret_packages)[i];

        (*ret_packages)[i] = (*ret_packages)[*ret_count - 1 - i];
        (*ret_packages)[*ret_count - 1 - i] = swap;
    }
    return true;
}

static void
remove_file(const struct outbox *outbox, const char *name)
{
    const char *path = arena_format(outbox->arena, "%s/%s", outbox->folder, name);

    if (unlink(path) != 0 && access(path, F_OK) == 0)
        message_say(outbox->messenger, MESSAGE_WARNING,
                    "cannot remove '%s', which is no longer needed", path);
}

static bool
give_up(const struct outbox *outbox, const struct state_package *package, struct error *err)
{
    message_say(outbox->messenger, MESSAGE_INFO,
                "'%s' of an earlier run was never delivered; this run sends its people anew",
                package->name);
    return state_abandon(outbox->state, package->id, err);
}

static bool
arrived(const struct outbox *outbox, const struct state_package *package, enum package_place place,
        struct error *err)
{
    message_say(outbox->messenger, MESSAGE_INFO,
                "'%s' of an earlier run was delivered, though that run did not live to see it",
                package->name);
    if (!state_deliver(outbox->state, package->id, err))
        return false;
    return place == PACKAGE_THERE ||
           state_set_taken(outbox->state, package->id, place == PACKAGE_NOWHERE, err);
}

/* A rename that was sent may be under way at the server even now: it can no longer happen when its
 * file is gone. */
static bool
recall(const struct outbox *outbox, const struct state_package *package, struct whereabouts *found,
       struct error *err)
{
    struct error why = ERROR_INIT;

    if (!state_undo_rename(outbox->state, package->id, err))
        return false;
    if (target_clear(outbox->target, package->name, &why))
        return target_find(outbox->target, package->name, package->bytes, found, err);
    if (why.transient)
        *err = why;
    return !why.transient;
}

static bool
look(const struct outbox *outbox, const struct state_package *package, struct whereabouts *found,
     struct error *err)
{
    if (!target_connect(outbox->target, err) ||
        !target_find(outbox->target, package->name, package->bytes, found, err))
        return false;
    if (found->place != PACKAGE_PARTLY || outbox->rehearsal)
        return true;
    if (!recall(outbox, package, found, err))
        return false;
    if (found->place == PACKAGE_NOWHERE || found->place == PACKAGE_FOREIGN)
        found->place = PACKAGE_PARTLY;
    return true;
}

/* The rename was about to be sent, or was. Only a rename takes our temporary file away: where
 * there is none, the package had its name, and Alma may have taken it since. */
static bool
settle_renaming(const struct outbox *outbox, const struct state_package *package, struct error *err)
{
    struct whereabouts found;

    if (!look(outbox, package, &found, err))
        return error_prefix(err, "whether '%s' of an earlier run arrived cannot be seen",
                            package->name);
    switch (found.place) {
    case PACKAGE_PARTLY:
        return give_up(outbox, package, err);
    case PACKAGE_FOREIGN:
        error_set(err, ERROR_WRITE,
                  "'%s' at '%s' should have %" PRIu64 " bytes and has not: something else put it "
                  "there",
                  package->name, package->target, package->bytes);
        return error_hint(err, "Look at that file, move it away, then run again.");
    case PACKAGE_NOWHERE:
    case PACKAGE_THERE:
    case PACKAGE_TAKEN:
        break;
    }
    return arrived(outbox, package, found.place, err);
}

static bool
settle(const struct outbox *outbox, const struct state_package *package, struct error *err)
{
    if (package->fate == STATE_PLANNED)
        return give_up(outbox, package, err);
    if (strcmp(package->target, target_name(outbox->target)) == 0)
        return settle_renaming(outbox, package, err);
    message_say(outbox->messenger, MESSAGE_WARNING,
                "whether '%s' arrived at '%s' cannot be seen, as the settings name another target "
                "now; its people are sent anew",
                package->name, package->target);
    return give_up(outbox, package, err);
}

bool
outbox_settle(const struct outbox *outbox, struct error *err)
{
    const struct state_query query = {.fates = 1u << STATE_PLANNED | 1u << STATE_RENAMING};
    struct state_package *packages;
    size_t count;
    bool ok = list(outbox, &query, &packages, &count, err);

    for (size_t i = 0; ok && i < count; i++)
        ok = settle(outbox, &packages[i], err);
    return ok;
}

/* Temporary files that dead runs left at the target. What cannot be cleared does not hold up the
 * delivery, but a connection that broke does. */
static bool
clear_traces(const struct outbox *outbox, struct error *err)
{
    const struct state_query query = {.fates = 1u << STATE_ABANDONED,
                                      .target = target_name(outbox->target)};
    struct state_package *packages;
    size_t count;
    bool ok = list(outbox, &query, &packages, &count, err);

    for (size_t i = 0; ok && i < count; i++) {
        struct error why = ERROR_INIT;

        if (target_clear(outbox->target, packages[i].name, &why)) {
            ok = state_clear(outbox->state, packages[i].id, err);
        } else if (why.transient) {
            *err = why;
            return false;
        } else {
            message_say(outbox->messenger, MESSAGE_INFO, "%s", why.text);
        }
    }
    return ok;
}

static bool
look_at_waiting(const struct outbox *outbox, unsigned *ret_waiting, struct error *err)
{
    enum { LOOK_MOST = 200 };
    const struct state_query query = {.fates = 1u << STATE_DELIVERED,
                                      .target = target_name(outbox->target),
                                      .waiting = true,
                                      .most = LOOK_MOST};
    struct state_package *packages;
    size_t count;
    bool ok = list(outbox, &query, &packages, &count, err);

    *ret_waiting = 0;
    for (size_t i = 0; ok && i < count; i++) {
        struct whereabouts found;

        ok = target_find(outbox->target, packages[i].name, packages[i].bytes, &found, err);
        if (!ok)
            break;
        if (found.place == PACKAGE_THERE || found.place == PACKAGE_FOREIGN)
            ++*ret_waiting;
        else
            ok =
                state_set_taken(outbox->state, packages[i].id, found.place == PACKAGE_NOWHERE, err);
    }
    return ok;
}

static bool
clean_one(const struct outbox *outbox, const struct state_package *package, struct error *err)
{
    struct whereabouts found;

    if (!target_find(outbox->target, package->name, package->bytes, &found, err))
        return false;
    if (found.place == PACKAGE_TAKEN) {
        if (!target_remove(outbox->target, found.taken, err))
            return false;
        message_say(outbox->messenger, MESSAGE_INFO, "removed '%s', which Alma has taken",
                    found.taken);
    } else if (found.place != PACKAGE_NOWHERE) { /* somebody gave it its name back */
        return true;
    }
    return state_set_taken(outbox->state, package->id, true, err);
}

/* Whether a package was delivered so long ago that it goes when Alma has taken it. */
static bool
is_to_clean(const struct outbox *outbox, const struct state_package *package)
{
    unsigned after = outbox->settings->clean_taken_after_seconds;

    return after > 0 && package->changed <= time(NULL) - (time_t)after;
}

/* A server that does not let us remove them is no reason not to deliver. */
static bool
clean_taken(const struct outbox *outbox, struct error *err)
{
    const struct state_query query = {
        .fates = 1u << STATE_DELIVERED, .target = target_name(outbox->target), .left = true};
    struct state_package *packages;
    size_t count;

    if (!list(outbox, &query, &packages, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct error why = ERROR_INIT;

        if (!is_to_clean(outbox, &packages[i]) || clean_one(outbox, &packages[i], &why))
            continue;
        if (why.transient) {
            *err = why;
            return false;
        }
        message_say(outbox->messenger, MESSAGE_WARNING, "%s", why.text);
    }
    return true;
}

static bool
has_to_tidy(const struct outbox *outbox, bool *ret_has, struct error *err)
{
    const char *target = target_name(outbox->target);
    const struct state_query queries[] = {
        {.fates = 1u << STATE_ABANDONED, .target = target},
        {.fates = 1u << STATE_DELIVERED, .target = target, .waiting = true},
        {.fates = 1u << STATE_DELIVERED, .target = target, .left = true},
    };
    struct state_package *packages;
    size_t count;

    *ret_has = false;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0] && !*ret_has; i++) {
        if (!list(outbox, &queries[i], &packages, &count, err))
            return false;
        *ret_has = count > 0 && (i == 0 || is_to_clean(outbox, &packages[0]));
    }
    return true;
}

void
outbox_tidy(const struct outbox *outbox)
{
    struct error err = ERROR_INIT;
    unsigned unheard;
    bool has;

    if (!has_to_tidy(outbox, &has, &err) || (has && !outbox_room(outbox, &unheard, &err)))
        message_say(outbox->messenger, MESSAGE_INFO, "%s", err.text);
}

bool
outbox_room(const struct outbox *outbox, unsigned *ret_room, struct error *err)
{
    unsigned most = outbox->settings->package.max_packages, waiting = 0;

    if (!target_connect(outbox->target, err) ||
        (!outbox->rehearsal && !clear_traces(outbox, err)) ||
        !look_at_waiting(outbox, &waiting, err) ||
        (!outbox->rehearsal && !clean_taken(outbox, err)))
        return false;
    *ret_room = waiting < most ? most - waiting : 0;
    return true;
}

struct delivering {
    const struct outbox *outbox;
    const struct outbox_plan *plan;
};

static bool
note_renaming(void *context, size_t index, struct error *err)
{
    const struct delivering *delivering = context;

    return state_begin_rename(delivering->outbox->state, delivering->plan->ids[index], err);
}

static bool
note_stayed(void *context, size_t index, struct error *err)
{
    const struct delivering *delivering = context;

    return state_undo_rename(delivering->outbox->state, delivering->plan->ids[index], err);
}

static bool
note_delivered(void *context, size_t index, struct error *err)
{
    const struct delivering *delivering = context;

    if (!state_deliver(delivering->outbox->state, delivering->plan->ids[index], err))
        return false;
    remove_file(delivering->outbox, delivering->plan->packages->items[index].name);
    return true;
}

bool
outbox_deliver(const struct outbox *outbox, const struct outbox_plan *plan,
               struct delivery_file *files, size_t count, struct error *err)
{
    struct delivering delivering = {outbox, plan};
    struct delivery_policy policy = stages_delivery_policy(outbox->settings);

    policy.renaming = note_renaming;
    policy.stayed = note_stayed;
    policy.delivered = note_delivered;
    policy.context = &delivering;
    return delivery_send(outbox->target, files, count, &policy, outbox->messenger, err);
}
