/* ldap_source: a source whose people come from a directory server; only for this folder.
 *
 * Its connection stays open from the first thing that is asked until it breaks or the source is
 * closed, so that all of a run is answered by one server.
 */
#ifndef DIRECTORY_LDAP_SOURCE_H
#define DIRECTORY_LDAP_SOURCE_H

#include "directory/ldap_carried.h"
#include "directory/ldap_search.h"
#include "directory/ldap_servers.h"
#include "directory/ldap_session.h"
#include "directory/source_driver.h"

struct ldap_source {
    struct source source;
    struct ldap_options options;
    struct ldap_servers *servers;
    struct ldap_session session; /* is open where it has a handle */
    uint64_t *found;             /* by search */
    struct ldap_groups *groups;  /* NULL: not loaded (directory/ldap_groups.h) */
    bool needs_groups;           /* they were loaded once */
    /* What the connection's last question for changes brought; NULL: nothing (ldap_carried.h) */
    struct ldap_carried *carried;
};

/* Connects where there is no connection yet. */
enum ldap_attempt ldap_source_connect(struct ldap_source *self, struct error *err);

/* What is known of a read from its start: the server, where the counts by search are. */
void ldap_source_result(const struct ldap_source *self, struct source_result *ret_result);

/* What each read needs, before its searches: names and decoder. End it in any case. */
enum ldap_attempt ldap_source_begin(struct ldap_source *self, struct ldap_reading *reading,
                                    const struct attributes *attributes, struct error *err);
void ldap_source_end(struct ldap_reading *reading);

#endif
