/* ldap_tracked: which attributes decide what a feed makes of people, and whether a server tells
 * when they change.
 *
 * Some values change without a write to the entry that has them: a server works them out, or links
 * them back from another entry, or writes them without saying so. Who depends on one of these can
 * only read everybody; but for the memberships of groups, which are looked after (ldap_way.h).
 */
#ifndef DIRECTORY_LDAP_TRACKED_H
#define DIRECTORY_LDAP_TRACKED_H

#include "directory/ldap_root.h"
#include "directory/source.h"

#include <stdbool.h>

struct ldap_tracked {
    struct attributes *names; /* those of the set and of the searches' filters */
    const char *untold;       /* one of them whose changes no server of this family tells; NULL */
    const char *groups;       /* one of a filter that tells memberships; NULL */
};

/* Free with ldap_tracked_free(). */
struct ldap_tracked ldap_tracked_find(const struct ldap_options *options, enum ldap_family family,
                                      const struct attributes *attributes);
void ldap_tracked_free(struct ldap_tracked *tracked);

/* The next attribute that the filter (RFC 4515) names, from `rest` on, which moves behind it;
 * SLICE_NONE at the end. */
struct slice ldap_tracked_next(const char **rest);

#endif
