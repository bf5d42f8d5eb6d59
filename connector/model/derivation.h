/* derivation: how a value came about, for people who ask why a field is what it is.
 *
 * The mapping makes one for each value where somebody watches (mapping/mapping.h, mapping_watch),
 * and no run does. Everything lives in the person's arena or in the mapping.
 */
#ifndef MODEL_DERIVATION_H
#define MODEL_DERIVATION_H

#include "base/fault.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

struct derivation;

enum derivation_kind {
    DERIVATION_SOURCE,    /* text: what stands first in ${…}: "mail", "dn", "define.kind" … */
    DERIVATION_TRANSFORM, /* text: the transform and its arguments, as written: "take 3" */
    DERIVATION_TEXT,      /* text: of the template between its sources */
    DERIVATION_RESULT     /* text: the template, where it is more than one ${…} */
};

/* One step, and the values behind it; none where it gave nothing. They are as they flow: a field
 * takes the first in byte order (after sort: the first), tidied and as its kind is written. */
struct derivation_step {
    enum derivation_kind kind;
    const char *text;
    const struct slice *values;
    size_t count;
    const struct derivation *from; /* DERIVATION_SOURCE of define.NAME or alma.FIELD; else NULL */
};

enum derivation_outcome {
    DERIVATION_TAKEN,
    DERIVATION_NO_VALUE, /* a source had none, or a transform left none */
    DERIVATION_UNMET     /* `when` did not hold */
};

/* One alternative that was tried. */
struct derivation_attempt {
    struct position where;
    const char *when;     /* the condition as written; NULL: none */
    const char *template; /* as written */
    enum derivation_outcome outcome;
    const struct derivation_step *steps; /* none where the condition did not hold */
    size_t step_count;
};

/* All alternatives that were tried, in order; at most the last one was taken, but in a list of
 * codes each may be. */
struct derivation {
    const char *rule; /* "user_group", "emails.email_address", "define.kind" */
    const struct derivation_attempt *attempts;
    size_t attempt_count;
};

/* An item of the mapping that the record does not have. */
struct derivation_unmade {
    const char *list; /* "emails" */
    struct position where;
    const char *when;                 /* its condition, where that does not hold; else NULL */
    const struct derivation *lacking; /* NULL with `when`; else of its `each` or of the part that
                                         has no value */
    const struct derivation_unmade *next;
};

#endif
