/* ldap_schema: the other names of attributes, read from the server's schema (RFC 4512 section 4.4).
 *
 * Only asked for where it matters (names.h), once for a connection.
 */
#ifndef DIRECTORY_LDAP_SCHEMA_H
#define DIRECTORY_LDAP_SCHEMA_H

#include "directory/ldap_session.h"
#include "directory/names.h"

/* Tells the names their aliases and seals them. A server whose schema cannot be read is a warning:
 * attributes under other names are then ignored. Only a lost connection is a failure. */
enum ldap_attempt ldap_schema_load(struct ldap_session *session, struct names *names,
                                   struct error *err);

#endif
