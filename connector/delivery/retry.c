#include "delivery/target.h"

#include "delivery/target_driver.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

enum { LONGEST_WAIT_SECONDS = 60 };

static void
pause_seconds(unsigned seconds)
{
    struct timespec left = {.tv_sec = (time_t)seconds};

    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

static uint64_t
file_bytes(const struct delivery_file *file)
{
    struct stat found;

    return stat(file->path, &found) == 0 && found.st_size > 0 ? (uint64_t)found.st_size : 0;
}

/* A file on its way, and whether its rename was sent and nobody knows what came of it. */
struct sending {
    struct target *target;
    const struct delivery_file *file;
    const struct delivery_policy *policy;
    const struct messenger *messenger;
    size_t index;
    bool renaming;
};

static bool
note_renaming(void *context, struct error *err)
{
    struct sending *sending = context;
    const struct delivery_policy *policy = sending->policy;

    sending->renaming = true;
    return !policy->renaming || policy->renaming(policy->context, sending->index, err);
}

static bool
note_stayed(void *context, struct error *err)
{
    struct sending *sending = context;
    const struct delivery_policy *policy = sending->policy;

    if (policy->stayed && !policy->stayed(policy->context, sending->index, err))
        return false;
    sending->renaming = false;
    return true;
}

/* Whether a file whose rename was sent got there before the connection broke. Under its own name
 * target_put() finds it; here it may be taken already, or be gone altogether. */
static bool
has_arrived(struct sending *sending, bool *ret_arrived, struct error *err)
{
    const char *name = sending->file->name;
    uint64_t bytes = file_bytes(sending->file);
    struct whereabouts found;

    if (!target_find(sending->target, name, bytes, &found, err))
        return false;
    *ret_arrived = found.place == PACKAGE_TAKEN || found.place == PACKAGE_NOWHERE;
    /* The rename may be under way at the server even now: it can no longer happen when its file is
     * gone. */
    if (found.place == PACKAGE_PARTLY) {
        if (!note_stayed(sending, err) || !target_clear(sending->target, name, err) ||
            !target_find(sending->target, name, bytes, &found, err))
            return false;
        *ret_arrived = found.place == PACKAGE_TAKEN;
    }
    if (*ret_arrived)
        message_say(sending->messenger, MESSAGE_INFO, "'%s' has left '%s' already", name,
                    target_name(sending->target));
    return true;
}

static bool
attempt_to_send(struct sending *sending, struct error *err)
{
    bool arrived = false;

    if (!target_connect(sending->target, err))
        return false;
    if (sending->renaming && !has_arrived(sending, &arrived, err))
        return false;
    return arrived || target_put(sending->target, sending->file->path, sending->file->name, err);
}

static bool
send_file(struct sending *sending, struct error *err)
{
    const struct delivery_policy *policy = sending->policy;
    unsigned wait_seconds = policy->first_wait_seconds;

    for (unsigned attempt = 1;; attempt++) {
        *err = ERROR_INIT;
        if (attempt_to_send(sending, err))
            return true;
        if (!err->transient)
            return false;
        target_disconnect(sending->target);
        if (attempt >= policy->attempts)
            return attempt > 1 ? error_prefix(err, "given up after %u attempts", attempt) : false;
        if (wait_seconds > LONGEST_WAIT_SECONDS)
            wait_seconds = LONGEST_WAIT_SECONDS;
        message_say(sending->messenger, MESSAGE_WARNING, "%s; attempt %u of %u follows in %u s",
                    err->text, attempt + 1, policy->attempts, wait_seconds);
        pause_seconds(wait_seconds);
        wait_seconds *= 2;
    }
}

static bool
deliver_file(struct target *target, struct delivery_file *files, size_t index,
             const struct delivery_policy *policy, const struct messenger *messenger,
             struct error *err)
{
    struct sending sending = {target, &files[index], policy, messenger, index, false};

    target->renaming = note_renaming;
    target->stayed = note_stayed;
    target->renaming_context = &sending;
    files[index].delivered = send_file(&sending, err);
    target->renaming = NULL;
    target->stayed = NULL;
    target->renaming_context = NULL;
    return files[index].delivered &&
           (!policy->delivered || policy->delivered(policy->context, index, err));
}

bool
delivery_send(struct target *target, struct delivery_file *files, size_t count,
              const struct delivery_policy *policy, const struct messenger *messenger,
              struct error *err)
{
    bool done = true;

    target->total = 0;
    target->sent_before = 0;
    for (size_t i = 0; i < count; i++)
        target->total += file_bytes(&files[i]);
    for (size_t i = 0; i < count && done; i++) {
        if (!files[i].delivered)
            done = deliver_file(target, files, i, policy, messenger, err);
        target->sent_before += file_bytes(&files[i]);
    }
    target->total = 0;
    target->sent_before = 0;
    return done;
}
