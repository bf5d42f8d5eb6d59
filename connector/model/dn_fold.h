/* dn_fold: one text for all spellings of a DN, for finding an entry again.
 *
 * Spellings differ in letter case, blanks, escapes, the order within an RDN, and in the names of
 * the types that RFC 4519 gives several (cn, commonName, 2.5.4.3). Two DNs that fold to the same
 * bytes are the same DN (RFC 4517 section 4.2.15, with all values compared by caseIgnoreMatch).
 * What is kept by its folded DN stays findable only while the form is as it is now.
 *
 * Not for comparing with what a directory sends: normal_dn() (model/normal.h) takes anything that
 * can be read, since there a doubtful DN is nobody; here it would be somebody else.
 */
#ifndef MODEL_DN_FOLD_H
#define MODEL_DN_FOLD_H

#include "base/arena.h"
#include "base/slice.h"

/* SLICE_NONE where it is no DN of an entry: empty, malformed by RFC 4514, not UTF-8, a value in
 * hexadecimal that is no string. May return what it got. */
struct slice dn_fold(struct arena *arena, struct slice dn);

/* The name that stands for the type and its other names; the type itself where it has none. */
struct slice dn_fold_type(struct slice type);

#endif
