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

static bool
send_file(struct target *target, const struct delivery_file *file,
          const struct delivery_policy *policy, const struct messenger *messenger,
          struct error *err)
{
    unsigned wait_seconds = policy->first_wait_seconds;

    for (unsigned attempt = 1;; attempt++) {
        *err = ERROR_INIT;
        if (target_connect(target, err) && target_put(target, file->path, file->name, err))
            return true;
        if (!err->transient)
            return false;
        target_disconnect(target);
        if (attempt >= policy->attempts)
            return attempt > 1 ? error_prefix(err, "given up after %u attempts", attempt) : false;
        if (wait_seconds > LONGEST_WAIT_SECONDS)
            wait_seconds = LONGEST_WAIT_SECONDS;
        message_say(messenger, MESSAGE_WARNING, "%s; attempt %u of %u follows in %u s", err->text,
                    attempt + 1, policy->attempts, wait_seconds);
        pause_seconds(wait_seconds);
        wait_seconds *= 2;
    }
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
            files[i].delivered = done = send_file(target, &files[i], policy, messenger, err);
        target->sent_before += file_bytes(&files[i]);
    }
    target->total = 0;
    target->sent_before = 0;
    return done;
}
