/* netlogon: where a domain controller of Active Directory says that we are.
 *
 * Domain controllers know the sites of a domain by their networks. One that is asked for the
 * attribute "netlogon" of its root DSE, also before any login, says the site from which it was
 * asked ([MS-ADTS] section 6.3.3, "LDAP Ping"). Nothing secret goes there, and what comes back
 * only chooses among the servers that DNS names.
 */
#ifndef DIRECTORY_NETLOGON_H
#define DIRECTORY_NETLOGON_H

#include "base/slice.h"
#include "directory/ldap_session.h"

#include <stdbool.h>

enum { NETLOGON_SITE_SIZE = 1025 }; /* a name as DNS can hold it, each byte written as \DDD */

/* Asks a server of the domain over a session that is connected. The site's name is as DNS look-ups
 * take it, with '.' and what is not printable written as \DDD; "" where the server knows none for
 * us, or is no domain controller. */
enum ldap_attempt netlogon_ask(struct ldap_session *session, const char *domain,
                               char ret_site[NETLOGON_SITE_SIZE], struct error *err);

/* Finds the same in the value of the attribute: NETLOGON_SAM_LOGON_RESPONSE_EX ([MS-ADTS] section
 * 6.3.1.9), whose names are compressed as in DNS messages (RFC 1035 section 4.1.4). */
bool netlogon_parse(struct slice value, char ret_site[NETLOGON_SITE_SIZE]);

#endif
