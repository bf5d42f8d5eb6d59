#include "delivery/target.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/monotonic.h"
#include "delivery/file_name.h"
#include "delivery/target_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
target_tell_progress(const struct target *target, const struct upload *upload, uint64_t sent)
{
    struct progress progress = {
        .phase = "uploading",
        .done = target->sent_before + sent,
        .total = target->total ? target->total : upload->bytes,
        .unit = "bytes",
    };

    message_progress(target->messenger, &progress);
}

/* A name that has no ".zip" in it, so that no pick-up pattern takes it, and no dot in front,
 * which drop-box servers hide or refuse. */
char *
target_part_name(const struct target *target, const char *name)
{
    static const char ending[] = ".part";
    const char *mark = target->mark ? target->mark : "";
    size_t length = strlen(name), room;
    char *part;

    if (length > 4 && strcmp(name + length - 4, ".zip") == 0)
        length -= 4;
    room = length + strlen(mark) + sizeof "." + sizeof ending;
    part = memory_alloc(room);
    snprintf(part, room, "%.*s%s%s%s", (int)length, name, mark[0] ? "." : "", mark, ending);
    return part;
}

void
target_set_mark(struct target *target, const char *mark)
{
    free(target->mark);
    target->mark = strdup(mark);
}

bool
upload_open(const struct target *target, struct upload *upload, struct error *err)
{
    struct stat stat;

    if (!file_name_check(upload->name, err))
        return false;
    /* O_NONBLOCK: a named pipe without a writer must not hang us; it is refused below. */
    upload->fd = open(upload->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (upload->fd < 0 || fstat(upload->fd, &stat) != 0) {
        return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_DATA,
                         "cannot read '%s': %s", upload->path, strerror(errno));
    }
    if (!S_ISREG(stat.st_mode))
        return error_set(err, ERROR_DATA, "'%s' is not a regular file", upload->path);
    upload->bytes = (uint64_t)stat.st_size;
    upload->part = target_part_name(target, upload->name);
    return true;
}

void
upload_close(struct upload *upload)
{
    if (upload->fd >= 0)
        close(upload->fd);
    free(upload->part);
}

/* Takes our temporary file away; says so where it must stay. */
static void
remove_part(struct target *target, const struct upload *upload)
{
    struct error err = ERROR_INIT;

    if (!target->driver->remove(target, upload->part, &err))
        message_say(target->messenger, MESSAGE_WARNING, "'%s' is left at '%s': %s", upload->part,
                    target->name, err.text);
}

/* A file of that name is ours when its bytes are: an earlier attempt renamed it and died, or its
 * connection did, before it could know. */
static bool
settle_existing(struct target *target, const struct upload *upload, const struct found *found,
                struct error *err)
{
    bool same = false;

    if (found->bytes != upload->bytes)
        return error_set(err, ERROR_WRITE,
                         "a file of that name with %" PRIu64 " instead of %" PRIu64
                         " bytes is already there, and nothing is ever replaced",
                         found->bytes, upload->bytes);
    if (!target->driver->same(target, upload, &same, err)) {
        if (err->code == ERROR_UNAVAILABLE)
            return false;
        return error_prefix(err, "a file of that name and size is already there, but whether it "
                                 "is the same cannot be seen");
    }
    if (!same)
        return error_set(err, ERROR_WRITE,
                         "a file of that name and size but with another content is already there, "
                         "and nothing is ever replaced");
    message_say(target->messenger, MESSAGE_INFO, "'%s' was already at '%s', whole", upload->name,
                target->name);
    remove_part(target, upload);
    return true;
}

static bool
check_size(struct target *target, const struct upload *upload, struct error *err)
{
    struct found found = {0};

    if (!target->driver->look(target, upload->part, &found, err))
        return false;
    if (!found.exists)
        return error_set(err, ERROR_WRITE, "'%s' was uploaded but is not there", upload->part);
    if (found.bytes != upload->bytes)
        return error_set(err, ERROR_WRITE,
                         "'%s' was uploaded with %" PRIu64 " bytes but has %" PRIu64, upload->part,
                         upload->bytes, found.bytes);
    return true;
}

/* Whether the file has its name although the rename failed: only its first name could not be taken
 * away. Elsewise it keeps its temporary name, and it must be known that it stayed before that goes:
 * who finds neither of them takes it for delivered. */
static bool
is_there_after_all(struct target *target, const struct upload *upload, const struct found *named,
                   struct error *err)
{
    struct error unheard = ERROR_INIT;
    bool same = false;

    if (named->exists && named->bytes == upload->bytes &&
        !target->driver->same(target, upload, &same, &unheard))
        return false;
    /* Servers answer "failure" both to a name that is taken and to a right that is missing. */
    if (named->exists && !same)
        error_set(err, ERROR_WRITE,
                  "a file of that name has appeared there during the upload, and nothing is ever "
                  "replaced");
    if (same || !target->stayed || target->stayed(target->renaming_context, &unheard))
        remove_part(target, upload);
    return same;
}

static bool
move_to_name(struct target *target, const struct upload *upload, struct error *err)
{
    struct error unheard = ERROR_INIT;
    struct found named = {0}, part = {0};

    if ((!target->renaming || target->renaming(target->renaming_context, err)) &&
        target->driver->move(target, upload, err))
        return true;
    return err->code != ERROR_UNAVAILABLE &&
           target->driver->look(target, upload->name, &named, &unheard) &&
           target->driver->look(target, upload->part, &part, &unheard) && part.exists &&
           is_there_after_all(target, upload, &named, err);
}

static bool
deliver(struct target *target, const struct upload *upload, struct error *err)
{
    int64_t began = monotonic_milliseconds();
    struct found found = {0};
    struct found stale = {0};

    if (!target->driver->look(target, upload->name, &found, err))
        return false;
    if (found.exists)
        return settle_existing(target, upload, &found, err);
    if (!target->driver->look(target, upload->part, &stale, err))
        return false;
    if (stale.exists && !target->driver->remove(target, upload->part, err))
        return error_prefix(err, "an earlier attempt's '%s' is in the way", upload->part);
    if (!target->driver->send(target, upload, err) || !check_size(target, upload, err)) {
        if (err->code != ERROR_UNAVAILABLE)
            remove_part(target, upload);
        return false;
    }
    if (!move_to_name(target, upload, err))
        return false;
    message_say(target->messenger, MESSAGE_INFO,
                "delivered '%s' to '%s': %" PRIu64 " bytes in %.1f s", upload->name, target->name,
                upload->bytes, (double)(monotonic_milliseconds() - began) / 1000);
    return true;
}

bool
target_put(struct target *target, const char *path, const char *name, struct error *err)
{
    struct upload upload = {.path = path, .name = name, .fd = -1};
    bool done = false;

    if (!target->connected)
        error_set(err, ERROR_INTERNAL, "the target is not connected");
    else
        done = upload_open(target, &upload, err) && deliver(target, &upload, err);
    if (!done)
        error_prefix(err, "cannot deliver '%s' to '%s'", name, target->name);
    upload_close(&upload);
    return done;
}

bool
target_clear(struct target *target, const char *name, struct error *err)
{
    struct found found = {0};
    char *part = target_part_name(target, name);
    bool done = target->driver->look(target, part, &found, err) &&
                (!found.exists || target->driver->remove(target, part, err));

    if (!done)
        error_prefix(err, "'%s' of an earlier run may be left at '%s'", part, target->name);
    else if (found.exists)
        message_say(target->messenger, MESSAGE_INFO,
                    "removed '%s' from '%s', which a run that was cut short had left", part,
                    target->name);
    free(part);
    return done;
}

bool
target_remove(struct target *target, const char *name, struct error *err)
{
    return target->driver->remove(target, name, err) ||
           error_prefix(err, "cannot clean '%s'", target->name);
}

bool
target_connect(struct target *target, struct error *err)
{
    if (target->connected)
        return true;
    target->connected = target->driver->connect(target, err);
    if (!target->connected) {
        target->driver->disconnect(target);
        error_prefix(err, "cannot deliver to '%s'", target->name);
    }
    return target->connected;
}

const char *
target_name(const struct target *target)
{
    return target->name;
}

void
target_disconnect(struct target *target)
{
    if (target->connected)
        target->driver->disconnect(target);
    target->connected = false;
}

void
target_close(struct target *target)
{
    if (!target)
        return;
    target_disconnect(target);
    free(target->name);
    free(target->mark);
    target->driver->free(target);
}
