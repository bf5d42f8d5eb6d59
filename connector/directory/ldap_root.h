/* ldap_root: what a server tells of itself in its root DSE (RFC 4512 section 5.1).
 *
 * A plain read needs nothing of it.
 */
#ifndef DIRECTORY_LDAP_ROOT_H
#define DIRECTORY_LDAP_ROOT_H

#include "directory/ldap_session.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum { LDAP_ROOT_NAME_BYTES = 256, LDAP_ROOT_CONTEXTS_BYTES = 2048 };

enum ldap_family {
    LDAP_FAMILY_OTHER,
    LDAP_FAMILY_ACTIVE_DIRECTORY,
    LDAP_FAMILY_OPENLDAP,
    LDAP_FAMILY_389 /* and its relatives, which know entries by nsUniqueId */
};

struct ldap_root {
    bool readable;
    const char *kind; /* "OpenLDAP"; "a directory server" where it is none that we know; constant */
    enum ldap_family family;
    bool is_samba;
    bool has_pages;        /* offers paged results */
    bool has_sync;         /* RFC 4533 */
    bool has_dirsync;      /* Active Directory: 1.2.840.113556.1.4.841 */
    bool has_show_deleted; /* Active Directory: 1.2.840.113556.1.4.417 */
    bool has_link_ttl;     /* Active Directory: 1.2.840.113556.1.4.2309 */
    bool is_read_only;     /* Active Directory: its filtered attributes may be missing */
    bool is_behind;        /* Active Directory: not yet in step with the others */
    time_t now;            /* Active Directory: its clock; 0: it tells none */
    uint64_t highest_usn;  /* Active Directory: highestCommittedUSN; 0: it tells none */
    /* Active Directory: its own entry, its own name, the domain's; empty: none told, or too long.
     */
    char service[LDAP_ROOT_NAME_BYTES];
    char host[LDAP_ROOT_NAME_BYTES];
    char default_context[LDAP_ROOT_NAME_BYTES];
    char configuration[LDAP_ROOT_NAME_BYTES]; /* where it is set up */
    /* All naming contexts, each ended by NUL, an empty one last. */
    char contexts[LDAP_ROOT_CONTEXTS_BYTES];
};

enum ldap_attempt ldap_root_read(struct ldap_session *session, struct ldap_root *ret_root,
                                 struct error *err);

/* The naming context that holds the entry of this name, or NULL: the closest one above it. */
const char *ldap_root_context(const struct ldap_root *root, const char *dn);

#endif
