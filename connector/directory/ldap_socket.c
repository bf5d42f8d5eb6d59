#include "directory/ldap_socket.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <lber.h>
#include <ldap.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    AHEAD_BYTES = 64 * 1024,
    /* The largest message taken, so that no server can make us ask for any amount of memory. A
     * group of two million members fits. */
    MESSAGE_BYTES_MOST = 256 * 1024 * 1024,
    KEEPALIVE_IDLE_SECONDS = 60,
    KEEPALIVE_INTERVAL_SECONDS = 10,
    KEEPALIVE_PROBES = 6
};

struct ldap_socket {
    Sockbuf_IO io;
    int fd;
    unsigned write_seconds;
    int64_t deadline; /* milliseconds; 0: reads don't wait */
    int reason;       /* errno of the first failure; 0: none */
    bool closed;      /* the other side closed it */
    bool broken;      /* ldap_socket_break() */
    size_t start, end;
    char ahead[AHEAD_BYTES];
};

static int64_t
now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
ldap_socket_deadline(unsigned seconds)
{
    return now_milliseconds() + (int64_t)seconds * 1000;
}

bool
ldap_socket_wait(int fd, short events, int64_t deadline)
{
    struct pollfd poller = {.fd = fd, .events = events};

    for (;;) {
        int64_t left = deadline - now_milliseconds();
        int ready = poll(&poller, 1, left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left);

        if (ready > 0)
            return true;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0)
            errno = ETIMEDOUT;
        return false;
    }
}

static bool
connect_until(int fd, const struct sockaddr *address, socklen_t length, int64_t deadline)
{
    int reason = 0;
    socklen_t size = sizeof reason;

    if (connect(fd, address, length) == 0)
        return true;
    if (errno != EINPROGRESS || !ldap_socket_wait(fd, POLLOUT, deadline) ||
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &size) < 0)
        return false;
    errno = reason;
    return reason == 0;
}

/* A socket that is connected, or -1 with errno. */
static int
open_until(int family, const struct sockaddr *address, socklen_t length, int64_t deadline)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && !connect_until(fd, address, length, deadline)) {
        int reason = errno;

        close(fd);
        errno = reason;
        fd = -1;
    }
    return fd;
}

static void
set_number(int fd, int level, int name, int value)
{
    /* Each of these is a refinement; a system without it is used as it is. */
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

static void
tune(int fd)
{
    set_number(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_number(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
    set_number(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS);
    set_number(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
}

static bool
unreachable(struct error *err, const char *format, const char *where, const char *why)
{
    error_set(err, ERROR_UNAVAILABLE, format, where, why);
    err->transient = true;
    return error_hint(err, "Check that the server runs, that its name and port are right, and that "
                           "no firewall is in between.");
}

static void
write_place(const LDAPURLDesc *url, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "'%s' port %d", url->lud_host, url->lud_port);
}

bool
ldap_socket_resolve(const LDAPURLDesc *url, struct addrinfo **ret_addresses, struct error *err)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    char port[16], where[512];
    int reason;

    snprintf(port, sizeof port, "%d", url->lud_port);
    reason = getaddrinfo(url->lud_host, port, &wanted, ret_addresses);
    if (reason == 0)
        return true;
    write_place(url, where, sizeof where);
    return unreachable(err, "cannot look up %s: %s", where,
                       reason == EAI_SYSTEM ? strerror(errno) : gai_strerror(reason));
}

static void
write_address(const struct addrinfo *address, char ret_text[LDAP_ADDRESS_SIZE])
{
    if (getnameinfo(address->ai_addr, address->ai_addrlen, ret_text, LDAP_ADDRESS_SIZE, NULL, 0,
                    NI_NUMERICHOST) != 0)
        ret_text[0] = '\0';
}

/* Puts the address that is written so at the front, where it is among them. */
static struct addrinfo *
prefer(struct addrinfo *addresses, const char *wanted)
{
    char text[LDAP_ADDRESS_SIZE];

    for (struct addrinfo *before = addresses; before->ai_next; before = before->ai_next) {
        struct addrinfo *found = before->ai_next;

        write_address(found, text);
        if (strcmp(text, wanted) != 0)
            continue;
        before->ai_next = found->ai_next;
        found->ai_next = addresses;
        return found;
    }
    return addresses;
}

/* The first that takes a connection goes to ret_used. */
static int
connect_any(const struct addrinfo *addresses, int64_t deadline, const struct addrinfo **ret_used)
{
    int fd = -1, left = 0;

    for (const struct addrinfo *next = addresses; next; next = next->ai_next)
        left++;
    for (const struct addrinfo *next = addresses; next && fd < 0; next = next->ai_next, left--) {
        int64_t now = now_milliseconds();

        /* One address that never answers must leave time for the others. */
        fd = open_until(next->ai_family, next->ai_addr, next->ai_addrlen,
                        now + (deadline - now) / left);
        *ret_used = next;
    }
    return fd;
}

static int
connect_host(const LDAPURLDesc *url, char address[LDAP_ADDRESS_SIZE], int64_t deadline,
             struct error *err)
{
    struct addrinfo *addresses = NULL;
    const struct addrinfo *used = NULL;
    char where[512];
    int fd;

    if (!ldap_socket_resolve(url, &addresses, err))
        return -1;
    addresses = prefer(addresses, address);
    address[0] = '\0';
    write_place(url, where, sizeof where);
    fd = connect_any(addresses, deadline, &used);
    if (fd < 0) {
        unreachable(err, "cannot connect to %s: %s", where, strerror(errno));
    } else {
        if (addresses->ai_next)
            write_address(used, address);
        tune(fd);
    }
    freeaddrinfo(addresses);
    return fd;
}

static int
connect_path(const char *path, int64_t deadline, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path) {
        error_set(err, ERROR_CONFIG, "the path of the socket '%s' is too long", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    fd = open_until(AF_UNIX, (const struct sockaddr *)&address, sizeof address, deadline);
    if (fd < 0)
        unreachable(err, "cannot connect to the socket '%s': %s", path, strerror(errno));
    return fd;
}

int
ldap_socket_connect(const LDAPURLDesc *url, char address[LDAP_ADDRESS_SIZE],
                    unsigned timeout_seconds, struct error *err)
{
    int64_t deadline = ldap_socket_deadline(timeout_seconds);

    if (strcmp(url->lud_scheme, "ldapi") == 0)
        return connect_path(url->lud_host, deadline, err);
    return connect_host(url, address, deadline, err);
}

static int
fail(struct ldap_socket *socket, int reason)
{
    if (socket->reason == 0)
        socket->reason = reason;
    errno = reason;
    return -1;
}

static ber_slen_t
receive(struct ldap_socket *socket, char *data, size_t length)
{
    for (;;) {
        ssize_t got = recv(socket->fd, data, length, 0);

        if (got > 0)
            return got;
        if (got == 0) {
            socket->closed = true;
            errno = 0;
            return 0;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return fail(socket, errno);
        if (socket->deadline == 0)
            return -1;
        if (!ldap_socket_wait(socket->fd, POLLIN, socket->deadline))
            return fail(socket, errno);
    }
}

static ber_slen_t
io_read(Sockbuf_IO_Desc *desc, void *data, ber_len_t length)
{
    struct ldap_socket *socket = desc->sbiod_pvt;
    size_t have = socket->end - socket->start;

    if (socket->broken)
        return fail(socket, EPIPE);
    if (have == 0) {
        ber_slen_t got;

        if (length >= AHEAD_BYTES)
            return receive(socket, data, length);
        got = receive(socket, socket->ahead, AHEAD_BYTES);
        if (got <= 0)
            return got;
        socket->start = 0;
        socket->end = have = (size_t)got;
    }
    if (have > length)
        have = length;
    memcpy(data, socket->ahead + socket->start, have);
    socket->start += have;
    return (ber_slen_t)have;
}

static ber_slen_t
io_write(Sockbuf_IO_Desc *desc, void *data, ber_len_t length)
{
    struct ldap_socket *socket = desc->sbiod_pvt;
    int64_t deadline = ldap_socket_deadline(socket->write_seconds);

    if (socket->broken)
        return fail(socket, EPIPE);
    for (;;) {
        ssize_t put = send(socket->fd, data, length, MSG_NOSIGNAL);

        if (put >= 0)
            return put;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return fail(socket, errno);
        if (!ldap_socket_wait(socket->fd, POLLOUT, deadline))
            return fail(socket, errno);
    }
}

static int
io_setup(Sockbuf_IO_Desc *desc, void *socket)
{
    desc->sbiod_pvt = socket;
    return 0;
}

static int
io_remove(Sockbuf_IO_Desc *desc)
{
    desc->sbiod_pvt = NULL;
    return 0;
}

static int
io_control(Sockbuf_IO_Desc *desc, int option, void *argument)
{
    const struct ldap_socket *socket = desc->sbiod_pvt;

    (void)argument;
    return option == LBER_SB_OPT_DATA_READY && socket->end > socket->start;
}

static int
io_close(Sockbuf_IO_Desc *desc)
{
    struct ldap_socket *socket = desc->sbiod_pvt;

    if (socket->fd >= 0)
        close(socket->fd);
    socket->fd = -1;
    return 0;
}

struct ldap_socket *
ldap_socket_attach(LDAP *ld, int fd, unsigned write_seconds)
{
    struct ldap_socket *socket = memory_alloc(sizeof *socket);
    ber_len_t most = MESSAGE_BYTES_MOST;
    Sockbuf *buffer = NULL;

    memset(socket, 0, offsetof(struct ldap_socket, ahead));
    socket->io = (Sockbuf_IO){.sbi_setup = io_setup,
                              .sbi_remove = io_remove,
                              .sbi_ctrl = io_control,
                              .sbi_read = io_read,
                              .sbi_write = io_write,
                              .sbi_close = io_close};
    socket->fd = fd;
    socket->write_seconds = write_seconds;
    ldap_get_option(ld, LDAP_OPT_SOCKBUF, &buffer);
    ber_sockbuf_add_io(buffer, &socket->io, LBER_SBIOD_LEVEL_PROVIDER, socket);
    ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most);
    return socket;
}

void
ldap_socket_set_deadline(struct ldap_socket *socket, unsigned seconds)
{
    socket->deadline = seconds ? ldap_socket_deadline(seconds) : 0;
}

void
ldap_socket_break(struct ldap_socket *socket)
{
    socket->broken = true;
}

const char *
ldap_socket_trouble(const struct ldap_socket *socket)
{
    if (socket->closed)
        return "the server closed the connection";
    return socket->reason ? strerror(socket->reason) : NULL;
}

bool
ldap_socket_works(const struct ldap_socket *socket)
{
    return !socket->broken && !ldap_socket_trouble(socket);
}

bool
ldap_socket_timed_out(const struct ldap_socket *socket)
{
    return socket->reason == ETIMEDOUT;
}

void
ldap_socket_free(struct ldap_socket *socket)
{
    if (!socket)
        return;
    if (socket->fd >= 0)
        close(socket->fd);
    free(socket);
}
