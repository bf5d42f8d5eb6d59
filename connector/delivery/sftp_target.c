#include "config.h"

#include "base/buffer.h"
#include "base/file.h"
#include "delivery/sftp_error.h"
#include "delivery/sftp_options.h"
#include "delivery/sftp_session.h"
#include "delivery/target_driver.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What libssh2 has in flight is what one call of libssh2_sftp_write() was given; OpenSSH's window
 * for a channel is 2 MiB, so more than that is never on the wire. */
enum {
    WINDOW_BYTES = 3 << 20,
    BUFFER_BYTES = 2 * WINDOW_BYTES,
    READ_BYTES = 1 << 20,
    PART_MODE = 0640 /* Alma's account reads it by the group */
};

struct sftp_target {
    struct target target;
    const struct sftp_options *options;
    struct sftp_session session;
};

static struct sftp_target *
sftp_of(struct target *target)
{
    return (struct sftp_target *)target;
}

/* The paths that the server shows may begin elsewhere than at its root. */
static void
hint_at_home(struct sftp_session *session, struct error *err)
{
    char home[1024];
    int length;

    SFTP_AWAIT(session, length, libssh2_sftp_realpath(session->sftp, ".", home, sizeof home - 1));
    if (length > 0)
        error_hint(err, "Logins of '%s' begin in '%.*s'.", session->options->user, length, home);
}

static bool
check_directory(struct sftp_target *sftp, struct error *err)
{
    struct sftp_session *session = &sftp->session;
    LIBSSH2_SFTP_ATTRIBUTES found;
    char *path = sftp_options_path(sftp->options, ".");
    int result;

    /* "directory/." needs the right to enter the directory, too. */
    SFTP_AWAIT(session, result, libssh2_sftp_stat(session->sftp, path, &found));
    if (result != 0 && sftp_error_status(session, result) != LIBSSH2_FX_PERMISSION_DENIED) {
        path[strlen(path) - 2] = '\0';
        SFTP_AWAIT(session, result, libssh2_sftp_stat(session->sftp, path, &found));
        if (result == 0 && (found.flags & LIBSSH2_SFTP_ATTR_PERMISSIONS) &&
            !LIBSSH2_SFTP_S_ISDIR(found.permissions)) {
            free(path);
            return error_set(err, ERROR_WRITE, "'%s' is not a directory at the server",
                             sftp->options->directory);
        }
    }
    free(path);
    if (result == 0)
        return true;
    sftp_error(session, result, err, "the directory '%s' cannot be used", sftp->options->directory);
    if (sftp_error_is_missing(sftp_error_status(session, result)))
        hint_at_home(session, err);
    return false;
}

static bool
sftp_connect(struct target *target, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);

    sftp->session = (struct sftp_session){
        .options = sftp->options,
        .messenger = target->messenger,
        .watch = target->watch,
        .socket = -1,
    };
    if (!sftp_session_open(&sftp->session, err) || !check_directory(sftp, err))
        return false;
    target_watch_step(target->watch, TARGET_DIRECTORY, "the directory '%s' is there",
                      sftp->options->directory);
    return true;
}

static void
sftp_disconnect(struct target *target)
{
    sftp_session_close(&sftp_of(target)->session);
}

static bool
sftp_look(struct target *target, const char *name, struct found *ret_found, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);
    struct sftp_session *session = &sftp->session;
    LIBSSH2_SFTP_ATTRIBUTES found;
    char *path = sftp_options_path(sftp->options, name);
    int result;

    SFTP_AWAIT(session, result, libssh2_sftp_lstat(session->sftp, path, &found));
    free(path);
    if (sftp_error_is_missing(sftp_error_status(session, result))) {
        *ret_found = (struct found){.exists = false};
        return true;
    }
    if (result != 0)
        return sftp_error(session, result, err, "the server does not tell of '%s'", name);
    if (!(found.flags & LIBSSH2_SFTP_ATTR_SIZE))
        return error_set(err, ERROR_WRITE, "the server does not tell the size of '%s'", name);
    *ret_found = (struct found){.exists = true, .bytes = found.filesize};
    if (found.flags & LIBSSH2_SFTP_ATTR_ACMODTIME)
        ret_found->changed = (time_t)found.mtime;
    return true;
}

static LIBSSH2_SFTP_HANDLE *
open_file(struct sftp_target *sftp, const char *name, unsigned long flags)
{
    struct sftp_session *session = &sftp->session;
    char *path = sftp_options_path(sftp->options, name);
    LIBSSH2_SFTP_HANDLE *handle;

    SFTP_AWAIT_POINTER(session, handle, libssh2_sftp_open(session->sftp, path, flags, PART_MODE));
    free(path);
    return handle;
}

/* statvfs@openssh.com (OpenSSH's PROTOCOL, section 4.4). */
static bool
sftp_space(struct target *target, uint64_t *ret_bytes, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);
    struct sftp_session *session = &sftp->session;
    LIBSSH2_SFTP_STATVFS space;
    char *folder = sftp_options_path(sftp->options, ".");
    int result;

    SFTP_AWAIT(session, result,
               libssh2_sftp_statvfs(session->sftp, folder, strlen(folder), &space));
    free(folder);
    if (result != 0)
        return sftp_error(session, result, err, "the server does not tell its free space");
    *ret_bytes = space.f_bavail * space.f_frsize;
    return true;
}

/* The server's answer to a write that found no space is only "failure" (4) in protocol 3, so the
 * file system is asked. */
static bool
word_write_failure(struct sftp_target *sftp, const struct upload *upload, uint64_t sent, int result,
                   struct error *err)
{
    struct sftp_session *session = &sftp->session;
    unsigned long status = sftp_error_status(session, result);
    struct error unheard = ERROR_INIT;
    uint64_t space = 0;

    sftp_error(session, result, err, "writing '%s' failed after %" PRIu64 " of %" PRIu64 " bytes",
               upload->part, sent, upload->bytes);
    if (status != LIBSSH2_FX_FAILURE)
        return false;
    if (sftp_space(&sftp->target, &space, &unheard) && space < upload->bytes - sent)
        error_set(err, ERROR_WRITE,
                  "writing '%s' failed after %" PRIu64 " of %" PRIu64
                  " bytes: no space is left on the server",
                  upload->part, sent, upload->bytes);
    else
        error_hint(err, "A 'failure' while writing is often a full disk, a quota or a limit on "
                        "the size of files.");
    return false;
}

/* Local bytes on their way: data[start..end) was read and not yet acknowledged. */
struct window {
    char *data;
    size_t start;
    size_t end;
    uint64_t read_bytes;
};

static bool
fill_window(struct window *window, const struct upload *upload, struct error *err)
{
    size_t waiting = window->end - window->start;
    uint64_t left = upload->bytes - window->read_bytes;
    size_t more = left < WINDOW_BYTES - waiting ? (size_t)left : WINDOW_BYTES - waiting;

    if (BUFFER_BYTES - window->end < more) {
        memmove(window->data, window->data + window->start, waiting);
        window->start = 0;
        window->end = waiting;
    }
    if (!file_read_at(upload->fd, window->data + window->end, more, (off_t)window->read_bytes,
                      upload->path, err))
        return false;
    window->end += more;
    window->read_bytes += more;
    return true;
}

/* libssh2_sftp_write() returns how much was acknowledged, while what comes behind may be on its
 * way already: each call begins with the same bytes that the last one left. */
static bool
write_all(struct sftp_target *sftp, LIBSSH2_SFTP_HANDLE *handle, const struct upload *upload,
          struct error *err)
{
    struct window window = {.data = memory_alloc(BUFFER_BYTES)};
    struct sftp_session *session = &sftp->session;
    uint64_t sent = 0;
    bool done = true;

    while (done && sent < upload->bytes) {
        ssize_t result;

        done = fill_window(&window, upload, err);
        if (!done)
            break;
        SFTP_AWAIT(
            session, result,
            libssh2_sftp_write(handle, window.data + window.start, window.end - window.start));
        if (result < 0) {
            done = word_write_failure(sftp, upload, sent, (int)result, err);
            break;
        }
        window.start += (size_t)result;
        sent += (uint64_t)result;
        target_tell_progress(&sftp->target, upload, sent);
    }
    free(window.data);
    return done;
}

/* Servers that do not know the extension say so (OpenSSH's PROTOCOL, section 4.7). */
static bool
sync_file(struct sftp_session *session, LIBSSH2_SFTP_HANDLE *handle, const struct upload *upload,
          struct error *err)
{
    int result;

    SFTP_AWAIT(session, result, libssh2_sftp_fsync(handle));
    if (result == 0 || sftp_error_status(session, result) == LIBSSH2_FX_OP_UNSUPPORTED)
        return true;
    return sftp_error(session, result, err, "the server cannot sync '%s' to its disk",
                      upload->part);
}

static bool
sftp_send(struct target *target, const struct upload *upload, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);
    struct sftp_session *session = &sftp->session;
    LIBSSH2_SFTP_HANDLE *handle =
        open_file(sftp, upload->part,
                  LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_EXCL | LIBSSH2_FXF_TRUNC);
    bool done;
    int result;

    if (!handle)
        return sftp_error(session, libssh2_session_last_errno(session->ssh), err,
                          "the server does not let '%s' be created", upload->part);
    done = write_all(sftp, handle, upload, err) && sync_file(session, handle, upload, err);
    SFTP_AWAIT(session, result, libssh2_sftp_close(handle));
    if (done && result != 0)
        return sftp_error(session, result, err, "the server cannot finish '%s'", upload->part);
    return done;
}

static bool
read_same(struct sftp_session *session, LIBSSH2_SFTP_HANDLE *handle, const struct upload *upload,
          bool *ret_same, struct error *err)
{
    char *theirs = memory_alloc(READ_BYTES);
    char *ours = memory_alloc(READ_BYTES);
    uint64_t read_bytes = 0;
    bool done = false;
    ssize_t result;

    *ret_same = true;
    do {
        SFTP_AWAIT(session, result, libssh2_sftp_read(handle, theirs, READ_BYTES));
        if (result < 0) {
            sftp_error(session, (int)result, err, "reading '%s' failed", upload->name);
            goto done;
        }
        if ((uint64_t)result > upload->bytes - read_bytes) {
            *ret_same = false;
            break;
        }
        if (!file_read_at(upload->fd, ours, (size_t)result, (off_t)read_bytes, upload->path, err))
            goto done;
        *ret_same = memcmp(ours, theirs, (size_t)result) == 0;
        read_bytes += (uint64_t)result;
    } while (result > 0 && *ret_same);
    *ret_same = *ret_same && read_bytes == upload->bytes;
    done = true;
done:
    free(theirs);
    free(ours);
    return done;
}

static bool
sftp_same(struct target *target, const struct upload *upload, bool *ret_same, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);
    struct sftp_session *session = &sftp->session;
    LIBSSH2_SFTP_HANDLE *handle = open_file(sftp, upload->name, LIBSSH2_FXF_READ);
    bool done;
    int result;

    if (!handle)
        return sftp_error(session, libssh2_session_last_errno(session->ssh), err,
                          "the server does not let '%s' be read", upload->name);
    done = read_same(session, handle, upload, ret_same, err);
    SFTP_AWAIT(session, result, libssh2_sftp_close(handle));
    return done;
}

/* The plain rename of protocol 3 first: OpenSSH's does not replace what exists, while
 * posix-rename does, and between looking and renaming somebody may come. posix-rename is for
 * servers that have only that, and storage without hard links. */
static bool
sftp_move(struct target *target, const struct upload *upload, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);
    struct sftp_session *session = &sftp->session;
    char *from = sftp_options_path(sftp->options, upload->part);
    char *to = sftp_options_path(sftp->options, upload->name);
    int result;

    SFTP_AWAIT(session, result,
               libssh2_sftp_rename_ex(session->sftp, from, (unsigned)strlen(from), to,
                                      (unsigned)strlen(to), 0));
#ifdef HAVE_LIBSSH2_SFTP_POSIX_RENAME_EX
    if (result == LIBSSH2_ERROR_SFTP_PROTOCOL) {
        struct found found = {.exists = true};
        struct error unheard = ERROR_INIT;

        if (sftp_look(target, upload->name, &found, &unheard) && !found.exists)
            SFTP_AWAIT(
                session, result,
                libssh2_sftp_posix_rename_ex(session->sftp, from, strlen(from), to, strlen(to)));
    }
#endif
    free(from);
    free(to);
    if (result == 0)
        return true;
    sftp_error(session, result, err, "the server refuses to rename '%s' to '%s'", upload->part,
               upload->name);
    if (!err->transient)
        error_hint(err, "Give the account '%s' the right to rename files in '%s'.",
                   sftp->options->user, sftp->options->directory);
    return false;
}

static bool
sftp_remove(struct target *target, const char *name, struct error *err)
{
    struct sftp_target *sftp = sftp_of(target);
    struct sftp_session *session = &sftp->session;
    char *path = sftp_options_path(sftp->options, name);
    int result;

    SFTP_AWAIT(session, result, libssh2_sftp_unlink(session->sftp, path));
    free(path);
    if (result == 0 || sftp_error_is_missing(sftp_error_status(session, result)))
        return true;
    return sftp_error(session, result, err, "the server does not let '%s' be removed", name);
}

static void
sftp_free(struct target *target)
{
    free(sftp_of(target));
}

static const struct target_driver sftp_driver = {
    .connect = sftp_connect,
    .look = sftp_look,
    .send = sftp_send,
    .same = sftp_same,
    .move = sftp_move,
    .remove = sftp_remove,
    .space = sftp_space,
    .disconnect = sftp_disconnect,
    .free = sftp_free,
};

struct target *
target_open_sftp(const struct sftp_options *options, const struct messenger *messenger)
{
    struct sftp_target *sftp = memory_zero(1, sizeof *sftp);

    sftp->target = (struct target){
        .driver = &sftp_driver,
        .messenger = messenger,
        .name = sftp_options_name(options),
    };
    sftp->options = options;
    return &sftp->target;
}
