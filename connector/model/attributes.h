/* attributes: which attributes of an entry somebody needs, each with a number.
 *
 * The mapping adds the attributes that its sources and filters name, the run adds what it needs
 * itself; then the set is handed to the source, which asks the directory for these and no others
 * and files each value under its number (its slot). So nothing is looked up by name per person.
 *
 * An attribute description is a name or OID with options ("cn;lang-fr", RFC 4512 section 2.5).
 * Names compare without case. An attribute with options is another attribute than the plain one.
 *
 * Two of a set are none of the directory's: "groups" and "groups.nested". The source makes their
 * values itself, the DNs of the groups of which the entry is a member.
 */
#ifndef MODEL_ATTRIBUTES_H
#define MODEL_ATTRIBUTES_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct attributes;

enum { ATTRIBUTE_NONE = -1 };

#define ATTRIBUTE_GROUPS "groups"               /* of which the entry itself is a member */
#define ATTRIBUTE_GROUPS_NESTED "groups.nested" /* and those of which these are members, … */

struct attributes *attributes_new(void);
void attributes_free(struct attributes *attributes);

/* The slot of the attribute, which is added when it is new. */
int attributes_add(struct attributes *attributes, struct slice description);

/* The slot, or ATTRIBUTE_NONE. Cheap: one hash of the folded name. */
int attributes_find(const struct attributes *attributes, struct slice description);

size_t attributes_count(const struct attributes *attributes);

/* NUL-terminated, as first written; lives as long as the set. */
const char *attributes_name(const struct attributes *attributes, int slot);

/* True for RFC 4512's attributedescription: keystring or numericoid, then ;options. */
bool attributes_is_description(struct slice text);

/* True for the two that sources make themselves. */
bool attributes_is_groups(struct slice description);

#endif
