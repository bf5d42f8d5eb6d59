/* ldap_servers: which of the feed's directory servers is used.
 *
 * They are tried in order; one that breaks off is tried once more before it is given up. What one
 * of them refuses for good (a login) is not tried on another. Servers that DNS names
 * (ldap_locate.h) are looked up once, so their order stays for the whole run; so does the address
 * of a name that has several, of which each may be another server.
 */
#ifndef DIRECTORY_LDAP_SERVERS_H
#define DIRECTORY_LDAP_SERVERS_H

#include "base/error.h"
#include "base/message.h"
#include "directory/ldap_session.h"

#include <stdbool.h>
#include <stddef.h>

struct ldap_servers;

/* Options and messenger are borrowed. */
struct ldap_servers *ldap_servers_new(const struct ldap_options *options,
                                      const struct messenger *messenger);
void ldap_servers_free(struct ldap_servers *servers);

/* Before the first one is opened: the one that ldap_servers_name() called so is tried first. One
 * that is no longer among the feed's servers is not tried. */
void ldap_servers_prefer(struct ldap_servers *servers, const char *name);

/* Opens the first server that can be used, and warns where it may not hold everything. The session
 * is to be closed in any case. */
enum ldap_attempt ldap_servers_open(struct ldap_servers *servers, struct ldap_session *session,
                                    struct error *err);

/* The one that was opened last has broken off. True where one is left to be tried. */
bool ldap_servers_break(struct ldap_servers *servers);

/* The one that was opened, or tried, last: its URI, and behind that the address that is used where
 * its host has several: "ldaps://ldap.example.edu (192.0.2.17)". "": none was tried. */
const char *ldap_servers_name(const struct ldap_servers *servers);

#endif
