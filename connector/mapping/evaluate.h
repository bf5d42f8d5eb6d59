/* evaluate: the values of one person's templates.
 *
 * Values flow as lists. A source yields all its values, each step of a pipe maps, filters or
 * reduces them, and where one value is wanted it is the first in byte order, so that a server
 * that answers in another order changes nothing; `sort` settles another order.
 *
 * Attribute values are cleaned when they are first read (base/text.h), without blanks at their
 * ends, and kept for the person's other rules; values that are empty then are none. Fields and
 * defines are evaluated when something first asks for them; the loader has seen to it that they
 * do not go in circles.
 *
 * Only for this folder.
 */
#ifndef MAPPING_EVALUATE_H
#define MAPPING_EVALUATE_H

#include "mapping/rules.h"
#include "mapping/values.h"

#include <stdbool.h>
#include <stddef.h>

/* What is known of one attribute of this entry. */
struct attribute_state {
    struct values text;         /* cleaned */
    const struct slice *normal; /* text forms (model/normal.h), one a value; NULL: not yet made */
    const struct slice *dns; /* DN forms, SLICE_NONE where a value is no DN; NULL: not yet made */
    bool read;
};

struct define_state {
    struct values values;
    bool done;
};

struct evaluation {
    const struct mapping *mapping;
    const struct entry *entry;
    struct arena *arena;
    struct user *user;
    const struct finding_sink *findings;
    struct trace *trace;                /* NULL: nobody watches */
    struct attribute_state *attributes; /* by slot */
    struct define_state *defines;
    bool done[USER_FIELDS_MOST]; /* fields that have been evaluated */
    struct values each;          /* the value of `each`, where there is one */
    size_t made;                 /* items and codes so far */
    size_t work;                 /* values looked at so far */
    unsigned hinted;             /* codes for which a better one was looked for */
    size_t watched_bytes;        /* of the arena, which no bound counts */
    bool too_large;              /* evaluation has ended: evaluate_goes_on() */
    bool refused;                /* some code is not permitted: mapping/codes.h */
    void *match_data;            /* of pattern.c, made at the first match */
    const char *field;           /* what is being evaluated, for findings */
    const struct position *where;
};

/* A mapping multiplies values where an item with `each` has templates with many values: 10,000
 * mails and 10,000 groups would make a record of gigabytes, or take minutes. False, the first time
 * with a finding, when the person has got more than any record holds, or needs more work than any
 * is worth; they are rejected then, and no source has a value any more. */
bool evaluate_goes_on(struct evaluation *evaluation);

/* Who looks at values says so: `values` is how many, or more where one takes long. */
static inline void
evaluate_charge(struct evaluation *evaluation, size_t values)
{
    evaluation->work += values;
}

/* All values of an attribute, as text. */
const struct attribute_state *evaluate_attribute(struct evaluation *evaluation, int slot);

struct values evaluate_source(struct evaluation *evaluation, const struct source *source);

struct values evaluate_template(struct evaluation *evaluation, const struct template *value);

/* The values of the first alternative that yields any; *ret_where is its position. */
struct values evaluate_rule(struct evaluation *evaluation, const struct rule *rule,
                            const struct position **ret_where);

/* The user's value of a field; evaluates it when that was not done before. */
const struct user_value *evaluate_field(struct evaluation *evaluation, int field);

/* Evaluates the rule of one field into *ret_value; text rules and the field's kind applied. */
void evaluate_value(struct evaluation *evaluation, const struct rule *rule,
                    const struct field *field, struct user_value *ret_value);

/* The finding that `value` could not be read and why not; it counts as no value. */
void evaluate_unreadable(struct evaluation *evaluation, struct slice value, const char *why);

void evaluate_find(struct evaluation *evaluation, enum finding_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
