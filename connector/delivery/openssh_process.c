#include "delivery/openssh_process.h"

#include "base/arena.h"
#include "base/monotonic.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
    ANSWER_MOST_BYTES = 1 << 20,
    POLL_MOST_MILLISECONDS = 3600 * 1000,
    FAREWELL_MILLISECONDS = 2000
};

/* sftp's texts are looked into, so they must be English. */
static char **
english_environment(void)
{
    static char english[] = "LC_ALL=C";
    size_t count = 0;
    size_t kept = 0;
    char **copy;

    while (environ[count])
        count++;
    copy = memory_zero(count + 2, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], "LC_ALL=", 7) != 0)
            copy[kept++] = environ[i];
    }
    copy[kept] = english;
    return copy;
}

static int
spawn(pid_t *ret_pid, const char *const *arguments, const int ends[3])
{
    char **environment = english_environment();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int reason;

    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, ends[i], i);
    posix_spawnattr_init(&attributes);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGCHLD);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    reason = posix_spawnp(ret_pid, arguments[0], &actions, &attributes,
                          (char *const *)(uintptr_t)arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(environment);
    return reason;
}

static void
close_both(const int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            close(pair[i]);
    }
}

bool
openssh_process_start(struct openssh_process *process, const char *const *arguments,
                      struct error *err)
{
    int input[2] = {-1, -1};
    int output[2] = {-1, -1};
    int complaints[2] = {-1, -1};
    int reason = 0;

    /* A socket for the commands, for send() can do without SIGPIPE and write() cannot. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0 ||
        pipe2(output, O_CLOEXEC) != 0 || pipe2(complaints, O_CLOEXEC) != 0) {
        reason = errno;
        error_set(err, ERROR_INTERNAL, "no pipe to '%s': %s", arguments[0], strerror(reason));
        goto done;
    }
    reason = spawn(&process->pid, arguments, (int[]){input[1], output[1], complaints[1]});
    if (reason != 0) {
        process->pid = 0;
        error_set(err, ERROR_CONFIG, "the program '%s' cannot be started: %s", arguments[0],
                  strerror(reason));
        error_hint(err, "`transport: openssh` needs the system's sftp (package openssh-client).");
        goto done;
    }
    process->input = input[0];
    process->output = output[0];
    process->complaints = complaints[0];
    process->marks = 0;
    fcntl(process->complaints, F_SETFL, O_NONBLOCK);
    input[0] = output[0] = complaints[0] = -1;
done:
    close_both(input);
    close_both(output);
    close_both(complaints);
    return reason == 0;
}

static bool
send_text(const struct openssh_process *process, const char *text, size_t length)
{
    while (length) {
        ssize_t put = send(process->input, text, length, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        text += put;
        length -= (size_t)put;
    }
    return true;
}

/* False at the end of the stream. What is too much is thrown away. */
static bool
take_some(int fd, struct buffer *buffer)
{
    char piece[4096];
    ssize_t got = read(fd, piece, sizeof piece);

    if (got <= 0)
        return got < 0 && (errno == EINTR || errno == EAGAIN);
    if (buffer->length < ANSWER_MOST_BYTES)
        buffer_add(buffer, piece, (size_t)got);
    return true;
}

static void
terminate(struct buffer *buffer)
{
    buffer_add(buffer, "", 1);
    buffer->length--;
}

/* Reads both streams until the mark appears, stdout ends, or the time is over. */
static enum openssh_state
read_until(struct openssh_process *process, const char *mark, unsigned limit_seconds)
{
    struct pollfd streams[] = {
        {.fd = process->output, .events = POLLIN},
        {.fd = process->complaints, .events = POLLIN},
    };
    int64_t deadline = monotonic_milliseconds() + (int64_t)limit_seconds * 1000;

    for (;;) {
        int64_t left = deadline - monotonic_milliseconds();

        if (left <= 0)
            return OPENSSH_SILENT;
        if (poll(streams, 2, left < POLL_MOST_MILLISECONDS ? (int)left : POLL_MOST_MILLISECONDS) <=
            0)
            continue;
        if (streams[1].revents && !take_some(process->complaints, &process->complained))
            streams[1].fd = -1;
        if (!streams[0].revents)
            continue;
        if (!take_some(process->output, &process->said))
            return OPENSSH_ENDED;
        terminate(&process->said);
        if (strstr(process->said.data, mark))
            return OPENSSH_READY;
    }
}

/* What a program that ended still had to say on stderr comes until its ssh has ended, too. */
static void
drain_complaints(struct openssh_process *process, bool ended)
{
    struct pollfd stream = {.fd = process->complaints, .events = POLLIN};
    int64_t deadline = monotonic_milliseconds() + FAREWELL_MILLISECONDS;

    while (poll(&stream, 1, ended ? 500 : 0) > 0 && monotonic_milliseconds() <= deadline) {
        size_t before = process->complained.length;

        if (!take_some(process->complaints, &process->complained) ||
            (process->complained.length == before && before < ANSWER_MOST_BYTES))
            break;
    }
}

enum openssh_state
openssh_process_command(struct openssh_process *process, const char *command,
                        unsigned limit_seconds)
{
    struct buffer request = BUFFER_INIT;
    char mark[32];
    enum openssh_state state;

    process->said.length = 0;
    process->complained.length = 0;
    snprintf(mark, sizeof mark, "sftp> #done-%u\n", ++process->marks);
    if (command)
        buffer_format(&request, "%s\n", command);
    buffer_format(&request, "#done-%u\n", process->marks);
    send_text(process, request.data, request.length);
    buffer_free(&request);
    state = read_until(process, mark, limit_seconds);
    drain_complaints(process, state == OPENSSH_ENDED);
    terminate(&process->said);
    terminate(&process->complained);
    return state;
}

/* Gives it two seconds. */
static bool
has_ended(pid_t pid)
{
    static const struct timespec moment = {.tv_nsec = 10000000};

    for (int i = 0; i < 200; i++) {
        pid_t waited = waitpid(pid, NULL, WNOHANG);

        if (waited == pid || (waited < 0 && errno != EINTR))
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

void
openssh_process_stop(struct openssh_process *process)
{
    if (!process->pid)
        return;
    close(process->input);
    close(process->output);
    close(process->complaints);
    if (!has_ended(process->pid)) {
        /* The session that it leads holds its ssh as well. */
        kill(-process->pid, SIGTERM);
        if (!has_ended(process->pid)) {
            kill(-process->pid, SIGKILL);
            while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        }
    }
    buffer_free(&process->said);
    buffer_free(&process->complained);
    *process = (struct openssh_process){0};
}
