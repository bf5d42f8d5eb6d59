/* dn_set: the names of entries that were handed over already.
 *
 * Several searches of one feed may find the same person; the second copy would look like two
 * people with one identifier. Names are compared as bytes: within one connection a server writes
 * the name of an entry in one way.
 */
#ifndef DIRECTORY_DN_SET_H
#define DIRECTORY_DN_SET_H

#include "base/slice.h"

#include <stdbool.h>

struct dn_set;

struct dn_set *dn_set_new(void);
void dn_set_free(struct dn_set *set);

/* False when it was there before. The bytes are copied. */
bool dn_set_add(struct dn_set *set, struct slice dn);

void dn_set_clear(struct dn_set *set);

#endif
