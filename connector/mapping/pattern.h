/* pattern: regular expressions (PCRE2), compiled once, run on hostile values without stalling.
 *
 * Patterns and values are UTF-8. A match has bounds on the value's length and on backtracking;
 * what passes them counts as no match and is a finding. Patterns live in a struct patterns, which
 * the mapping owns; the memory of a match is the person's arena.
 */
#ifndef MAPPING_PATTERN_H
#define MAPPING_PATTERN_H

#include "base/arena.h"
#include "base/slice.h"
#include "mapping/evaluate.h"

#include <stdbool.h>
#include <stddef.h>

enum { PATTERN_VALUE_BYTES_MOST = 8192 };

struct patterns;
struct pattern;
struct replacement;

struct patterns *patterns_new(void);
void patterns_free(struct patterns *patterns);

/* NULL for a pattern that PCRE2 refuses; then *ret_why is PCRE2's sentence, in the arena, and
 * *ret_offset the byte of `text` that it is about. */
const struct pattern *pattern_compile(struct patterns *patterns, struct arena *arena,
                                      struct slice text, const char **ret_why, size_t *ret_offset);

/* A replacement for matches of a pattern: \0 to \9 name groups, \\ is a backslash. NULL with a
 * sentence about what is wrong otherwise. */
const struct replacement *replacement_compile(struct arena *arena, const struct pattern *pattern,
                                              struct slice text, const char **ret_why);

bool pattern_matches(struct evaluation *evaluation, const struct pattern *pattern,
                     struct slice value);

/* The first group of the first match, or all of it where the pattern has no group; SLICE_NONE
 * without a match and where the group took no part. */
struct slice pattern_extract(struct evaluation *evaluation, const struct pattern *pattern,
                             struct slice value);

/* All matches replaced; SLICE_NONE where a bound was passed. */
struct slice pattern_replace(struct evaluation *evaluation, const struct pattern *pattern,
                             const struct replacement *replacement, struct slice value);

#endif
