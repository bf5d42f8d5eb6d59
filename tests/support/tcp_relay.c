/* tcp_relay: hands TCP connections on to a server of this machine, the way a bad network would.
 *
 *   tcp_relay --listen PORT --target PORT [faults]
 *     --listen PORT         on 127.0.0.1; 0 takes a free one. "listening PORT" is printed.
 *     --host N              … on 127.0.0.N instead
 *     --target PORT         of the server on 127.0.0.1
 *     --delay-ms N          each byte arrives N ms later, in both directions (half a round trip)
 *     --rate KIB            at most so many KiB a second in each direction
 *     --cut-after BYTES     the connection is closed when so many bytes went --cut-direction
 *     --reset               … by a reset instead of an orderly end
 *     --stall-after BYTES   nothing goes either way any more when so many bytes went
 *                           --cut-direction; the connection stays open
 *     --cut-direction D     up (to the server) or down (from it, the default)
 *     --faulty N            cut or stall only the first N connections; 0, the default: all
 *
 * It runs until it is killed. One thread and poll(); what is under way waits in a queue of chunks,
 * each with the time when it is due.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 64 * 1024,
    QUEUE_BYTES_MOST = 32 * 1024 * 1024, /* 40 ms at 800 MB/s */
    LINKS_MOST = 256,
    BACKLOG = 64,
    USAGE_STATUS = 64
};

struct faults {
    long delay_ms;
    long rate_kib;    /* 0: any */
    long cut_after;   /* -1: never */
    long stall_after; /* -1: never */
    bool up;
    bool reset;
    long faulty;
};

struct chunk {
    struct chunk *next;
    int64_t due; /* microseconds */
    size_t length, sent;
    char data[CHUNK_BYTES];
};

/* One direction of a connection. */
struct stream {
    int from, to;
    struct chunk *first, **last;
    size_t queued;
    int64_t passed;   /* bytes handed on */
    int64_t next_due; /* with a rate: when the next byte may come out */
    bool ended;       /* no more comes in */
    bool closed;      /* and the other side was told */
};

struct link {
    struct stream up, down;
    bool faulty, stalled, dead;
};

struct relay {
    struct faults faults;
    int listener;
    int target_port;
    long host; /* the last part of its own address; 0: 1 */
    long connections;
    struct link *links[LINKS_MOST];
    size_t link_count;
};

static _Noreturn void
die(const char *what)
{
    fprintf(stderr, "tcp_relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct sockaddr_in
loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void
prepare(int fd)
{
    int on = 1;

    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static void
stream_init(struct stream *stream, int from, int to)
{
    stream->from = from;
    stream->to = to;
    stream->last = &stream->first;
}

static void
accept_link(struct relay *relay)
{
    struct sockaddr_in address = loopback(relay->target_port);
    int client = accept(relay->listener, NULL, NULL);
    int server = client < 0 ? -1 : socket(AF_INET, SOCK_STREAM, 0);
    struct link *link;

    if (server < 0 || relay->link_count == LINKS_MOST ||
        connect(server, (struct sockaddr *)&address, sizeof address) < 0) {
        if (client >= 0)
            close(client);
        if (server >= 0)
            close(server);
        return;
    }
    prepare(client);
    prepare(server);
    link = calloc(1, sizeof *link);
    if (!link)
        die("memory");
    stream_init(&link->up, client, server);
    stream_init(&link->down, server, client);
    link->faulty = relay->faults.faulty == 0 || relay->connections < relay->faults.faulty;
    relay->connections++;
    relay->links[relay->link_count++] = link;
}

static void
stream_free(struct stream *stream)
{
    while (stream->first) {
        struct chunk *next = stream->first->next;

        free(stream->first);
        stream->first = next;
    }
}

static void
link_free(struct link *link)
{
    close(link->up.from);
    close(link->up.to);
    stream_free(&link->up);
    stream_free(&link->down);
    free(link);
}

static void
cut(struct link *link, bool reset)
{
    const struct linger hard = {.l_onoff = 1, .l_linger = 0};

    if (reset) {
        setsockopt(link->up.from, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        setsockopt(link->up.to, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    link->dead = true;
}

static bool
wants_input(const struct link *link, const struct stream *stream)
{
    return !link->stalled && !stream->ended && stream->queued < QUEUE_BYTES_MOST;
}

static bool
is_due(const struct link *link, const struct stream *stream, int64_t now)
{
    return !link->stalled && stream->first && stream->first->due <= now;
}

static void
take_input(struct stream *stream, const struct faults *faults)
{
    struct chunk *chunk = malloc(sizeof *chunk);
    int64_t now = now_us();
    ssize_t got;

    if (!chunk)
        die("memory");
    got = recv(stream->from, chunk->data, sizeof chunk->data, 0);
    if (got <= 0) {
        free(chunk);
        stream->ended = got == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    chunk->next = NULL;
    chunk->due = now + faults->delay_ms * 1000;
    chunk->length = (size_t)got;
    chunk->sent = 0;
    stream->queued += (size_t)got;
    *stream->last = chunk;
    stream->last = &chunk->next;
    if (faults->rate_kib > 0) {
        int64_t begin = stream->next_due > now ? stream->next_due : now;

        stream->next_due = begin + got * 1000000 / (faults->rate_kib * 1024);
        chunk->due += stream->next_due - now;
    }
}

/* How much of `length` may go before a fault at `limit` strikes. */
static size_t
allowed(const struct stream *stream, long limit, size_t length)
{
    int64_t left = limit - stream->passed;

    if (limit < 0 || left >= (int64_t)length)
        return length;
    return left > 0 ? (size_t)left : 0;
}

static void
send_chunk(struct link *link, struct stream *stream, const struct faults *faults)
{
    struct chunk *chunk = stream->first;
    bool struck = link->faulty && (stream == &link->up) == faults->up;
    size_t length = chunk->length - chunk->sent;
    ssize_t put;

    if (struck)
        length = allowed(stream, faults->stall_after, allowed(stream, faults->cut_after, length));
    put = length ? send(stream->to, chunk->data + chunk->sent, length, MSG_NOSIGNAL) : 0;
    if (put < 0 && errno != EAGAIN && errno != EINTR)
        link->dead = true;
    if (put > 0) {
        chunk->sent += (size_t)put;
        stream->passed += put;
        stream->queued -= (size_t)put;
    }
    if (struck && faults->cut_after >= 0 && stream->passed >= faults->cut_after)
        cut(link, faults->reset);
    if (struck && faults->stall_after >= 0 && stream->passed >= faults->stall_after)
        link->stalled = true;
    if (chunk->sent == chunk->length) {
        stream->first = chunk->next;
        if (!stream->first)
            stream->last = &stream->first;
        free(chunk);
    }
}

static void
end_stream(struct stream *stream)
{
    if (!stream->ended || stream->first || stream->closed)
        return;
    shutdown(stream->to, SHUT_WR);
    stream->closed = true;
}

/* Fills two poll entries for a link; returns how long, in microseconds, until something is due. */
static int64_t
watch(const struct link *link, struct pollfd *polls, int64_t now)
{
    const struct stream *streams[] = {&link->up, &link->down};
    int64_t soonest = INT64_MAX;

    for (int i = 0; i < 2; i++) {
        polls[i] = (struct pollfd){.fd = streams[i]->from};
        if (wants_input(link, streams[i]))
            polls[i].events |= POLLIN;
        /* The other stream's way out is this one's way in. */
        if (is_due(link, streams[1 - i], now))
            polls[i].events |= POLLOUT;
        if (!link->stalled && streams[i]->first && streams[i]->first->due - now < soonest)
            soonest = streams[i]->first->due - now;
        /* An error is told even to those who ask for nothing. */
        if (polls[i].events == 0)
            polls[i].fd = -1;
    }
    return soonest;
}

static void
serve(struct link *link, const struct pollfd *polls, const struct faults *faults)
{
    struct stream *streams[] = {&link->up, &link->down};

    for (int i = 0; i < 2 && !link->dead; i++) {
        if (polls[i].revents & (POLLIN | POLLHUP | POLLERR) && wants_input(link, streams[i]))
            take_input(streams[i], faults);
        if (polls[i].revents & POLLOUT && is_due(link, streams[1 - i], now_us()))
            send_chunk(link, streams[1 - i], faults);
    }
    end_stream(&link->up);
    end_stream(&link->down);
    if (link->up.closed && link->down.closed)
        link->dead = true;
}

static void
bury_dead(struct relay *relay)
{
    for (size_t i = 0; i < relay->link_count;) {
        if (!relay->links[i]->dead) {
            i++;
            continue;
        }
        link_free(relay->links[i]);
        relay->links[i] = relay->links[--relay->link_count];
    }
}

static _Noreturn void
run(struct relay *relay)
{
    struct pollfd polls[1 + 2 * LINKS_MOST];

    for (;;) {
        int64_t now = now_us(), soonest = INT64_MAX;
        size_t watched = relay->link_count;
        int wait = -1;

        polls[0] = (struct pollfd){.fd = relay->listener, .events = POLLIN};
        for (size_t i = 0; i < watched; i++) {
            int64_t due = watch(relay->links[i], polls + 1 + 2 * i, now);

            /* What is due already waits for its socket and not for the clock. */
            if (due > 0 && due < soonest)
                soonest = due;
        }
        if (soonest != INT64_MAX)
            wait = (int)(soonest / 1000 + 1);
        if (poll(polls, (nfds_t)(1 + 2 * watched), wait) < 0 && errno != EINTR)
            die("poll");
        for (size_t i = 0; i < watched; i++)
            serve(relay->links[i], polls + 1 + 2 * i, &relay->faults);
        if (polls[0].revents & POLLIN)
            accept_link(relay);
        bury_dead(relay);
    }
}

static int
listen_on(int port, long host)
{
    struct sockaddr_in address = loopback(port);
    socklen_t size = sizeof address;
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

    if (host)
        address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00) | (uint8_t)host);
    if (listener < 0)
        die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, BACKLOG) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        die("listen");
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void
read_options(struct relay *relay, int *ret_listen, int count, char **arguments)
{
    static const struct option names[] = {
        {"listen", 1, NULL, 'l'},      {"target", 1, NULL, 't'},    {"delay-ms", 1, NULL, 'd'},
        {"rate", 1, NULL, 'r'},        {"cut-after", 1, NULL, 'c'}, {"cut-direction", 1, NULL, 'D'},
        {"stall-after", 1, NULL, 's'}, {"reset", 0, NULL, 'R'},     {"faulty", 1, NULL, 'f'},
        {"host", 1, NULL, 'h'},        {NULL, 0, NULL, 0},
    };
    struct faults *faults = &relay->faults;
    long listen_port = 0, target_port = 0;
    const struct {
        int option;
        long *target;
    } numbers[] = {
        {'l', &listen_port},      {'t', &target_port},       {'d', &faults->delay_ms},
        {'r', &faults->rate_kib}, {'c', &faults->cut_after}, {'s', &faults->stall_after},
        {'f', &faults->faulty},   {'h', &relay->host},
    };
    int option;

    while ((option = getopt_long(count, arguments, "", names, NULL)) != -1) {
        if (option == '?')
            exit(USAGE_STATUS);
        faults->reset |= option == 'R';
        if (option == 'D')
            faults->up = strcmp(optarg, "up") == 0;
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
            if (numbers[i].option == option)
                *numbers[i].target = strtol(optarg, NULL, 10);
    }
    *ret_listen = (int)listen_port;
    relay->target_port = (int)target_port;
}

int
main(int count, char **arguments)
{
    struct relay relay = {.faults = {.cut_after = -1, .stall_after = -1}};
    int port = 0;

    read_options(&relay, &port, count, arguments);
    if (relay.target_port == 0) {
        fprintf(stderr, "tcp_relay: --target PORT is missing\n");
        return USAGE_STATUS;
    }
    relay.listener = listen_on(port, relay.host);
    run(&relay);
}
