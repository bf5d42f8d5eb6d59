/* normal: the forms in which LDAP compares values.
 *
 * Two values match by caseIgnoreMatch when their text forms have the same bytes, and two DNs by
 * distinguishedNameMatch when their DN forms have. Filters and lookup tables compare nothing else.
 *
 * Sources: RFC 4518 (case folding, insignificant blanks), RFC 4514 (DNs as text), RFC 4517
 * section 4.2.15 (distinguishedNameMatch: types without case, values here by caseIgnoreMatch).
 */
#ifndef MODEL_NORMAL_H
#define MODEL_NORMAL_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>

/* Folded, runs of blanks made one, none at the ends. Returns its argument itself when there is
 * nothing to change. Never without data. */
struct slice normal_text(struct arena *arena, struct slice value);

/* The same, but one blank at either end stays one: for the parts of a substring filter. */
struct slice normal_part(struct arena *arena, struct slice part);

/* The form of a DN, or SLICE_NONE when `value` is none (the empty text is none). */
struct slice normal_dn(struct arena *arena, struct slice value);

/* The DN form where the value is a DN, else the text form. */
struct slice normal_key(struct arena *arena, struct slice value);

#endif
