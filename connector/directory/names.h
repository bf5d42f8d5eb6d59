/* names: which slot an attribute of an answer goes to.
 *
 * A directory may call an attribute by another name than it was asked for: in other letter case,
 * by its first name ("sn" when one asks for "surname" or "2.5.4.4"), with options. So each
 * spelling that occurs is resolved once and remembered, and because a server lists attributes in
 * the same order entry after entry, most spellings are found by guessing the next one.
 *
 * Rules: an attribute description goes to the slot of the same description. Subtypes that nobody
 * asked for ("cn;lang-fr" for "cn", "sn" for "name") are ignored. A name that may be an alias is
 * UNKNOWN until the aliases of the schema were told by names_alias() and names_seal(). A range of
 * values ("member;range=0-1499") of an attribute in the set is RANGED: it is not the whole
 * (directory/value_range.h).
 *
 * Slots: those of the set, and behind them hidden ones for aliases. After an entry was read, a
 * slot without values takes those of another one of its group.
 */
#ifndef DIRECTORY_NAMES_H
#define DIRECTORY_NAMES_H

#include "base/slice.h"
#include "model/attributes.h"

#include <stdbool.h>
#include <stddef.h>

enum { NAME_IGNORED = -1, NAME_UNKNOWN = -2, NAME_RANGED = -3 };

struct names;

struct name_group {
    const int *slots;
    size_t count;
};

/* The set is borrowed and must not grow meanwhile. */
struct names *names_new(const struct attributes *attributes);
void names_free(struct names *names);

/* Another entry begins. */
void names_begin(struct names *names);

/* The slot of an attribute description as the server wrote it, or one of the codes above. */
int names_slot(struct names *names, struct slice description);

/* Names that mean one and the same attribute, its OID among them. */
void names_alias(struct names *names, const struct slice *same, size_t count);

/* All aliases are told: from now on no name is UNKNOWN. */
void names_seal(struct names *names);

/* True when definitions were told, but none of an attribute of the set. */
bool names_is_undefined(const struct names *names, int slot);

/* True when the set alone shows that aliases matter: it names an attribute by its OID, or twice
 * by names that RFC 4519, 4524 and 2798 hold to be the same. An answer would not show it. */
bool names_need_schema(const struct names *names);

/* Slots with the hidden ones; may grow with names_alias(). */
size_t names_slot_count(const struct names *names);

size_t names_group_count(const struct names *names);
struct name_group names_group(const struct names *names, size_t index);

const struct attributes *names_attributes(const struct names *names);

#endif
