/* ldap_members: tells people their groups while they are read.
 *
 * Order of use: ldap_groups_load(); open, with which the set becomes another one that is asked for;
 * ldap_search_run() fills each entry; close. Of nobody anything is asked of the server but
 * attributes of his own entry.
 */
#ifndef DIRECTORY_LDAP_MEMBERS_H
#define DIRECTORY_LDAP_MEMBERS_H

#include "directory/changes.h"
#include "directory/group_slots.h"
#include "directory/ldap_groups.h"

struct ldap_members;

/* NULL where groups were not loaded. They are borrowed. */
struct ldap_members *ldap_members_open(struct ldap_groups *groups, const struct attributes *wanted);
void ldap_members_close(struct ldap_members *members);

/* The set to read with. */
const struct attributes *ldap_members_asked(const struct ldap_members *members);

/* The entry becomes one of the wanted set, valid until the next call. */
void ldap_members_fill(struct ldap_members *members, struct entry *entry);

/* source_membership(). */
uint64_t ldap_membership(const struct source *source, const struct membership *membership);

#endif
