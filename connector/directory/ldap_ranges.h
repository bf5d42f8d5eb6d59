/* ldap_ranges: all values of an attribute that a server sends in parts.
 *
 * Active Directory sends at most 1500 values of an attribute at once (MaxValRange; at most 5000).
 * The parts are asked for one after another, each by a search of the entry alone; that may happen
 * while the pages of another search arrive. The list may change meanwhile, and a value that is
 * taken away moves those behind it into the part that was read already. So each question begins
 * with the last value that is known: where another one is in its place, everything is asked for
 * again.
 */
#ifndef DIRECTORY_LDAP_RANGES_H
#define DIRECTORY_LDAP_RANGES_H

#include "base/arena.h"
#include "directory/ldap_session.h"
#include "model/entry.h"

struct ldap_ranged {
    struct slice dn;
    struct slice description; /* as it came: "member;range=0-1499" */
};

/* The values live in the arena. An entry that is gone, and a list that changes again and again,
 * are transient failures. */
enum ldap_attempt ldap_ranges_read(struct ldap_session *session, const struct ldap_ranged *ranged,
                                   struct arena *arena, struct entry_values *ret_values,
                                   struct error *err);

#endif
