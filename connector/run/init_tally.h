/* init_tally: how often each text occurs, whatever its letter case.
 */
#ifndef RUN_INIT_TALLY_H
#define RUN_INIT_TALLY_H

#include "base/arena.h"
#include "base/slice.h"

#include <stddef.h>

struct init_count {
    struct slice text; /* as it came first, NUL-terminated */
    struct slice folded;
    size_t count;
};

struct init_tally;

/* The texts live in the arena, as long as the tally does. */
struct init_tally *init_tally_new(struct arena *arena);
void init_tally_free(struct init_tally *tally);

/* Adds to the text's count; returns its number, from 0 on in the order in which they came. */
size_t init_tally_add(struct init_tally *tally, struct slice text, size_t count);

/* NULL: it never came. */
const struct init_count *init_tally_find(const struct init_tally *tally, struct slice text);

/* By the numbers that init_tally_add() returned. */
const struct init_count *init_tally_rows(const struct init_tally *tally, size_t *ret_count);

/* A copy in the arena, the most frequent first; what is as frequent by its text. */
const struct init_count *init_tally_sorted(const struct init_tally *tally, size_t *ret_count);

#endif
