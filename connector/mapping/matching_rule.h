/* matching_rule: the rules that a filter can name, as in (cn:caseExactMatch:=Ana). */
#ifndef MAPPING_MATCHING_RULE_H
#define MAPPING_MATCHING_RULE_H

#include "base/slice.h"
#include "mapping/filter.h"

/* What the filter's value must be, and how it is compared then. */
enum matching_form {
    MATCHING_ANY, /* the value itself says how; what no rule is named for */
    MATCHING_TEXT,
    MATCHING_DN,
    MATCHING_TIME,
    MATCHING_INTEGER,
    MATCHING_BITS,
    MATCHING_BYTES
};

struct matching_rule {
    const char *name, *oid;
    enum filter_kind kind; /* what the filter becomes */
    enum matching_form form;
    const char *why_not; /* why the rule cannot be used; NULL: it can */
};

/* The rule with this name (without case) or number, or NULL. */
const struct matching_rule *matching_rule_find(struct slice name);

#endif
