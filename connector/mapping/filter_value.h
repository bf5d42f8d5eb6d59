/* filter_value: what a filter compares with, in the form in which it is compared.
 *
 * Only for filter.c, which reads filters, and filter_match.c, which judges them.
 */
#ifndef MAPPING_FILTER_VALUE_H
#define MAPPING_FILTER_VALUE_H

#include "base/arena.h"
#include "mapping/filter.h"
#include "mapping/matching_rule.h"

#include <stdbool.h>
#include <stddef.h>

/* Sets the value, without its escapes, of a filter whose kind and subject are known. NULL, or why
 * the filter cannot compare with it. */
const char *filter_set_value(struct arena *arena, struct filter *filter, enum matching_form form,
                             struct slice value);

/* The same for what stands before, between and behind '*': makes it a filter of substrings, or of
 * presence where there is nothing but one '*'. The parts are kept and changed. */
const char *filter_set_parts(struct arena *arena, struct filter *filter, struct slice *parts,
                             size_t count);

/* An integer as RFC 4517 section 3.3.16 writes it, of any length; zeros may stand in front. */
bool filter_is_integer(struct slice text);

/* An integer of at most 64 bits. */
bool filter_parse_bits(struct slice text, long long *ret_bits);

#endif
