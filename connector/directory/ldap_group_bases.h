/* ldap_group_bases: which entries of a server are groups.
 *
 * Groups stand anywhere in the part of the tree that the people are in, mostly beside them. So
 * where the settings name no base, it is the naming context of each search (RFC 4512 section 5.1).
 */
#ifndef DIRECTORY_LDAP_GROUP_BASES_H
#define DIRECTORY_LDAP_GROUP_BASES_H

#include "base/arena.h"
#include "directory/ldap_root.h"
#include "directory/source.h"

#include <stddef.h>

struct ldap_group_bases {
    const char **items; /* each once; in the arena, or the options' or the root's */
    size_t count;
};

/* To search the subtrees of. Where the server does not tell its naming contexts they are guessed.
 */
struct ldap_group_bases ldap_group_bases_find(const struct ldap_options *options,
                                              const struct ldap_root *root, struct arena *arena);

/* That finds groups there. */
const char *ldap_groups_filter(const struct ldap_options *options);

/* Adds the attributes that list their members to a set; returns how many these are. */
size_t ldap_groups_add_members(const struct ldap_options *options, struct attributes *attributes);

#endif
