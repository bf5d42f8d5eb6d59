/* ldap_groups: the groups of a directory server, read once for all that a source is asked for.
 *
 * Order of use: ldap_groups_load(), then read people (directory/ldap_members.h tells them their
 * groups). A load takes all groups, whoever is asked for: one search a base, and not one a person
 * or group. It fails rather than leave some out.
 *
 * Every kind of group is read by one way: its values of member, uniqueMember and memberUid are
 * members, by DN or login name; whose primary group it is is told by its objectSid (Active
 * Directory) or gidNumber (posixGroup). Groups whose members the server works out itself
 * (groupOfURLs) are left out, and so are members in other domains, which Active Directory lists as
 * foreign security principals.
 */
#ifndef DIRECTORY_LDAP_GROUPS_H
#define DIRECTORY_LDAP_GROUPS_H

#include "directory/groups.h"
#include "directory/ldap_group_bases.h"
#include "directory/ldap_search.h"
#include "directory/ldap_source.h"

#include <stdbool.h>

struct ldap_groups {
    struct groups *graph;
    uint64_t seed; /* of their names */
    /* By what else than DNs they know somebody. */
    bool by_login, by_gid, by_sid;
    bool is_remembered;   /* of an earlier run (directory/group_memory.h) */
    uint64_t listed;      /* members, as often as some group lists them */
    const char *searched; /* for messages: "below 'dc=example,dc=edu'" */
    struct arena *arena;
};

/* True where a change of groups changes what is read of people: the set has groups, groups.nested,
 * memberOf or isMemberOf. */
bool groups_matter(const struct attributes *attributes);

/* Reads them over the open connection of the source where that was not done before, or `again`.
 * Every read of people that follows fills entry.membership. A read itself loads them only for
 * `groups` and `groups.nested`: who wants memberships for memberOf loads them before. After a
 * failure there are none. */
enum ldap_attempt ldap_groups_load(struct ldap_source *self, bool again, struct error *err);

/* Fails where there is no group or none lists a member, which an access rule can make so: everybody
 * would leave all groups. For who needs `groups` or `groups.nested`. */
bool ldap_groups_check(const struct ldap_groups *groups, const char *uri, struct error *err);

/* As ldap_groups_load(), for who has a session alone. Free with ldap_groups_free(). */
enum ldap_attempt ldap_groups_read(struct ldap_session *session, unsigned page_size, uint64_t seed,
                                   struct ldap_groups **ret_groups, struct error *err);

void ldap_groups_free(struct ldap_groups *groups);

#endif
