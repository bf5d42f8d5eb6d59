#include "base/arena.h"
#include "delivery/file_compare.h"
#include "delivery/openssh_arguments.h"
#include "delivery/openssh_error.h"
#include "delivery/openssh_process.h"
#include "delivery/sftp_options.h"
#include "delivery/target_driver.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SLOWEST_BYTES_PER_SECOND = 64 << 10 /* a slower upload counts as stalled */
};

struct openssh_target {
    struct target target;
    const struct sftp_options *options;
    struct openssh_process process;
};

static struct openssh_target *
openssh_of(struct target *target)
{
    return (struct openssh_target *)target;
}

/* A text within sftp's double quotes, where only these two letters have a meaning. */
static void
add_quoted(struct buffer *line, const char *text)
{
    buffer_add_text(line, "\"");
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_text(line, "\\");
        buffer_add(line, text, 1);
    }
    buffer_add_text(line, "\"");
}

/* A file of the target's folder, which sftp has entered. "./" keeps a '-' from being an option. */
static void
add_name(struct buffer *line, const char *name)
{
    struct buffer path = BUFFER_INIT;

    buffer_format(&path, "./%s", name);
    buffer_add(&path, "", 1);
    buffer_add_text(line, " ");
    add_quoted(line, path.data);
    buffer_free(&path);
}

/* What sftp and ssh complained of since the last command. */
static const char *
complaints(const struct openssh_target *openssh)
{
    const char *text = openssh->process.complained.data;

    return text ? text : "";
}

static bool
complained(const struct openssh_target *openssh)
{
    return openssh_error_any(complaints(openssh));
}

/* One command, or NULL to wait for sftp. True when it is ready again, which says nothing of how the
 * command went. ssh's own questions whether the server is alive end before the limit. */
static bool
run_line(struct openssh_target *openssh, const char *line, uint64_t limit_seconds,
         struct error *err)
{
    unsigned limit = limit_seconds < INT_MAX ? (unsigned)limit_seconds : INT_MAX;

    switch (openssh_process_command(&openssh->process, line, limit)) {
    case OPENSSH_READY:
        return true;
    case OPENSSH_ENDED:
        return openssh_error_connection(openssh->options, complaints(openssh), err);
    case OPENSSH_SILENT:
        break;
    }
    error_set(err, ERROR_UNAVAILABLE, "the server has not answered for %u s", limit);
    err->transient = true;
    return false;
}

static unsigned
limit_seconds(const struct openssh_target *openssh)
{
    return 2 * sftp_options_timeout_seconds(openssh->options);
}

/* "VERB NAME", or "VERB NAME OTHER". */
static bool
run(struct openssh_target *openssh, const char *verb, const char *name, const char *other,
    struct error *err)
{
    struct buffer line = BUFFER_INIT;
    bool done;

    buffer_add_text(&line, verb);
    add_name(&line, name);
    if (other)
        add_name(&line, other);
    buffer_add(&line, "", 1);
    done = run_line(openssh, line.data, limit_seconds(openssh), err);
    buffer_free(&line);
    return done;
}

/* "put LOCAL NAME" or "get NAME LOCAL"; sftp tells nothing meanwhile, so the whole has a limit. */
static bool
transfer(struct openssh_target *openssh, const struct upload *upload, const char *local,
         bool is_put, struct error *err)
{
    struct buffer line = BUFFER_INIT;
    bool done;

    buffer_add_text(&line, is_put ? "-put -f " : "-get");
    if (!is_put) {
        add_name(&line, upload->name);
        buffer_add_text(&line, " ");
    }
    if (*local == '-')
        buffer_add_text(&line, "./");
    add_quoted(&line, local);
    if (is_put)
        add_name(&line, upload->part);
    buffer_add(&line, "", 1);
    done = run_line(openssh, line.data,
                    limit_seconds(openssh) + upload->bytes / SLOWEST_BYTES_PER_SECOND, err);
    buffer_free(&line);
    return done;
}

static bool
enter_directory(struct openssh_target *openssh, struct error *err)
{
    struct buffer line = BUFFER_INIT;
    bool done;

    buffer_add_text(&line, "-cd ");
    add_quoted(&line, openssh->options->directory);
    buffer_add(&line, "", 1);
    done = run_line(openssh, line.data, limit_seconds(openssh), err);
    buffer_free(&line);
    if (!done || !complained(openssh))
        return done;
    return openssh_error_command(complaints(openssh), err, "the directory '%s' cannot be used",
                                 openssh->options->directory);
}

static bool
openssh_connect(struct target *target, struct error *err)
{
    struct openssh_target *openssh = openssh_of(target);
    struct arena *arena = arena_new();
    const char *const *arguments = openssh_arguments(arena, openssh->options, err);
    bool done = arguments && openssh_process_start(&openssh->process, arguments, err) &&
                run_line(openssh, NULL, limit_seconds(openssh), err);

    if (done)
        message_say(target->messenger, MESSAGE_INFO,
                    "connected to '%s' as '%s' by the system's sftp", openssh->options->host,
                    openssh->options->user);
    if (done)
        target_watch_step(target->watch, TARGET_LOGIN, "logged in as '%s' by the system's sftp",
                          openssh->options->user);
    else if (err->code == ERROR_PERMISSION)
        target_watch_begin(target->watch, TARGET_LOGIN);
    arena_free(arena);
    if (!done || !enter_directory(openssh, err))
        return false;
    target_watch_step(target->watch, TARGET_DIRECTORY, "the directory '%s' is there",
                      openssh->options->directory);
    return true;
}

static void
openssh_disconnect(struct target *target)
{
    openssh_process_stop(&openssh_of(target)->process);
}

/* Finds the size in "-rw-r----- ? user group 1234 Sep  1 03:00 ./NAME", from behind, for names of
 * groups may have blanks: before the name stand three words of the date. */
static bool
parse_listing(const char *said, const char *name, uint64_t *ret_bytes)
{
    const char *line = strstr(said, "\n-");
    size_t name_length = strlen(name);
    size_t at;

    if (!line)
        return false;
    at = strcspn(++line, "\n");
    if (at < name_length || memcmp(line + at - name_length, name, name_length) != 0)
        return false;
    at -= name_length;
    while (at > 0 && line[at - 1] != ' ')
        at--;
    for (int word = 0; word < 4; word++) {
        while (at > 0 && line[at - 1] == ' ')
            at--;
        while (at > 0 && line[at - 1] != ' ')
            at--;
    }
    return sscanf(line + at, "%" SCNu64, ret_bytes) == 1;
}

static bool
openssh_look(struct target *target, const char *name, struct found *ret_found, struct error *err)
{
    struct openssh_target *openssh = openssh_of(target);

    *ret_found = (struct found){.exists = false};
    if (!run(openssh, "-ls -ln", name, NULL, err))
        return false;
    if (openssh_error_is_missing(complaints(openssh)))
        return true;
    if (complained(openssh))
        return openssh_error_command(complaints(openssh), err, "the server does not tell of '%s'",
                                     name);
    ret_found->exists = true;
    if (!parse_listing(openssh->process.said.data, name, &ret_found->bytes))
        return error_set(err, ERROR_WRITE, "'%s' at the server is not a regular file", name);
    return true;
}

static bool
openssh_send(struct target *target, const struct upload *upload, struct error *err)
{
    struct openssh_target *openssh = openssh_of(target);

    target_tell_progress(target, upload, 0);
    if (!openssh_arguments_check_line(upload->path, err) ||
        !transfer(openssh, upload, upload->path, true, err))
        return false;
    if (complained(openssh))
        return openssh_error_command(complaints(openssh), err, "writing '%s' failed", upload->part);
    target_tell_progress(target, upload, upload->bytes);
    /* sftp gives it the mode of the local file, which is for its owner alone; Alma's account reads
     * it by the group. Servers that know no modes may refuse. */
    return run(openssh, "-chmod 640", upload->part, NULL, err);
}

static bool
openssh_same(struct target *target, const struct upload *upload, bool *ret_same, struct error *err)
{
    struct openssh_target *openssh = openssh_of(target);
    struct buffer path = BUFFER_INIT;
    bool done = false;
    int fd;

    buffer_format(&path, "%s.XXXXXX", upload->path);
    buffer_add(&path, "", 1);
    fd = mkostemp(path.data, O_CLOEXEC);
    if (fd < 0) {
        error_set(err, ERROR_WRITE, "no file to compare with beside '%s'", upload->path);
        goto done;
    }
    done = transfer(openssh, upload, path.data, false, err);
    if (done && complained(openssh))
        done = openssh_error_command(complaints(openssh), err,
                                     "the server does not let '%s' be read", upload->name);
    done = done && file_compare(fd, upload, ret_same, err);
    unlink(path.data);
    close(fd);
done:
    buffer_free(&path);
    return done;
}

/* "-l" is the plain rename, which replaces nothing; without it sftp takes posix-rename, for servers
 * that have only that. */
static bool
openssh_move(struct target *target, const struct upload *upload, struct error *err)
{
    struct openssh_target *openssh = openssh_of(target);
    struct found found = {.exists = true};

    if (!run(openssh, "-rename -l", upload->part, upload->name, err))
        return false;
    if (!complained(openssh))
        return true;
    if (!openssh_look(target, upload->name, &found, err))
        return false;
    if (!found.exists && !run(openssh, "-rename", upload->part, upload->name, err))
        return false;
    if (!found.exists && !complained(openssh))
        return true;
    openssh_error_command(complaints(openssh), err, "the server refuses to rename '%s' to '%s'",
                          upload->part, upload->name);
    return error_hint(err, "Give the account '%s' the right to rename files in '%s'.",
                      openssh->options->user, openssh->options->directory);
}

static bool
openssh_remove(struct target *target, const char *name, struct error *err)
{
    struct openssh_target *openssh = openssh_of(target);

    if (!run(openssh, "-rm", name, NULL, err))
        return false;
    if (!complained(openssh) || openssh_error_is_missing(complaints(openssh)))
        return true;
    return openssh_error_command(complaints(openssh), err,
                                 "the server does not let '%s' be removed", name);
}

static void
openssh_free(struct target *target)
{
    free(openssh_of(target));
}

static const struct target_driver openssh_driver = {
    .connect = openssh_connect,
    .look = openssh_look,
    .send = openssh_send,
    .same = openssh_same,
    .move = openssh_move,
    .remove = openssh_remove,
    .disconnect = openssh_disconnect,
    .free = openssh_free,
};

struct target *
target_open_openssh(const struct sftp_options *options, const struct messenger *messenger)
{
    struct openssh_target *openssh = memory_zero(1, sizeof *openssh);

    openssh->target = (struct target){
        .driver = &openssh_driver,
        .messenger = messenger,
        .name = sftp_options_name(options),
    };
    openssh->options = options;
    return &openssh->target;
}
