/* ldap_root: what a server tells of itself in its root DSE (RFC 4512 section 5.1).
 *
 * Only for who checks a server: a read needs nothing of it.
 */
#ifndef DIRECTORY_LDAP_ROOT_H
#define DIRECTORY_LDAP_ROOT_H

#include "directory/ldap_session.h"

#include <stdbool.h>
#include <time.h>

struct ldap_root {
    bool readable;
    const char *kind; /* "OpenLDAP"; "a directory server" where it is none that we know; constant */
    bool has_pages;   /* offers paged results */
    bool is_behind;   /* Active Directory: not yet in step with the others */
    time_t now;       /* Active Directory: its clock; 0: it tells none */
};

enum ldap_attempt ldap_root_read(struct ldap_session *session, struct ldap_root *ret_root,
                                 struct error *err);

#endif
