#include "photos/picture_process.h"

#include "photos/picture_shut_in.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 30 * 1000, RECEIVE_BYTES = 64 * 1024, KEEP_BYTES = 1024 * 1024 };

/* Ends of what connects the two: [0] here, [1] there. */
struct lines {
    int socket[2], control[2];
};

static const char *const exits[] = {
    [PICTURE_EXIT_DONE] = "it ended at once",
    [PICTURE_EXIT_RULES] = "it is another version's",
    [PICTURE_EXIT_LIBRARIES] = "its libraries do not work",
    [PICTURE_EXIT_WALLS] = "this system cannot shut it in (seccomp)",
    [PICTURE_EXIT_INSIDE] = "it cannot be shut in, or its libraries want more than it then may do",
};

static void
close_line(int *line)
{
    if (*line >= 0)
        close(*line);
    *line = -1;
}

/* Above the descriptors that the program has them as. */
static bool
lift(int *line)
{
    int above = fcntl(*line, F_DUPFD_CLOEXEC, PICTURE_CONTROL + 2);

    close(*line);
    *line = above;
    return above >= 0;
}

static bool
open_lines(struct lines *lines)
{
    *lines = (struct lines){{-1, -1}, {-1, -1}};
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lines->socket) == 0 &&
           pipe2(lines->control, O_CLOEXEC) == 0 && lift(&lines->socket[1]) &&
           lift(&lines->control[1]) && fcntl(lines->control[0], F_SETFL, O_NONBLOCK) == 0;
}

/* As its own group, with nothing of ours: no environment, no descriptors, no signals kept off. */
static int
spawn(struct picture_process *process, const char *program, const struct lines *lines)
{
    char name[] = "picture";
    char *words[] = {name, NULL}, *none[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t all, no;
    int code;

    sigfillset(&all);
    sigemptyset(&no);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawnattr_setsigmask(&how, &no);
    code = posix_spawn_file_actions_adddup2(&files, lines->socket[1], PICTURE_SOCKET);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(&files, lines->control[1], PICTURE_CONTROL);
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    if (code == 0)
        code = posix_spawn(&process->pid, program, &files, &how, words, none);
    if (code != 0)
        process->pid = 0;
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

/* What it ended as, or NULL where it has begun. */
static const char *
greet(struct picture_process *process, const struct picture_rules *rules)
{
    struct pollfd wait = {.fd = process->control, .events = POLLIN};
    unsigned char bytes[PICTURE_RULES_BYTES];
    int ready, status;
    char byte;

    picture_rules_encode(rules, bytes);
    send(process->socket, bytes, sizeof bytes, MSG_NOSIGNAL);
    do
        ready = poll(&wait, 1, START_MS);
    while (ready < 0 && errno == EINTR);
    if (ready != 1)
        return "it does not begin";
    if (read(process->control, &byte, 1) == 1)
        return NULL;
    if (waitpid(process->pid, &status, 0) != process->pid)
        return "it cannot be waited for";
    process->pid = 0;
    if (WIFEXITED(status) && (size_t)WEXITSTATUS(status) < sizeof exits / sizeof *exits)
        return exits[WEXITSTATUS(status)];
    return "it ended";
}

static bool
launch(struct picture_process *process, const char *program, struct error *err)
{
    struct lines lines;
    int code = open_lines(&lines) && access(program, X_OK) == 0 ? 0 : errno;

    if (code == 0)
        code = spawn(process, program, &lines);
    process->socket = lines.socket[0];
    process->control = lines.control[0];
    close_line(&lines.socket[1]);
    close_line(&lines.control[1]);
    if (code == 0)
        return true;
    error_set(err, code == ENOENT || code == EACCES ? ERROR_CONFIG : ERROR_INTERNAL,
              "cannot start '%s', which decodes pictures: %s", program, strerror(code));
    return error_hint(err, "Install all of ldap2alma, or set LDAP2ALMA_LIBEXEC to the folder of "
                           "its programs.");
}

bool
picture_process_start(struct picture_process *process, const char *program,
                      const struct picture_rules *rules, struct error *err)
{
    const char *trouble = NULL;
    bool ok;

    *process = (struct picture_process){.socket = -1, .control = -1};
    ok = launch(process, program, err);
    if (ok && (trouble = greet(process, rules)))
        ok = error_set(err, ERROR_INTERNAL, "'%s', which decodes pictures, is of no use: %s",
                       program, trouble);
    if (!ok)
        picture_process_stop(process);
    return ok;
}

void
picture_process_ask(struct picture_process *process, const struct slice *values, size_t count)
{
    if (process->question.capacity > KEEP_BYTES)
        buffer_free(&process->question);
    process->question.length = process->said.length = process->sent = 0;
    process->busy = true;
    process->waited_ns = 0;
    picture_request_encode(values, count, &process->question);
}

static bool
is_later(ssize_t moved)
{
    return moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* False: nobody reads it any more. */
static bool
say(struct picture_process *process)
{
    while (process->sent < process->question.length) {
        ssize_t put = send(process->socket, process->question.data + process->sent,
                           process->question.length - process->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (put <= 0)
            return is_later(put);
        process->sent += (size_t)put;
    }
    return true;
}

/* False: it says more than an answer may have. */
static bool
hear(struct picture_process *process, const struct picture_rules *rules)
{
    size_t most = PICTURE_ANSWER_HEAD_BYTES + (size_t)rules->max_bytes;

    while (process->said.length <= most) {
        ssize_t got = recv(process->socket, buffer_reserve(&process->said, RECEIVE_BYTES),
                           RECEIVE_BYTES, MSG_DONTWAIT);

        if (got <= 0)
            return true;
        process->said.length += (size_t)got;
    }
    return false;
}

struct slice
picture_process_file(const struct picture_process *process)
{
    return (struct slice){process->said.data + PICTURE_ANSWER_HEAD_BYTES, process->answer.length};
}

/* What is left of a question would be read as part of the next one. */
static bool
is_read(const struct picture_process *process)
{
    int unread;

    return process->sent == process->question.length &&
           ioctl(process->socket, SIOCOUTQ, &unread) == 0 && unread == 0;
}

static bool
is_answer(struct picture_process *process, const struct picture_rules *rules)
{
    struct picture_answer *answer = &process->answer;

    return is_read(process) && process->said.length >= PICTURE_ANSWER_HEAD_BYTES &&
           picture_answer_decode((const unsigned char *)process->said.data, rules, answer) &&
           process->said.length == PICTURE_ANSWER_HEAD_BYTES + answer->length &&
           (answer->trouble != PICTURE_FINE ||
            picture_is_bare(picture_process_file(process), rules->format, answer->width,
                            answer->height));
}

enum picture_step
picture_process_step(struct picture_process *process, const struct picture_rules *rules)
{
    bool reads = say(process);
    char bytes[2];
    ssize_t got = read(process->control, bytes, sizeof bytes);

    /* First whether the one inside has ended, then what it has said: so that is all of it. */
    if (!hear(process, rules))
        return PICTURE_LIES;
    if (is_later(got))
        return PICTURE_WORKING;
    if (got != 1)
        return PICTURE_GONE;
    return reads && is_answer(process, rules) ? PICTURE_DONE : PICTURE_LIES;
}

void
picture_process_stop(struct picture_process *process)
{
    if (process->pid) {
        kill(-process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    close_line(&process->socket);
    close_line(&process->control);
    buffer_free(&process->question);
    buffer_free(&process->said);
    *process = (struct picture_process){.socket = -1, .control = -1};
}
