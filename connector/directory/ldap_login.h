/* ldap_login: says to a directory server who we are, in the way that directory.bind names.
 *
 * What the server refuses is tried neither again nor at another server, so that no account is
 * locked (ldap_error.h knows what Active Directory means by its refusals).
 */
#ifndef DIRECTORY_LDAP_LOGIN_H
#define DIRECTORY_LDAP_LOGIN_H

#include "base/error.h"
#include "directory/ldap_session.h"

#include <stdbool.h>

/* What can be known to be wrong with the login at a server of this kind before any connection. */
bool ldap_login_check(const struct ldap_options *options, bool socket_file, struct error *err);

/* Logs in, over a session that is encrypted as it shall be, and sets its `login`. */
enum ldap_attempt ldap_login(struct ldap_session *session, struct error *err);

#endif
