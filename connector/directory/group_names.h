/* group_names: the numbers by which groups know their members (directory/groups.h).
 *
 * Groups list members in three ways, and all lead to the same person: by DN (member, uniqueMember),
 * by login name (memberUid, RFC 2307 section 2.2), and not at all, where it is the person's own
 * entry that names the group as the primary one (primaryGroupID, gidNumber). DNs and login names
 * compare without case, as the directory compares them.
 *
 * The seed is a feed's secret, so that nobody can work out a group or a person whose name is taken
 * for another one. State keeps it and these numbers from run to run: they must stay what they are.
 */
#ifndef DIRECTORY_GROUP_NAMES_H
#define DIRECTORY_GROUP_NAMES_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* None of these is GROUP_NAME_NONE, but where it is said. The arena is for what is made on the
 * way. */
uint64_t group_name_dn(uint64_t seed, struct arena *arena, struct slice dn);
uint64_t group_name_login(uint64_t seed, struct arena *arena, struct slice login);

/* A value of an attribute that lists members: a DN, also with what uniqueMember may have behind it
 * (RFC 4517 section 3.3.21: "#'0101'B"), or else a login name. */
uint64_t group_name_member(uint64_t seed, struct arena *arena, struct slice value,
                           bool *ret_is_login);

/* Of whom this group is the primary one: by the group's gidNumber, by its objectSid. */
uint64_t group_name_gid(uint64_t seed, struct slice number);
uint64_t group_name_sid(uint64_t seed, struct slice sid);

/* The same from the person's side: objectSid with primaryGroupID as its last part ([MS-DTYP]
 * section 2.4.2.2). GROUP_NAME_NONE where one of them is not what it should be. */
uint64_t group_name_primary(uint64_t seed, struct slice sid, struct slice primary_group_id);

#endif
