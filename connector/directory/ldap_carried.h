/* ldap_carried: entries that came with the answer to a question for changes, for ldap_fetch.c.
 *
 * An answer by RFC 4533 can bring the entries that it names. It is the same search as the feed's
 * own, so that they need not be asked for a second time; what they are worth is for the fetch to
 * find out, which holds some of them against what a search finds.
 *
 * Whoever is named more than once is nobody's here: something happened to the entry meanwhile.
 * There is room for some megabytes; where more comes, nothing is kept at all.
 *
 * Order of use: new; name and keep, in any order; then take; free.
 */
#ifndef DIRECTORY_LDAP_CARRIED_H
#define DIRECTORY_LDAP_CARRIED_H

#include "directory/changes.h"

#include <ldap.h>

struct ldap_carried;

/* The attributes that the question asks for are borrowed. */
struct ldap_carried *ldap_carried_new(const struct attributes *attributes);
void ldap_carried_free(struct ldap_carried *carried);
const struct attributes *ldap_carried_attributes(const struct ldap_carried *carried);

/* The entry was named, and did not come. */
void ldap_carried_name(struct ldap_carried *carried, const struct directory_id *id);

/* The entry was named and came; takes over the message. */
void ldap_carried_keep(struct ldap_carried *carried, const struct directory_id *id, LDAP *ld,
                       LDAPMessage *message);

/* The message of that entry, which stays here; NULL: there is none. */
LDAPMessage *ldap_carried_find(struct ldap_carried *carried, const struct directory_id *id);

#endif
