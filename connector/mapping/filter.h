/* filter: conditions, which are LDAP filters (RFC 4515) judged on the entry at hand.
 *
 * There is no schema at hand, so the values say how they compare:
 *   equality (= and ~=)   as DNs where the filter's value is a DN, else by caseIgnoreMatch;
 *   substrings            by caseIgnoreSubstringsMatch;
 *   >= and <=             as integers where the filter's value is one, as time where it is a
 *                         GeneralizedTime (an entry's value that is none does not match), else in
 *                         the order of the folded bytes;
 *   attribute:RULE:=      the rules of one table (filter.c), among them Active Directory's
 *                         bitwise and (1.2.840.113556.1.4.803) and or (.804). Other rules are
 *                         faults when the mapping is loaded, as are :dn: and a missing attribute.
 * A condition on an attribute that the entry does not have is false, and its negation true, which
 * is what servers answer for attributes they know (RFC 4511 section 4.5.1.7).
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

struct evaluation;

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
    FILTER_INTEGER
};

enum filter_order { ORDER_TEXT, ORDER_INTEGER, ORDER_TIME };

struct filter {
    enum filter_kind kind;
    const struct filter **children; /* FILTER_AND, FILTER_OR, FILTER_NOT */
    size_t child_count;
    struct source subject;
    struct slice text;   /* normal form of the value; FILTER_EXACT, ORDER_INTEGER: as written */
    struct slice dn;     /* its DN form; SLICE_NONE: it is no DN */
    struct slice *parts; /* FILTER_SUBSTRINGS: first, middle ones, last; empty where open */
    size_t part_count;   /* at least 2 */
    enum filter_order order;
    time_t time;    /* ORDER_TIME */
    long long bits; /* FILTER_BITS_ALL, FILTER_BITS_ANY */
};

/* Compiles the scalar `node`; NULL after a fault, which points into the filter. */
const struct filter *filter_compile(struct compiler *compiler, const struct yaml_node *node);

bool filter_match(struct evaluation *evaluation, const struct filter *filter);

/* An integer as RFC 4517 section 3.3.16 writes it. */
bool filter_is_integer(struct slice text);

#endif
