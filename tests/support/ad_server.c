/* ad_server: a domain controller of Active Directory for tests, as far as a reader sees it.
 *
 * Samba does not do all that Microsoft documents: it sends pages and lists of values of any size,
 * and answers DirSync in one round. This one does: pages of at most 1000 entries whose cookie is
 * good for one connection, lists of values in ranges of 1500, DirSync in several rounds and an
 * object in pieces, references to the other partitions, logins refused by number. It takes changes
 * over LDAP as well, keeps tombstones, and counts changes.
 *
 * Options: --ldif FILE (its entries; userPassword is an account's password, testRefusal the number
 * with which its login is refused), --base DN, --host NAME, --child NAME (of a domain below),
 * --invocation HEX, --port N,
 * --page-size N, --range-size N, --empty-pages N, --forget-pages N, --dirsync-objects N,
 * --dirsync-attributes N,
 * --no-referrals, --no-replication-right, --need-signing, --read-only, --global-catalog.
 * Prints "port N" when it is ready, and to standard error a line for each request: "search BASE",
 * "bind NAME".
 * There is no TLS. It ends with a signal.
 */
#include "ad_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <ldap.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MOST = 64, MESSAGE_MOST = 1 << 24, USAGE_STATUS = 64 };

struct ad_result *
ad_result_set(struct ad_result *result, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(result->text, sizeof result->text, format, arguments);
    va_end(arguments);
    result->code = code;
    return result;
}

static bool
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = send(fd, bytes, length, MSG_NOSIGNAL);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* Who has hung up is noticed when he is read from. */
void
ad_send(const struct ad_request *request, BerElement *message)
{
    struct berval bytes;

    if (ber_flatten2(message, &bytes, 0) == 0)
        write_all(request->connection->socket, bytes.bv_val, bytes.bv_len);
    ber_free(message, 1);
}

void
ad_send_result(const struct ad_request *request, ber_tag_t kind, const struct ad_result *result)
{
    BerElement *message = ber_alloc_t(LBER_USE_DER);

    ber_printf(message, "{it{ess", request->number, kind, result->code,
               result->matched ? result->matched : "", result->text);
    if (result->referral)
        ber_printf(message, "t{s}", LDAP_TAG_REFERRAL, result->referral);
    ber_printf(message, "}");
    if (result->control)
        ber_printf(message, "t{{sO}}", LDAP_TAG_CONTROLS, result->control, &result->value);
    ber_printf(message, "}");
    ad_send(request, message);
}

bool
ad_control(const struct ad_request *request, const char *oid, struct berval *ret_value)
{
    for (size_t i = 0; i < request->control_count; i++) {
        const struct ad_control *control = &request->controls[i];

        if (control->oid.bv_len == strlen(oid) &&
            memcmp(control->oid.bv_val, oid, control->oid.bv_len) == 0) {
            *ret_value = control->value;
            return true;
        }
    }
    return false;
}

static void
read_controls(struct ad_request *request, BerElement *list)
{
    struct berval critical;
    ber_len_t length;

    while (request->control_count < AD_CONTROLS_MOST) {
        struct ad_control control = {.value = {0, NULL}};

        if (ber_scanf(list, "{m", &control.oid) == LBER_ERROR)
            return;
        if (ber_peek_tag(list, &length) == LBER_BOOLEAN)
            ber_skip_element(list, &critical);
        if (ber_peek_tag(list, &length) == LBER_OCTETSTRING)
            ber_scanf(list, "m", &control.value);
        request->controls[request->control_count++] = control;
    }
}

static void
refuse_extended(const struct ad_request *request)
{
    struct ad_result result = {0};

    ad_send_result(request, LDAP_RES_EXTENDED,
                   ad_result_set(&result, LDAP_PROTOCOL_ERROR,
                                 "0000203D: LdapErr: DSID-0C090E17, comment: Unknown extended "
                                 "request OID, data 0, v4563"));
}

static void
tell(const struct ad_request *request, const char *word)
{
    struct berval name = {0, NULL};
    BerElement *copy = ber_dup(request->body);

    if (ber_scanf(copy, request->kind == LDAP_REQ_BIND ? "{xo" : "{o", &name) != LBER_ERROR)
        fprintf(stderr, "%s %s\n", word, name.bv_val);
    ber_memfree(name.bv_val);
    ber_free(copy, 0);
}

/* False: the connection ends. */
static bool
dispatch(const struct ad_request *request)
{
    switch (request->kind) {
    case LDAP_REQ_UNBIND:
        return false;
    case LDAP_REQ_BIND:
        tell(request, "bind");
        ad_bind(request);
        break;
    case LDAP_REQ_SEARCH:
        tell(request, "search");
        ad_search(request);
        break;
    case LDAP_REQ_ADD:
    case LDAP_REQ_MODIFY:
    case LDAP_REQ_MODRDN:
    case LDAP_REQ_DELETE:
        ad_change(request);
        break;
    case LDAP_REQ_EXTENDED:
        refuse_extended(request);
        break;
    default:
        break;
    }
    return true;
}

static bool
read_all(int fd, char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t got = recv(fd, bytes, length, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        length -= (size_t)got;
    }
    return true;
}

/* One message, whole; NULL: the connection is over. The caller frees it. */
static char *
read_message(int fd, size_t *ret_length)
{
    unsigned char head[6];
    size_t head_length = 2, length;
    char *message;

    if (!read_all(fd, (char *)head, 2))
        return NULL;
    length = head[1];
    if (head[1] & 0x80) {
        size_t octets = head[1] & 0x7f;

        if (octets == 0 || octets > 4 || !read_all(fd, (char *)head + 2, octets))
            return NULL;
        head_length += octets;
        for (length = 0; octets > 0; octets--)
            length = length << 8 | head[head_length - octets];
    }
    if (length > MESSAGE_MOST || !(message = malloc(head_length + length)))
        return NULL;
    memcpy(message, head, head_length);
    *ret_length = head_length + length;
    if (read_all(fd, message + head_length, length))
        return message;
    free(message);
    return NULL;
}

/* The operation is at its element, the controls behind it. */
static bool
serve_message(struct ad_request *request, BerElement *message)
{
    struct berval operation, controls = {0, NULL};
    BerElement *list;
    ber_len_t rest;
    bool goes_on;

    if (ber_scanf(message, "{i", &request->number) == LBER_ERROR)
        return false;
    request->kind = ber_peek_tag(message, &rest);
    if (ber_skip_raw(message, &operation) == LBER_DEFAULT)
        return false;
    if (ber_peek_tag(message, &rest) == LDAP_TAG_CONTROLS)
        ber_skip_element(message, &controls);
    list = ad_reader(&controls);
    read_controls(request, list);
    request->body = ad_reader(&operation);
    goes_on = dispatch(request);
    ber_free(request->body, 1);
    ber_free(list, 1);
    return goes_on;
}

static bool
serve(struct ad_server *server, struct ad_connection *connection)
{
    struct ad_request request = {.server = server, .connection = connection};
    size_t length = 0;
    char *message = read_message(connection->socket, &length);
    BerElement *reader;
    bool goes_on;

    if (!message)
        return false;
    reader = ad_reader(&(struct berval){length, message});
    goes_on = serve_message(&request, reader);
    ber_free(reader, 1);
    free(message);
    return goes_on;
}

static int
listen_on(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, CONNECTIONS_MOST) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        perror("ad_server");
        exit(1);
    }
    printf("port %u\n", ntohs(address.sin_port));
    return fd;
}

static void
hang_up(struct ad_connection *connection)
{
    close(connection->socket);
    free(connection->account);
    free(connection->paging.left);
    *connection = (struct ad_connection){.socket = -1};
}

static void
take_connection(int listener, struct ad_connection *connections)
{
    int fd = accept(listener, NULL, NULL), yes = 1;

    for (int i = 0; i < CONNECTIONS_MOST && fd >= 0; i++)
        if (connections[i].socket < 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            connections[i].socket = fd;
            return;
        }
    close(fd);
}

static void
run(struct ad_server *server, int listener)
{
    struct ad_connection connections[CONNECTIONS_MOST];
    struct pollfd polled[CONNECTIONS_MOST + 1];

    for (int i = 0; i < CONNECTIONS_MOST; i++)
        connections[i] = (struct ad_connection){.socket = -1};
    for (;;) {
        for (int i = 0; i < CONNECTIONS_MOST; i++)
            polled[i] = (struct pollfd){connections[i].socket, POLLIN, 0};
        polled[CONNECTIONS_MOST] = (struct pollfd){listener, POLLIN, 0};
        if (poll(polled, CONNECTIONS_MOST + 1, -1) < 0)
            continue;
        for (int i = 0; i < CONNECTIONS_MOST; i++)
            if (polled[i].revents && !serve(server, &connections[i]))
                hang_up(&connections[i]);
        if (polled[CONNECTIONS_MOST].revents)
            take_connection(listener, connections);
    }
}

static bool
take_option(struct ad_options *options, int option, const char *value)
{
    const struct {
        int option;
        const char **text;
        unsigned *number;
    } targets[] = {
        {'l', &options->ldif, NULL},
        {'b', &options->base, NULL},
        {'h', &options->host, NULL},
        {'c', &options->child, NULL},
        {'i', &options->invocation, NULL},
        {'p', NULL, &options->port},
        {'s', NULL, &options->page_size},
        {'v', NULL, &options->range_size},
        {'e', NULL, &options->empty_pages},
        {'f', NULL, &options->forget_pages},
        {'o', NULL, &options->dirsync_objects},
        {'a', NULL, &options->dirsync_attributes},
    };

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        if (targets[i].option == option) {
            if (targets[i].text)
                *targets[i].text = value;
            else
                *targets[i].number = (unsigned)strtoul(value, NULL, 10);
            return true;
        }
    return false;
}

static void
read_options(struct ad_options *options, int count, char **arguments)
{
    const struct option names[] = {
        {"ldif", 1, NULL, 'l'},
        {"base", 1, NULL, 'b'},
        {"host", 1, NULL, 'h'},
        {"child", 1, NULL, 'c'},
        {"invocation", 1, NULL, 'i'},
        {"port", 1, NULL, 'p'},
        {"page-size", 1, NULL, 's'},
        {"range-size", 1, NULL, 'v'},
        {"empty-pages", 1, NULL, 'e'},
        {"forget-pages", 1, NULL, 'f'},
        {"dirsync-objects", 1, NULL, 'o'},
        {"dirsync-attributes", 1, NULL, 'a'},
        {"no-referrals", 0, &options->referrals, 0},
        {"no-replication-right", 0, &options->replication_right, 0},
        {"need-signing", 0, &options->need_signing, 1},
        {"read-only", 0, &options->read_only, 1},
        {"global-catalog", 0, &options->global_catalog, 1},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(count, arguments, "", names, NULL)) != -1)
        if (option != 0 && !take_option(options, option, optarg))
            exit(USAGE_STATUS);
}

int
main(int count, char **arguments)
{
    struct ad_server server = {.options = {.base = "DC=example,DC=edu",
                                           .host = "dc1.example.edu",
                                           .invocation = "0123456789abcdef0123456789abcdef",
                                           .page_size = 1000,
                                           .range_size = 1500,
                                           .referrals = 1,
                                           .replication_right = 1}};

    setvbuf(stdout, NULL, _IOLBF, 0);
    read_options(&server.options, count, arguments);
    if (strlen(server.options.invocation) != 2 * (size_t)AD_GUID_BYTES)
        exit(USAGE_STATUS);
    ad_store_open(&server.store, server.options.base);
    if (server.options.ldif)
        ad_store_load(&server.store, server.options.ldif);
    ad_add_configuration(&server);
    run(&server, listen_on(server.options.port));
}
