#include "delivery/sftp_session.h"

#include "base/slice.h"
#include "base/text.h"
#include "base/monotonic.h"
#include "delivery/sftp_error.h"
#include "delivery/sftp_options.h"
#include "delivery/sftp_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Between two signs of life to the server: routers forget idle connections after minutes. */
enum { KEEPALIVE_SECONDS = 15 };

/* An agent's socket comes here, too. */
static void
note_loss(struct sftp_session *session, int fd, ssize_t result, size_t length)
{
    if (fd == session->socket &&
        ((result == 0 && length) || (result < 0 && errno != EAGAIN && errno != EINTR)))
        session->lost = true;
}

/* libssh2's own functions for the socket do the same but for what each adds. */
static ssize_t
hear(libssh2_socket_t fd, void *buffer, size_t length, int flags, void **abstract)
{
    struct sftp_session *session = *abstract;
    ssize_t got = recv(fd, buffer, length, flags);
    size_t room = sizeof session->heard - session->heard_bytes;

    note_loss(session, fd, got, length);
    if (got < 0)
        return -errno;
    if (fd == session->socket)
        session->moved_bytes += (uint64_t)got;
    if (fd == session->socket && room) {
        room = (size_t)got < room ? (size_t)got : room;
        memcpy(session->heard + session->heard_bytes, buffer, room);
        session->heard_bytes += room;
    }
    return got;
}

/* libssh2 forgets MSG_NOSIGNAL on the agent's socket: an agent that dies would kill us. */
static ssize_t
speak(libssh2_socket_t fd, const void *buffer, size_t length, int flags, void **abstract)
{
    struct sftp_session *session = *abstract;
    ssize_t put = send(fd, buffer, length, flags | MSG_NOSIGNAL);

    note_loss(session, fd, put, length);
    if (put < 0)
        return -errno;
    if (fd == session->socket)
        session->moved_bytes += (uint64_t)put;
    return put;
}

static void
note_farewell(LIBSSH2_SESSION *ssh, int reason, const char *text, int length, const char *language,
              int language_length, void **abstract)
{
    struct sftp_session *session = *abstract;
    struct slice said = {text, length > 0 ? (size_t)length : 0};

    (void)ssh;
    (void)reason;
    (void)language;
    (void)language_length;
    session->lost = true;
    if (said.length)
        snprintf(session->farewell, sizeof session->farewell, "%.*s",
                 SLICE_ARG(text_printable(session->arena, said, 100)));
}

typedef void any_function(void);

static void
set_callback(LIBSSH2_SESSION *ssh, int kind, any_function *function)
{
#if LIBSSH2_VERSION_NUM >= 0x010b01
    libssh2_session_callback_set2(ssh, kind, function);
#else
    void *pointer;

    /* ISO C has no cast from a function to an object. */
    memcpy(&pointer, &function, sizeof pointer);
    libssh2_session_callback_set(ssh, kind, pointer);
#endif
}

bool
sftp_session_connect(struct sftp_session *session, struct error *err)
{
    session->broken = false;
    session->lost = false;
    session->slow = false;
    session->heard_bytes = 0;
    session->farewell[0] = '\0';
    if (!sftp_socket_connect(session->options->host, session->options->port,
                             sftp_options_timeout_seconds(session->options), session->messenger,
                             &session->socket, err))
        return false;
    target_watch_step(session->watch, TARGET_CONNECTION, "connected to '%s' port %u",
                      session->options->host, session->options->port);
    session->ssh = libssh2_session_init_ex(NULL, NULL, NULL, session);
    if (!session->ssh)
        return error_set(err, ERROR_INTERNAL, "libssh2 cannot begin a session");
    libssh2_session_set_blocking(session->ssh, 0);
    set_callback(session->ssh, LIBSSH2_CALLBACK_RECV, (any_function *)hear);
    set_callback(session->ssh, LIBSSH2_CALLBACK_SEND, (any_function *)speak);
    set_callback(session->ssh, LIBSSH2_CALLBACK_DISCONNECT, (any_function *)note_farewell);
    return true;
}

void
sftp_session_break(struct sftp_session *session)
{
    session->broken = true;
    if (session->socket >= 0)
        shutdown(session->socket, SHUT_RDWR);
}

void
sftp_session_expect(struct sftp_session *session)
{
    session->waited_milliseconds = 0;
    session->moved_bytes = 0;
}

/* Of a server that lets a few bytes pass again and again, and so is never silent for long. What is
 * done between waits, such as reading from our disk, is not its fault. */
static bool
is_too_slow(struct sftp_session *session)
{
    const uint64_t seconds = sftp_options_timeout_seconds(session->options);

    if (session->waited_milliseconds < (int64_t)seconds * 1000)
        return false;
    session->slow = session->moved_bytes < SFTP_LEAST_SPEED * seconds;
    sftp_session_expect(session);
    return session->slow;
}

static bool
wait_for_socket(struct sftp_session *session)
{
    int directions = libssh2_session_block_directions(session->ssh);
    struct pollfd wanted = {.fd = session->socket, .events = POLLIN};
    int64_t deadline =
        monotonic_milliseconds() + (int64_t)sftp_options_timeout_seconds(session->options) * 1000;

    if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
        wanted.events = directions & LIBSSH2_SESSION_BLOCK_INBOUND ? POLLIN | POLLOUT : POLLOUT;
    while (!session->broken) {
        int64_t left = deadline - monotonic_milliseconds();
        int next_seconds = 0;
        int ready;

        if (left <= 0)
            break;
        /* Not while a packet is half sent: libssh2 would put the keep-alive into it. */
        if (wanted.events == POLLIN && libssh2_keepalive_send(session->ssh, &next_seconds) == 0 &&
            next_seconds > 0 && left > (int64_t)next_seconds * 1000)
            left = (int64_t)next_seconds * 1000;
        ready = poll(&wanted, 1, (int)left);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            break;
    }
    return false;
}

bool
sftp_session_wait(struct sftp_session *session)
{
    int64_t began = monotonic_milliseconds();
    bool ready = wait_for_socket(session);

    session->waited_milliseconds += monotonic_milliseconds() - began;
    if (ready && !is_too_slow(session))
        return true;
    sftp_session_break(session);
    return false;
}

bool
sftp_session_log_in(struct sftp_session *session, struct error *err)
{
    session->arena = arena_new();
    if (!sftp_handshake(session, err) || !sftp_login(session, err))
        return false;
    libssh2_keepalive_config(session->ssh, 0, KEEPALIVE_SECONDS);
    return true;
}

bool
sftp_session_open(struct sftp_session *session, struct error *err)
{
    if (!sftp_session_log_in(session, err))
        return false;
    SFTP_AWAIT_POINTER(session, session->sftp, libssh2_sftp_init(session->ssh));
    if (session->sftp) {
        target_watch_step(session->watch, TARGET_LOGIN, "logged in as '%s'",
                          session->options->user);
        return true;
    }
    sftp_error(session, libssh2_session_last_errno(session->ssh), err,
               "the server starts no SFTP for '%s'", session->options->user);
    return false;
}

void
sftp_session_hang_up(struct sftp_session *session)
{
    int result;

    if (session->sftp)
        SFTP_AWAIT(session, result, libssh2_sftp_shutdown(session->sftp));
    if (session->ssh && !session->broken)
        SFTP_AWAIT(session, result, libssh2_session_disconnect(session->ssh, "done"));
    sftp_session_break(session);
    if (session->ssh)
        SFTP_AWAIT(session, result, libssh2_session_free(session->ssh));
    if (session->socket >= 0)
        close(session->socket);
    session->socket = -1;
    session->ssh = NULL;
    session->sftp = NULL;
}

void
sftp_session_close(struct sftp_session *session)
{
    sftp_session_hang_up(session);
    arena_free(session->arena);
    session->arena = NULL;
}
