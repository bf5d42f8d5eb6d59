/* ldap_reference: what a search says of other servers that may hold more (RFC 4511 section 4.5.3).
 *
 * References are never followed: libldap would do it without a login. Where they lead to people,
 * somebody has to know. Active Directory refers whoever searches a whole domain to its
 * configuration and its DNS zones as well, in which there are none.
 */
#ifndef DIRECTORY_LDAP_REFERENCE_H
#define DIRECTORY_LDAP_REFERENCE_H

#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether there may be people where a reference leads; its first URI, made printable, goes to
 * `ret_uri`. What cannot be decoded may lead anywhere. */
bool ldap_reference_matters(LDAP *ld, LDAPMessage *reference, char *ret_uri, size_t size);

#endif
