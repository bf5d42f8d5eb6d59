/* ldap_gssapi: logs in by SASL GSSAPI (RFC 4752), that is with a Kerberos ticket.
 *
 * Inside of TLS the login is bound to the server's certificate (tls-server-end-point, RFC 5929) and
 * adds no encryption of its own, which Active Directory would not take. Without TLS it encrypts all
 * that follows (the session's encryption is LDAP_SEALED), and does not do without.
 *
 * libldap drives Cyrus SASL, whose module for GSSAPI is loaded at run time.
 */
#ifndef DIRECTORY_LDAP_GSSAPI_H
#define DIRECTORY_LDAP_GSSAPI_H

#include "base/error.h"
#include "directory/ldap_session.h"

#include <stdbool.h>

/* Before any connection: the module and the keytab must be there, and what holds keys or tickets is
 * not for others to read. */
bool ldap_gssapi_check(const struct ldap_options *options, struct error *err);

/* Sets the session's login; says where the ticket ends soon. */
enum ldap_attempt ldap_gssapi_bind(struct ldap_session *session, struct error *err);

#endif
