/* rdn: the values that an entry has because its DN names it by them (RFC 4511 sections 4.6, 4.7 and
 * 4.9): "uid=ana+ou=x,…" has uid "ana" and ou "x". They match by caseIgnoreMatch.
 *
 * For DNs that dn_fold() takes.
 */
#ifndef MODEL_RDN_H
#define MODEL_RDN_H

#include "model/whole_entry.h"

#include <stdbool.h>

/* Adds those that the entry does not have. */
void rdn_add_values(struct whole_entry *entry);

/* Takes them away. */
void rdn_remove_values(struct whole_entry *entry);

/* The type of one that the entry does not have; SLICE_NONE: it has them all. */
struct slice rdn_find_missing(const struct whole_entry *entry);

/* Whether it is one RDN alone. */
bool rdn_is_one(struct slice text);

/* The DN without its first RDN, as written; empty where it has but one. */
struct slice rdn_parent(struct slice dn);

#endif
