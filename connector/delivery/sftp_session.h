/* sftp_session: one SSH connection with its SFTP channel, by libssh2 that never blocks.
 *
 * Order of use: sftp_session_open() (connection, handshake, host key, login, channel), then
 * libssh2's SFTP functions within SFTP_AWAIT, sftp_session_close(). Opened again it starts anew.
 * Or sftp_session_log_in(), which leaves the channel to sftp_flow.h.
 */
#ifndef DELIVERY_SFTP_SESSION_H
#define DELIVERY_SFTP_SESSION_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "delivery/target.h"
#include "delivery/watch.h"

#include <libssh2.h>
#include <libssh2_sftp.h>
#include <stdbool.h>

enum {
    SFTP_LEAST_SPEED = 1000, /* bytes a second, both ways together */
    SFTP_HEARD_BYTES = 8192,
    SFTP_FAREWELL_BYTES = 256,
    LIBSSH2_WITH_RSA_SHA2 = 0x010b00 /* RFC 8332; those before know RSA with SHA-1 alone */
};

struct sftp_session {
    const struct sftp_options *options; /* borrowed */
    const struct messenger *messenger;
    struct target_watch *watch; /* NULL: nobody looks on */
    struct arena *arena;
    int socket;
    LIBSSH2_SESSION *ssh;
    LIBSSH2_SFTP *sftp;
    bool broken; /* the connection is of no more use */
    bool lost;   /* the socket's other end is gone; libssh2 does not always say so */
    bool slow;   /* it is broken as too little moved … */
    int64_t waited_milliseconds; /* … while so long was waited for one answer */
    uint64_t moved_bytes;
    size_t heard_bytes; /* the first that came from the server, for server_offer() */
    char heard[SFTP_HEARD_BYTES];
    char farewell[SFTP_FAREWELL_BYTES]; /* what the server said when it disconnected us */
    const char *answer; /* the password, while a keyboard-interactive login is at work */
    unsigned prompts;   /* how many prompts it had to answer */
    bool odd_prompt;    /* one that is not for a password */
};

/* `session` holds only options, messenger and watch, or was closed. */
bool sftp_session_open(struct sftp_session *session, struct error *err);

bool sftp_session_log_in(struct sftp_session *session, struct error *err);

/* Twice is harmless. */
void sftp_session_close(struct sftp_session *session);

/* Ends the connection alone. */
void sftp_session_hang_up(struct sftp_session *session);

/* The parts of opening, each in its file. */
bool sftp_session_connect(struct sftp_session *session, struct error *err);
bool sftp_handshake(struct sftp_session *session, struct error *err);
bool sftp_login(struct sftp_session *session, struct error *err);

/* The connection is of no more use: every later call on it ends at once. */
void sftp_session_break(struct sftp_session *session);

/* Another answer is waited for from now on. */
void sftp_session_expect(struct sftp_session *session);

/* Waits until the socket moves on. False when nothing moved for the time limit, or less than
 * SFTP_LEAST_SPEED while one answer was waited for so long: the session is broken. */
bool sftp_session_wait(struct sftp_session *session);

/* Calls until it is done: `result` is its result, which stays LIBSSH2_ERROR_EAGAIN when the
 * server stopped answering. */
#define SFTP_AWAIT(session, result, call)                                                          \
    do {                                                                                           \
        sftp_session_expect(session);                                                              \
        do {                                                                                       \
            (result) = (call);                                                                     \
        } while ((result) == LIBSSH2_ERROR_EAGAIN && sftp_session_wait(session));                  \
    } while (0)

/* The same for calls that return a pointer. */
#define SFTP_AWAIT_POINTER(session, result, call)                                                  \
    do {                                                                                           \
        sftp_session_expect(session);                                                              \
        do {                                                                                       \
            (result) = (call);                                                                     \
        } while (!(result) &&                                                                      \
                 libssh2_session_last_errno((session)->ssh) == LIBSSH2_ERROR_EAGAIN &&             \
                 sftp_session_wait(session));                                                      \
    } while (0)

#endif
