#include "delivery/sftp_socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long an address may be silent while there are others to try. */
enum { PATIENCE_SECONDS = 10 };

static bool
resolve(const char *host, unsigned port, struct addrinfo **ret_addresses, struct error *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV,
        .ai_socktype = SOCK_STREAM,
    };
    char service[16];
    int code;

    snprintf(service, sizeof service, "%u", port);
    code = getaddrinfo(host, service, &hints, ret_addresses);
    /* AI_ADDRCONFIG does not count loopback: a machine without network could not name itself. */
    if (code != 0) {
        struct addrinfo any = hints;

        any.ai_flags = AI_NUMERICSERV;
        code = getaddrinfo(host, service, &any, ret_addresses);
    }
    if (code == 0)
        return true;
    error_set(err, ERROR_UNAVAILABLE, "the name '%s' cannot be resolved: %s", host,
              code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
    err->transient = code == EAI_AGAIN || code == EAI_SYSTEM;
    return false;
}

/* 0, or the reason as an errno. */
static int
await_connection(int fd, unsigned timeout_seconds)
{
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int reason = 0;
    socklen_t length = sizeof reason;
    int ready;

    do {
        ready = poll(&wanted, 1, (int)timeout_seconds * 1000);
    } while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return errno;
    if (ready == 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &length) == 0 ? reason : errno;
}

static int
connect_address(const struct addrinfo *address, unsigned timeout_seconds, int *ret_socket)
{
    static const int on = 1;
    int reason = 0;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    address->ai_protocol);

    if (fd < 0)
        return errno;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
        reason = errno == EINPROGRESS ? await_connection(fd, timeout_seconds) : errno;
    if (reason != 0) {
        close(fd);
        return reason;
    }
    /* Both only help; a connection works without them. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    *ret_socket = fd;
    return 0;
}

bool
sftp_socket_connect(const char *host, unsigned port, unsigned timeout_seconds,
                    const struct messenger *messenger, int *ret_socket, struct error *err)
{
    struct addrinfo *addresses = NULL;
    char text[NI_MAXHOST] = "";
    int reason = 0;

    if (!resolve(host, port, &addresses, err))
        return false;
    for (const struct addrinfo *at = addresses; at; at = at->ai_next) {
        unsigned patience =
            at->ai_next && timeout_seconds > PATIENCE_SECONDS ? PATIENCE_SECONDS : timeout_seconds;

        getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
        reason = connect_address(at, patience, ret_socket);
        if (reason == 0) {
            message_say(messenger, MESSAGE_INFO, "connected to '%s' (%s) port %u", host, text,
                        port);
            break;
        }
        message_say(messenger, MESSAGE_DEBUG, "no connection to %s port %u: %s", text, port,
                    strerror(reason));
    }
    freeaddrinfo(addresses);
    if (reason == 0)
        return true;
    error_set(err, ERROR_UNAVAILABLE, "no connection to port %u of '%s' (%s): %s", port, host, text,
              strerror(reason));
    err->transient = true;
    return false;
}
