/* ldap_probe: tries every server of the list for all that a read needs of it; see source_probe().
 *
 * It makes the steps of a read one by one, by the same functions (ldap_session.h, ldap_search.h).
 */
#ifndef DIRECTORY_LDAP_PROBE_H
#define DIRECTORY_LDAP_PROBE_H

#include "directory/ldap_session.h"
#include "directory/source.h"

void ldap_probe(const struct ldap_options *options, const struct messenger *messenger,
                struct source_probing *probing);

/* One server, logged in: the searches and what they give (ldap_probe_search.c). */
struct ldap_probe {
    const struct ldap_options *options;
    const struct messenger *messenger;
    struct source_probing *probing;
    struct ldap_server server;
    const char *uri;        /* of the present server */
    const char *first_uri;  /* of the first one that was searched; NULL: none was */
    const char *refused_by; /* who refused the login; NULL: nobody did */
    bool *seen;             /* by slot: what the present server's entries have */
};

/* False where a read would fail at it. */
bool ldap_probe_searches(struct ldap_probe *probe, struct ldap_session *session);

#endif
