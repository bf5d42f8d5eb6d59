/* source: where people come from; implemented by directory/ldap_source.c and ldif_source.c.
 *
 * Order of use: open, read once, close. source_read() hands over every entry of every search and
 * returns true only when all of them ended with success: an incomplete answer is never reported
 * as success, whatever was handed over before. When a connection broke and the whole search starts
 * again, `restart` is called first and everything handed over so far is void. No entries at all is
 * success: whether that can be is for the caller to judge.
 *
 * Where the set has `groups` or `groups.nested` (model/attributes.h), a directory server's groups
 * are read first, all of them, once. LDIF has no groups: there both are the values of `groups`, or
 * else of memberOf or isMemberOf, that the entry itself has, and groups.nested its own values
 * besides.
 *
 * An entry that several searches find is handed over once. Entries that cannot be read (an LDIF
 * record with a bad line) are findings where the rest can still be trusted; where it can't, the
 * read fails.
 *
 * Errors: ERROR_PERMISSION when the login is refused or rights are missing (exit status 77; a
 * refused login is tried on no other server, so that no account is locked); ERROR_CONFIG for what
 * the settings have wrong, also a base or filter that the server refuses (78); ERROR_DATA for LDIF
 * that cannot be trusted (65); ERROR_UNAVAILABLE for all else, also a certificate that is not
 * accepted and an answer that was cut short by a limit (69). Transient errors may pass by
 * themselves.
 */
#ifndef DIRECTORY_SOURCE_H
#define DIRECTORY_SOURCE_H

#include "base/error.h"
#include "base/message.h"
#include "base/probe.h"
#include "base/secret.h"
#include "model/attributes.h"
#include "model/entry.h"
#include "model/finding.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source;

struct source_reader {
    /* One entry, borrowed until the call returns. False (with err) ends the read. */
    bool (*entry)(void *context, const struct entry *entry, struct error *err);
    /* Forget everything; the read begins anew. NULL: it fails instead. */
    bool (*restart)(void *context, struct error *err);
    void *context;
    struct finding_sink findings;
    /* The server's schema does not define this attribute of the set, so no search can return it.
     * May be said again after a restart. NULL: nobody asks. LDIF has no schema. */
    void (*undefined)(void *context, int slot);
};

/* What a read did, for reports; the counts are those of the last attempt. */
struct source_result {
    uint64_t entries;   /* handed over */
    uint64_t repeated;  /* found by an earlier search already, so not handed over again */
    uint64_t referrals; /* continuation references to where people may be; none is followed */
    unsigned restarts;
    char server[256];      /* the URI or file that answered last */
    const uint64_t *found; /* by search, with the repeated ones; the source's own; NULL: LDIF */
    size_t search_count;
};

enum ldap_tls_mode { LDAP_TLS_AUTO, LDAP_TLS_LDAPS, LDAP_TLS_STARTTLS, LDAP_TLS_NONE };
enum ldap_bind_method {
    LDAP_BIND_SIMPLE,
    LDAP_BIND_EXTERNAL,
    LDAP_BIND_ANONYMOUS,
    LDAP_BIND_GSSAPI
};
enum ldap_search_scope { LDAP_SEARCH_SUBTREE, LDAP_SEARCH_ONE, LDAP_SEARCH_BASE };

struct ldap_search {
    const char *base;
    const char *filter;
    enum ldap_search_scope scope;
    bool may_be_missing; /* a base that is not there holds nobody, instead of being a fault */
};

/* Where groups are read for `groups` and `groups.nested`. NULL: found out. */
struct ldap_group_search {
    const char *base;   /* the naming contexts of the searches */
    const char *filter; /* all kinds of groups that list their members */
    const char *member; /* member, uniqueMember and memberUid */
};

struct ldap_options {
    const char *const *uris; /* tried in order; each may break off once and is then tried again */
    size_t uri_count;
    const char *srv;  /* in place of the URIs: the domain whose servers DNS names; NULL: none */
    const char *site; /* those of this site first; NULL: of the one that a server says is ours */
    enum ldap_tls_mode tls_mode;
    const char *tls_ca_file;   /* NULL: the system's */
    const char *tls_cert_file; /* client certificate for EXTERNAL; NULL: none */
    const char *tls_key_file;
    enum ldap_bind_method bind_method;
    const char *bind_dn; /* or whatever else the server takes for a name: user@example.edu */
    struct secret_source password; /* loaded for each login and wiped after it */
    const char *keytab;            /* for GSSAPI; NULL: a ticket cache is used */
    const char *principal;         /* of the keytab */
    const char *ticket_cache;      /* NULL: the user's own */
    const struct ldap_search *searches;
    size_t search_count;
    struct ldap_group_search groups;
    unsigned page_size;               /* 0: no paging */
    unsigned connect_timeout_seconds; /* also for the TLS handshake; 0: 30 */
    unsigned answer_timeout_seconds;  /* for each answer, and between entries; 0: 60 */
};

/* Makes a source; connects to nothing yet. The options are borrowed for the source's life. */
struct source *source_open_ldap(const struct ldap_options *options,
                                const struct messenger *messenger);

/* The feed's secret number, by which members of groups are known; the same in all runs whose
 * struct membership are compared. 0 without this, as is good enough for looking on. */
void source_set_seed(struct source *source, uint64_t seed);

/* `path` "-" is standard input. */
struct source *source_open_ldif(const char *path, const struct messenger *messenger);

/* LDIF in memory, borrowed: a part of the file `name` that begins on its line `line`, which counts
 * in messages. It ends with a line feed. */
struct source *source_open_ldif_text(const char *name, unsigned long line, struct slice text,
                                     const struct messenger *messenger);

/* `ret_result` is filled as far as the read came, also on failure. */
bool source_read(struct source *source, const struct attributes *attributes,
                 const struct source_reader *reader, struct source_result *ret_result,
                 struct error *err);

/* What to look for, and what came of it. */
struct source_probing {
    const struct attributes *attributes;
    size_t attribute_count; /* the first of them are the mapping's: each is looked for; others that
                               follow are only asked for */
    const struct probe_sink *probes;
    bool *seen;  /* by slot, of the caller, all false: set where an entry of the first server that
                    gave any has the attribute */
    bool usable; /* set where a read would find a server */
};

/* Tries each server in turn, for all that a read needs of it: its name, connection, encryption,
 * login, what it can do, the first page of each search, the right to read each attribute. Goes on
 * after a failure where that makes sense, but not with a login that was refused. Of LDIF there is
 * nothing to try. */
void source_probe(struct source *source, struct source_probing *probing);

void source_close(struct source *source);

#endif
