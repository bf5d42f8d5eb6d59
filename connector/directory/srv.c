#include "directory/srv.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    PORT_MOST = 65535,
    HEAD_BYTES = 6 /* priority, weight and port, before the host's name */
};

bool
srv_is_name(struct slice name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    for (size_t i = 0; i < name.length; i++)
        if (!memchr(allowed, name.data[i], sizeof allowed - 1))
            return false;
    return name.length > 0 && name.data[0] != '.' && name.data[name.length - 1] != '.';
}

/* Names are compared and kept for the next run: case must not tell them apart. */
static const char *
lower(struct arena *arena, const char *host)
{
    char *copy = arena_string(arena, host);

    for (char *at = copy; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

static bool
read_record(struct arena *arena, const ns_msg *message, const ns_rr *rr,
            struct srv_record *ret_record)
{
    const unsigned char *data = ns_rr_rdata(*rr);
    char host[NS_MAXDNAME];

    if (ns_rr_type(*rr) != ns_t_srv || ns_rr_class(*rr) != ns_c_in || ns_rr_rdlen(*rr) < HEAD_BYTES)
        return false;
    if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), data + HEAD_BYTES, host,
                           sizeof host) < 0 ||
        !srv_is_name(slice_of(host)))
        return false;
    *ret_record = (struct srv_record){.host = lower(arena, host),
                                      .priority = ns_get16(data),
                                      .weight = ns_get16(data + 2),
                                      .port = ns_get16(data + 4)};
    return ret_record->port > 0;
}

bool
srv_parse(struct arena *arena, struct slice message, struct srv_records *ret_records)
{
    ns_msg parsed;
    int count;

    *ret_records = (struct srv_records){NULL, 0};
    if (message.length > NS_MAXMSG ||
        ns_initparse((const unsigned char *)message.data, (int)message.length, &parsed) < 0)
        return false;
    count = ns_msg_count(parsed, ns_s_an);
    ret_records->items = arena_alloc(arena, (size_t)count * sizeof *ret_records->items);
    for (int i = 0; i < count; i++) {
        ns_rr rr;

        if (ns_parserr(&parsed, ns_s_an, i, &rr) < 0) {
            ret_records->count = 0;
            return false;
        }
        if (read_record(arena, &parsed, &rr, &ret_records->items[ret_records->count]))
            ret_records->count++;
    }
    return true;
}

/* Why there is no answer; NULL: there is one, that there is no such name or no such record. */
static const char *
words_of(int reason)
{
    switch (reason) {
    case HOST_NOT_FOUND:
    case NO_DATA:
        return NULL;
    case TRY_AGAIN:
        return "no name server answers, or none knows at present";
    case NO_RECOVERY:
        return "the name server refuses to say";
    default:
        return strerror(errno);
    }
}

static bool
fail(struct error *err, const char *name, const char *why)
{
    error_set(err, ERROR_UNAVAILABLE, "cannot look up '%s': %s", name, why);
    err->transient = true;
    return error_hint(err, "Check this machine's DNS (/etc/resolv.conf).");
}

bool
srv_look_up(struct arena *arena, const char *name, struct srv_records *ret_records,
            struct error *err)
{
    struct __res_state state = {0};
    unsigned char *answer;
    const char *why = NULL;
    int length;

    *ret_records = (struct srv_records){NULL, 0};
    if (res_ninit(&state) < 0)
        return fail(err, name, strerror(errno));
    answer = memory_alloc(NS_MAXMSG);
    length = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, NS_MAXMSG);
    if (length < 0)
        why = words_of(state.res_h_errno);
    else if (length > NS_MAXMSG ||
             !srv_parse(arena, (struct slice){(const char *)answer, (size_t)length}, ret_records))
        why = "the answer cannot be read";
    res_nclose(&state);
    free(answer);
    return why ? fail(err, name, why) : true;
}

static unsigned
draw_any(void *context, unsigned most)
{
    unsigned chance = 0;

    (void)context;
    /* Without it the first is as good as any. */
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        return 0;
    return chance % (most + 1);
}

/* Those without weight first among equals, as RFC 2782 wants it; host and port only make it the
 * same always. */
static int
compare(const void *left, const void *right)
{
    const struct srv_record *a = left, *b = right;
    int hosts = strcmp(a->host, b->host);

    if (a->priority != b->priority)
        return a->priority < b->priority ? -1 : 1;
    if ((a->weight > 0) != (b->weight > 0))
        return a->weight > 0 ? 1 : -1;
    return hosts ? hosts : (a->port > b->port) - (a->port < b->port);
}

/* The index of one of those of the first one's priority, drawn by weight. */
static size_t
choose(const struct srv_record *records, size_t count, const struct srv_chance *chance)
{
    unsigned total = 0, drawn, sum = records[0].weight;
    size_t chosen = 0;

    for (size_t i = 0; i < count && records[i].priority == records[0].priority; i++)
        total += records[i].weight;
    drawn = chance->draw(chance->context, total);
    while (sum < drawn)
        sum += records[++chosen].weight;
    return chosen;
}

void
srv_sort(struct srv_records *records, const struct srv_chance *chance)
{
    static const struct srv_chance any = {draw_any, NULL};
    struct srv_record *items = records->items;

    if (records->count < 2)
        return;
    qsort(items, records->count, sizeof *items, compare);
    for (size_t i = 0; i + 1 < records->count; i++) {
        size_t at = i + choose(items + i, records->count - i, chance ? chance : &any);
        struct srv_record chosen = items[at];

        memmove(items + i + 1, items + i, (at - i) * sizeof chosen);
        items[i] = chosen;
    }
}
