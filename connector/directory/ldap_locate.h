/* ldap_locate: finds the servers of a domain by DNS.
 *
 * A domain of Active Directory names its controllers by site and altogether, any other directory
 * at least altogether:
 *     _ldap._tcp.SITE._sites.dc._msdcs.DOMAIN, _ldap._tcp.dc._msdcs.DOMAIN, _ldap._tcp.DOMAIN
 * ([MS-ADTS] section 6.3.2.3, RFC 2782). Those of the site come first. Which site we are in is
 * asked of one of the controllers, where the settings do not say it (netlogon.h).
 *
 * Who forges DNS can name any host of his own, for which he has a certificate that the system
 * trusts. So only hosts within the domain are used, unless TLS is used and the settings say
 * which authorities sign its certificates.
 */
#ifndef DIRECTORY_LDAP_LOCATE_H
#define DIRECTORY_LDAP_LOCATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "directory/source.h"

#include <stdbool.h>
#include <stddef.h>

struct ldap_located {
    const char *const *uris; /* in the order in which they are to be tried; at least one */
    size_t count;
    const char *site; /* whose servers come first; "": none */
};

/* The servers of options->srv, in the arena. False with err: ERROR_CONFIG where it is no domain's
 * name, else ERROR_UNAVAILABLE. */
bool ldap_locate(struct arena *arena, const struct ldap_options *options,
                 const struct messenger *messenger, struct ldap_located *ret_located,
                 struct error *err);

#endif
