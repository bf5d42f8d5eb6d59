/* transform: THE table of transforms, the words behind '|' in a template.
 *
 * A transform is one function and one row: name, what its arguments are, help, an example that a
 * test runs. It either turns each value into one value or none (`each`), or the list of values
 * into another (`list`). Blank results count as none. The loader checks and prepares arguments by
 * their kinds, so that a transform finds them ready (mapping/argument.h).
 *
 * What a transform cannot read (a date that is none) is no value and a finding.
 */
#ifndef MAPPING_TRANSFORM_H
#define MAPPING_TRANSFORM_H

#include "mapping/evaluate.h"
#include "mapping/mapping.h"
#include "mapping/rules.h"

enum argument_kind {
    ARGUMENT_NONE,
    ARGUMENT_TEXT,
    ARGUMENT_COUNT,       /* a whole number from 1 to 10000 */
    ARGUMENT_CHARACTER,   /* one character */
    ARGUMENT_PATTERN,     /* a PCRE2 pattern */
    ARGUMENT_REPLACEMENT, /* text with \1 for the groups of the pattern before it */
    ARGUMENT_TABLE,       /* a name under `tables:` */
    ARGUMENT_COLUMN,      /* a column of the table before it */
    ARGUMENT_SPAN,        /* 30d, 2w, 6m, 1y */
    ARGUMENT_DAY,         /* MM-DD */
    ARGUMENT_FORMAT,      /* of strptime */
    ARGUMENT_TYPE,        /* an attribute name within a DN */
    ARGUMENT_OFFSET       /* +01:00, from UTC */
};

/* What a transform is known to do with any values, for judging a mapping that nobody runs. */
enum transform_trait {
    TRANSFORM_CHOOSES = 1,      /* says which of several values is meant */
    TRANSFORM_PASSES = 2,       /* values go through unchanged, where they go through */
    TRANSFORM_KEEPS = 4,        /* some value goes in: some value comes out */
    TRANSFORM_GIVES = 8,        /* some value comes out */
    TRANSFORM_KEEPS_DATES = 16, /* as KEEPS, for dates */
    TRANSFORM_CASE = 32,        /* changes nothing but the case of letters … */
    TRANSFORM_BLANKS = 64       /* … or white space */
};

struct transform {
    struct transform_help help;
    enum argument_kind arguments[STEP_ARGUMENTS_MOST];
    size_t least;     /* arguments that must be there */
    unsigned traits;  /* flags of enum transform_trait */
    bool reads_bytes; /* takes an attribute's bytes and stands directly behind it */
    struct slice (*each)(struct evaluation *evaluation, const struct step *step,
                         struct slice value);
    void (*list)(struct evaluation *evaluation, const struct step *step, struct values *values);
};

/* The row, or NULL. */
const struct transform *transform_find(struct slice name);

/* Row `index`, or NULL behind the table's end. */
const struct transform *transform_row(size_t index);

/* Runs one step on the values. */
void transform_run(struct evaluation *evaluation, const struct step *step, struct values *values);

/* The functions of the rows, by what they are about. transform_text.c */
struct slice transform_lower(struct evaluation *, const struct step *, struct slice);
struct slice transform_upper(struct evaluation *, const struct step *, struct slice);
struct slice transform_trim(struct evaluation *, const struct step *, struct slice);
struct slice transform_squeeze(struct evaluation *, const struct step *, struct slice);
struct slice transform_ascii(struct evaluation *, const struct step *, struct slice);
struct slice transform_digits(struct evaluation *, const struct step *, struct slice);
struct slice transform_prefix(struct evaluation *, const struct step *, struct slice);
struct slice transform_suffix(struct evaluation *, const struct step *, struct slice);
struct slice transform_before(struct evaluation *, const struct step *, struct slice);
struct slice transform_after(struct evaluation *, const struct step *, struct slice);
struct slice transform_take(struct evaluation *, const struct step *, struct slice);
struct slice transform_drop(struct evaluation *, const struct step *, struct slice);
struct slice transform_pad_left(struct evaluation *, const struct step *, struct slice);
struct slice transform_line(struct evaluation *, const struct step *, struct slice);

/* transform_pattern.c */
struct slice transform_matching(struct evaluation *, const struct step *, struct slice);
struct slice transform_replace(struct evaluation *, const struct step *, struct slice);
struct slice transform_extract(struct evaluation *, const struct step *, struct slice);

/* transform_list.c */
void transform_first(struct evaluation *, const struct step *, struct values *);
void transform_last(struct evaluation *, const struct step *, struct values *);
void transform_only(struct evaluation *, const struct step *, struct values *);
void transform_join(struct evaluation *, const struct step *, struct values *);
void transform_sort(struct evaluation *, const struct step *, struct values *);
void transform_count(struct evaluation *, const struct step *, struct values *);
void transform_default(struct evaluation *, const struct step *, struct values *);

/* transform_date.c */
struct slice transform_date(struct evaluation *, const struct step *, struct slice);
struct slice transform_generalized_time(struct evaluation *, const struct step *, struct slice);
struct slice transform_filetime(struct evaluation *, const struct step *, struct slice);
struct slice transform_unix_time(struct evaluation *, const struct step *, struct slice);
struct slice transform_plus(struct evaluation *, const struct step *, struct slice);
struct slice transform_minus(struct evaluation *, const struct step *, struct slice);
struct slice transform_next(struct evaluation *, const struct step *, struct slice);

/* transform_lookup.c */
struct slice transform_lookup(struct evaluation *, const struct step *, struct slice);
struct slice transform_country(struct evaluation *, const struct step *, struct slice);

/* transform_directory.c */
struct slice transform_guid(struct evaluation *, const struct step *, struct slice);
struct slice transform_sid(struct evaluation *, const struct step *, struct slice);
struct slice transform_rdn(struct evaluation *, const struct step *, struct slice);

#endif
