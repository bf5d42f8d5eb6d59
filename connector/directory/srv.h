/* srv: the servers of a service, as DNS names them (RFC 2782).
 *
 * Order of use: look up, then sort. What DNS says is not authenticated: who uses it has to make
 * sure of the server by other means (its certificate).
 */
#ifndef DIRECTORY_SRV_H
#define DIRECTORY_SRV_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct srv_record {
    const char *host; /* letters in lower case, digits, '-', '_', '.'; without a '.' at the end */
    unsigned priority, weight, port;
};

struct srv_records {
    struct srv_record *items;
    size_t count;
};

/* The records of a name such as "_ldap._tcp.example.edu", in the arena; none is success. False
 * with err (ERROR_UNAVAILABLE, transient) where DNS does not say. */
bool srv_look_up(struct arena *arena, const char *name, struct srv_records *ret_records,
                 struct error *err);

/* The records in the answer section of a DNS message. Those without a usable host or port are left
 * out, also the one with the host "." that says that there is no such service. False: it is no DNS
 * message. */
bool srv_parse(struct arena *arena, struct slice message, struct srv_records *ret_records);

/* Where chance comes from: a number of 0 to `most`. */
struct srv_chance {
    unsigned (*draw)(void *context, unsigned most);
    void *context;
};

/* Brings them into the order in which they are to be tried: by priority, and among equals at
 * random, by weight. NULL: the system's chance. */
void srv_sort(struct srv_records *records, const struct srv_chance *chance);

/* Whether it is the name of a host or domain: letters, digits, '-', '_' and '.'. */
bool srv_is_name(struct slice name);

#endif
