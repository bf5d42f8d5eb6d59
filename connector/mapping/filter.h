/* filter: conditions, which are LDAP filters (RFC 4515) judged on the entry at hand.
 *
 * There is no schema at hand, so the values say how they compare:
 *   equality (= and ~=)   as DNs where the filter's value is a DN; as bytes where it is no text
 *                         (an objectGUID with its escapes); else by caseIgnoreMatch, and where it
 *                         is a GeneralizedTime, also as time;
 *   substrings            by caseIgnoreSubstringsMatch;
 *   >= and <=             as integers of any length where the filter's value is one, as time where
 *                         it is a GeneralizedTime (an entry's value that is none does not match),
 *                         else in the order of the folded bytes;
 *   attribute:RULE:=      the rules of one table (matching_rule.c), among them Active Directory's
 *                         bitwise and (1.2.840.113556.1.4.803) and or (.804). Other rules are
 *                         faults when the mapping is loaded, as is a missing attribute;
 *   attribute:dn:=        the attribute's values and those that it has in the entry's DN.
 * A condition on an attribute that the entry does not have is false, and its negation true, which
 * is what servers answer for attributes they know (RFC 4511 section 4.5.1.7). An attribute with
 * options is another one than the plain one, as everywhere (model/attributes.h); a server would
 * find the values of cn;lang-fr under cn as well.
 *
 * In the place of an attribute may stand any source of a template: define.NAME, alma.FIELD, dn,
 * today, now, each. Beyond the grammar, blanks between parentheses are allowed.
 */
#ifndef MAPPING_FILTER_H
#define MAPPING_FILTER_H

#include "base/yaml.h"
#include "mapping/compiler.h"
#include "mapping/rules.h"

#include <stdbool.h>
#include <time.h>

struct evaluation;
struct values;

enum filter_kind {
    FILTER_AND,
    FILTER_OR,
    FILTER_NOT, /* one child */
    FILTER_PRESENT,
    FILTER_EQUAL,
    FILTER_SUBSTRINGS,
    FILTER_AT_LEAST,
    FILTER_AT_MOST,
    FILTER_BITS_ALL, /* all bits of the number are set */
    FILTER_BITS_ANY,
    FILTER_EXACT, /* byte for byte, after the text rules */
    FILTER_BYTES, /* byte for byte, as the entry has them */
    FILTER_INTEGER
};

enum filter_order { ORDER_TEXT, ORDER_INTEGER, ORDER_TIME };

struct filter {
    enum filter_kind kind;
    const struct filter **children; /* FILTER_AND, FILTER_OR, FILTER_NOT */
    size_t child_count;
    struct source subject;
    struct slice dn_type;    /* :dn: is said: the attribute's name, without options */
    struct slice text;       /* normal form of the value; FILTER_EXACT, FILTER_BYTES: as it is */
    struct slice dn;         /* its DN form; SLICE_NONE: it is no DN */
    struct slice *parts;     /* FILTER_SUBSTRINGS: first, middle ones, last; empty where open */
    size_t part_count;       /* at least 2 */
    enum filter_order order; /* FILTER_EQUAL: ORDER_TIME, or else ORDER_TEXT */
    struct timespec time;    /* ORDER_TIME */
    long long bits;          /* FILTER_BITS_ALL, FILTER_BITS_ANY */
};

/* Compiles the scalar `node`; NULL after a fault, which points into the filter. */
const struct filter *filter_compile(struct compiler *compiler, const struct yaml_node *node);

/* True when the value, in its text form, is as a FILTER_SUBSTRINGS asks. */
bool filter_match_substrings(const struct filter *filter, struct slice value);

bool filter_match(struct evaluation *evaluation, const struct filter *filter);

/* The forms (model/normal.h) in which the subject's values are compared, one a value: as text,
 * or as DNs, SLICE_NONE where a value is none. An attribute's are made once a person. */
const struct slice *filter_forms(struct evaluation *evaluation, const struct source *subject,
                                 const struct values *values, bool as_dn);

/* True for an equality that asks nothing else than whether one of those forms is the filter's own:
 * filter->dn where it has one, else filter->text. */
bool filter_is_plain(const struct filter *filter);

#endif
