/* changes_csn: whether OpenLDAP knows of less than it has.
 *
 * syncprov answers from its contextCSN, which is in memory. After a crash it is that of the last
 * checkpoint (slapo-syncprov(5)), by default of the last time that slapd ended in order: older than
 * entries that are there. Whoever asks with a mark of then is told that nothing has changed.
 */
#ifndef DIRECTORY_CHANGES_CSN_H
#define DIRECTORY_CHANGES_CSN_H

#include "directory/ldap_way.h"

/* The newest change number in a cookie of OpenLDAP; SLICE_NONE: there is none. */
struct slice changes_csn_newest(struct slice cookie);

/* *ret_newest: of the entries below the watches, the newest change number after `csn`, in the
 * arena; SLICE_NONE: there is none, or the account may not see it. */
enum ldap_attempt changes_csn_look(struct ldap_asking *asking, struct slice csn,
                                   struct slice *ret_newest, struct error *err);

#endif
