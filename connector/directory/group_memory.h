/* group_memory: what a run knew of the groups, kept for the next one.
 *
 * Where a server says that no group has changed, those who are read again are in the groups in
 * which they were: so these need not be read for them. This holds only where nothing else decides
 * on it: members are real ones, not worked out when somebody asks, and known by DNs that they still
 * have (ldap_changes.c).
 */
#ifndef DIRECTORY_GROUP_MEMORY_H
#define DIRECTORY_GROUP_MEMORY_H

#include "directory/ldap_groups.h"

enum { GROUP_MEMORY_DIGEST_BYTES = 8 };

/* As bytes, in the arena. */
struct slice group_memory_write(const struct ldap_groups *groups, struct arena *arena);

/* By which a mark knows the bytes that belong to it; in the arena. */
struct slice group_memory_digest(struct slice bytes, struct arena *arena);

/* NULL where the bytes are others than those that had the digest, or of another seed. It uses the
 * bytes, which have to live as long and are to begin as malloc() has it. Free with
 * ldap_groups_free(). */
struct ldap_groups *group_memory_read(struct slice bytes, struct slice digest, uint64_t seed);

#endif
