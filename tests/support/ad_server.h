/* ad_server: what the parts of the tests' Active Directory share: the options, a connection, a
 * request, how results are sent.
 */
#ifndef SUPPORT_AD_SERVER_H
#define SUPPORT_AD_SERVER_H

#include "ad_store.h"

#include <lber.h>
#include <stdio.h>

struct ad_options {
    const char *ldif;
    const char *base;
    const char *host;
    const char *child;      /* a domain below this one; NULL: none */
    const char *invocation; /* 32 hexadecimal digits */
    unsigned port;
    unsigned page_size;          /* MaxPageSize */
    unsigned range_size;         /* MaxValRange */
    unsigned empty_pages;        /* in front of each page that has entries */
    unsigned forget_pages;       /* the place in a list, after so many pages, once; 0: never */
    unsigned dirsync_objects;    /* a round; 0: all in one */
    unsigned dirsync_attributes; /* of an object a round; 0: all in one */
    int referrals;               /* to the other partitions, at the root of the domain */
    int replication_right;       /* of who logs in: Replicating Directory Changes */
    int need_signing;            /* no simple login without TLS, which there is none */
    int read_only, global_catalog;
};

/* A paged search that is not at its end yet, kept for one connection. */
struct ad_paging {
    struct ad_entry **left;
    size_t count, at;
    unsigned number; /* the cookie; 0: there is none */
    unsigned empty;  /* pages to come */
};

struct ad_connection {
    int socket;
    char *account; /* who is logged in; NULL: nobody */
    struct ad_paging paging;
};

struct ad_server {
    struct ad_options options;
    struct ad_store store;
    unsigned cookies; /* given out */
};

struct ad_control {
    struct berval oid, value; /* in the bytes of the request */
};
enum { AD_CONTROLS_MOST = 8 };

struct ad_request {
    struct ad_server *server;
    struct ad_connection *connection;
    ber_int_t number;
    ber_tag_t kind;
    BerElement *body; /* at the operation's element */
    struct ad_control controls[AD_CONTROLS_MOST];
    size_t control_count;
};

struct ad_result {
    int code;
    const char *matched;
    char text[512];
    const char *referral; /* NULL: none */
    const char *control;  /* an OID and its value; NULL: none */
    struct berval value;
};

/* Names the result, with Active Directory's text. Returns it, to be sent. */
struct ad_result *ad_result_set(struct ad_result *result, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void ad_send_result(const struct ad_request *request, ber_tag_t kind,
                    const struct ad_result *result);
void ad_send(const struct ad_request *request, BerElement *message);

/* The value of a control of the request; false where it does not come. */
bool ad_control(const struct ad_request *request, const char *oid, struct berval *ret_value);

void ad_bind(const struct ad_request *request);
void ad_search(const struct ad_request *request);
void ad_change(const struct ad_request *request);

/* ad_entry.c: what of an entry is sent. `attributes` ends with NULL; NULL: all. */
void ad_send_entry(const struct ad_request *request, const struct ad_entry *entry,
                   char *const *attributes);
/* True where a name of the list asks for the attribute. */
bool ad_is_asked(char *const *attributes, const char *name);

/* ad_dirsync.c */
void ad_dirsync(const struct ad_request *request, const char *base, const struct berval *filter,
                char *const *attributes, const struct berval *control);

/* ad_root.c: the root DSE, and what the controller has in the configuration. */
void ad_send_root(const struct ad_request *request, char *const *attributes);
void ad_add_configuration(struct ad_server *server);

#endif
