#include "base/program.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/monotonic.h"
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MILLISECONDS = 20, FAREWELL_MILLISECONDS = 2000, PIECES_MOST = 16 };

/* Of our own environment, which may hold secrets, these alone are handed on. */
static const char *const handed_on[] = {"HOME", "LANG", "LOGNAME", "TMPDIR", "TZ", "USER"};

enum { ENVIRONMENT_MOST = sizeof handed_on / sizeof handed_on[0] + PROGRAM_VARIABLES_MOST + 2 };

/* One that is at work. */
struct running {
    pid_t pid;
    int output; /* -1: it has been closed */
    int64_t deadline;
    bool ended;
    int status; /* as waitpid() has it */
};

static void
make_environment(const struct program *program, struct arena *arena,
                 char *ret_environment[ENVIRONMENT_MOST])
{
    size_t count = 0;

    ret_environment[count++] =
        arena_string(arena, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    for (size_t i = 0; i < sizeof handed_on / sizeof handed_on[0]; i++) {
        const char *value = getenv(handed_on[i]);

        if (value)
            ret_environment[count++] = arena_format(arena, "%s=%s", handed_on[i], value);
    }
    for (size_t i = 0; program->variables[i]; i++)
        ret_environment[count++] = arena_string(arena, program->variables[i]);
    ret_environment[count] = NULL;
}

/* A file in memory: whoever reads only a part of it, or nothing, keeps nobody waiting. */
static int
hold_input(struct slice input, struct error *err)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd < 0) {
        error_set(err, ERROR_INTERNAL, "no memory for its input: %s", strerror(errno));
        return -1;
    }
    if (file_write_all(fd, input.data, input.length, "its input", err) &&
        lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

static int
spawn(const struct program *program, char *const *environment, int input, int output,
      pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int reason;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
#ifdef HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCLOSEFROM_NP
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#endif
    posix_spawnattr_init(&attributes);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    reason = posix_spawn(ret_pid, program->arguments[0], &actions, &attributes,
                         (char *const *)(uintptr_t)program->arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return reason;
}

static bool
start(const struct program *program, struct running *running, struct error *err)
{
    char *environment[ENVIRONMENT_MOST];
    struct arena *arena = arena_new();
    int output[2] = {-1, -1}, reason = 0, input = hold_input(program->input, err);
    bool ok = false;

    if (input < 0)
        goto done;
    if (pipe2(output, O_CLOEXEC) != 0) {
        error_set(err, ERROR_INTERNAL, "no pipe for its output: %s", strerror(errno));
        goto done;
    }
    make_environment(program, arena, environment);
    reason = spawn(program, environment, input, output[1], &running->pid);
    if (reason != 0) {
        error_set(err, ERROR_CONFIG, "cannot be started: %s", strerror(reason));
        close(output[0]);
        goto done;
    }
    running->output = output[0];
    fcntl(running->output, F_SETFL, O_NONBLOCK);
    ok = true;
done:
    if (input >= 0)
        close(input);
    if (output[1] >= 0)
        close(output[1]);
    arena_free(arena);
    return ok;
}

/* Takes what has been said, a pipe's fill at most: who speaks without end must not keep us from the
 * clock. What is too much is thrown away. */
static void
take_output(struct running *running, struct buffer *out)
{
    char piece[4096];
    ssize_t got;

    for (int taken = 0; running->output >= 0 && taken < PIECES_MOST; taken++) {
        size_t room = PROGRAM_OUTPUT_MOST_BYTES - out->length;

        got = read(running->output, piece, sizeof piece);
        if (got == 0) {
            close(running->output);
            running->output = -1;
        } else if (got > 0)
            buffer_add(out, piece, (size_t)got < room ? (size_t)got : room);
        else if (errno != EINTR)
            return;
    }
}

static void
look_for_end(struct running *running)
{
    pid_t waited = waitpid(running->pid, &running->status, WNOHANG);

    running->ended = waited == running->pid || (waited < 0 && errno != EINTR);
}

/* Until it ends, or the moment comes. */
static void
wait_until(struct running *running, int64_t moment, struct buffer *out)
{
    while (!running->ended && monotonic_milliseconds() < moment) {
        struct pollfd stream = {.fd = running->output, .events = POLLIN};

        /* The end of a process cannot be polled for everywhere; that of its output can. */
        poll(&stream, 1, LOOK_MILLISECONDS);
        take_output(running, out);
        look_for_end(running);
    }
}

static void
end_by_force(struct running *running, struct buffer *out)
{
    kill(-running->pid, SIGTERM);
    wait_until(running, monotonic_milliseconds() + FAREWELL_MILLISECONDS, out);
    kill(-running->pid, SIGKILL);
    while (!running->ended)
        wait_until(running, monotonic_milliseconds() + FAREWELL_MILLISECONDS, out);
}

bool
program_run(const struct program *program, struct buffer *out, struct error *err)
{
    struct running running = {.output = -1};
    bool late;

    out->length = 0;
    if (!start(program, &running, err))
        return false;
    wait_until(&running, monotonic_milliseconds() + (int64_t)program->limit_seconds * 1000, out);
    late = !running.ended;
    if (late)
        end_by_force(&running, out);
    take_output(&running, out);
    if (running.output >= 0)
        close(running.output);
    if (late)
        return error_set(err, ERROR_UNAVAILABLE, "took longer than %u s, and was ended",
                         program->limit_seconds);
    if (WIFSIGNALED(running.status))
        return error_set(err, ERROR_UNAVAILABLE, "was ended by the signal %d",
                         WTERMSIG(running.status));
    if (WEXITSTATUS(running.status) != 0)
        return error_set(err, ERROR_UNAVAILABLE, "ended with the exit status %d",
                         WEXITSTATUS(running.status));
    return true;
}
