/* whole_entry: an entry with all its attributes, whoever may want them later.
 *
 * struct entry holds what a mapping asks for, by slot; a pushed person is kept as it came, so that
 * a later change of single attributes, or of the mapping, finds everything. It is filled attribute
 * by attribute (ldap2alma.h), read from LDIF and changed by it (directory/ldif_change.h), written
 * as LDIF (directory/ldif_write.h), and seen by a mapping through whole_entry_view().
 *
 * Attribute descriptions compare without case (RFC 4512 section 2.5), options and all; values of an
 * attribute are a set of bytes, in the order in which they came.
 *
 * It owns its memory; what it returns lives until it is changed or freed.
 */
#ifndef MODEL_WHOLE_ENTRY_H
#define MODEL_WHOLE_ENTRY_H

#include "base/arena.h"
#include "base/slice.h"
#include "model/attributes.h"
#include "model/entry.h"

#include <stdbool.h>
#include <stddef.h>

struct whole_entry;

struct whole_entry *whole_entry_new(struct slice dn);
void whole_entry_free(struct whole_entry *entry);
struct whole_entry *whole_entry_copy(const struct whole_entry *entry);

/* Whether they have the same DN, byte by byte, and the same attributes with the same values, in
 * whatever order. */
bool whole_entry_equal(const struct whole_entry *a, const struct whole_entry *b);

struct slice whole_entry_dn(const struct whole_entry *entry);
void whole_entry_set_dn(struct whole_entry *entry, struct slice dn);

/* Bytes that names and values take, for limits. */
size_t whole_entry_size(const struct whole_entry *entry);

/* Attributes count from 0, in the order in which they came. */
size_t whole_entry_count(const struct whole_entry *entry);
struct slice whole_entry_name(const struct whole_entry *entry, size_t index);
struct entry_values whole_entry_values(const struct whole_entry *entry, size_t index);

/* The values of an attribute; none: the entry does not have it. */
struct entry_values whole_entry_find(const struct whole_entry *entry, struct slice description);

/* Copies one value in; SLICE_NONE is an empty one. False where the entry has the same bytes already
 * (nothing is added). */
bool whole_entry_add(struct whole_entry *entry, struct slice description, struct slice value);

/* Takes one value, or with SLICE_NONE all of them, away. False where it is not there. */
bool whole_entry_remove(struct whole_entry *entry, struct slice description, struct slice value);

/* As a mapping sees it, with the values borrowed; slots live in the arena. */
struct entry whole_entry_view(const struct whole_entry *entry, const struct attributes *attributes,
                              struct arena *arena);

#endif
