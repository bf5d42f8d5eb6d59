/* ldap_parents: whether an entry below which people may be got another name or place.
 *
 * All that is below it moves along, into the searches or out of them, without a change of its own
 * that a server would tell of. So the names and ids of all such entries are looked at in each
 * run; they are few.
 */
#ifndef DIRECTORY_LDAP_PARENTS_H
#define DIRECTORY_LDAP_PARENTS_H

#include "directory/ldap_way.h"

/* A text that is another one when such an entry comes, goes, or is renamed or moved. In the arena.
 * Where this is asked before people are, nothing is missed. */
enum ldap_attempt ldap_parents_read(struct ldap_asking *asking, struct slice *ret_state,
                                    struct error *err);

#endif
