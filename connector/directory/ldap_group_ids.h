/* ldap_group_ids: which entries are groups, so that it shows when one of them has gone.
 *
 * OpenLDAP names as gone from a search whatever has changed and is not what the search is for: from
 * that of groups also every person who was changed. A set of ids tells these from groups.
 */
#ifndef DIRECTORY_LDAP_GROUP_IDS_H
#define DIRECTORY_LDAP_GROUP_IDS_H

#include "directory/ldap_way.h"

/* All that the watches of groups find now, in the arena. Where this is asked behind the changes of
 * groups and before the groups themselves, nothing is missed. */
enum ldap_attempt ldap_group_ids_list(struct ldap_asking *asking, struct slice *ret_ids,
                                      struct error *err);

/* Now and then also of an entry that is none. */
bool ldap_group_ids_have(struct slice ids, const struct directory_id *id);

#endif
