#include "run/init_tally.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct init_tally {
    struct arena *arena, *scratch;
    struct init_count *rows;
    size_t count, capacity;
    size_t *table; /* of row number + 1; 0: free */
    size_t mask;
};

struct init_tally *
init_tally_new(struct arena *arena)
{
    enum { FIRST_SIZE = 64 };
    struct init_tally *tally = memory_zero(1, sizeof *tally);

    tally->arena = arena;
    tally->scratch = arena_new();
    tally->table = memory_zero(FIRST_SIZE, sizeof *tally->table);
    tally->mask = FIRST_SIZE - 1;
    return tally;
}

void
init_tally_free(struct init_tally *tally)
{
    if (!tally)
        return;
    arena_free(tally->scratch);
    free(tally->rows);
    free(tally->table);
    free(tally);
}

/* The place of the text, or where it would go. */
static size_t
find_place(const struct init_tally *tally, struct slice folded)
{
    size_t at = XXH3_64bits(folded.data, folded.length) & tally->mask;

    while (tally->table[at] && !slice_equal(tally->rows[tally->table[at] - 1].folded, folded))
        at = (at + 1) & tally->mask;
    return at;
}

static void
grow_table(struct init_tally *tally)
{
    size_t size = 2 * (tally->mask + 1);

    free(tally->table);
    tally->table = memory_zero(size, sizeof *tally->table);
    tally->mask = size - 1;
    for (size_t i = 0; i < tally->count; i++)
        tally->table[find_place(tally, tally->rows[i].folded)] = i + 1;
}

/* The form in which texts compare, until the next call. */
static struct slice
fold(const struct init_tally *tally, struct slice text)
{
    arena_reset(tally->scratch);
    return text_fold(tally->scratch, text_clean(tally->scratch, text, NULL));
}

size_t
init_tally_add(struct init_tally *tally, struct slice text, size_t count)
{
    struct slice folded = fold(tally, text);
    size_t at = find_place(tally, folded);

    if (!tally->table[at]) {
        memory_grow(&tally->rows, &tally->capacity, tally->count + 1, sizeof *tally->rows);
        tally->rows[tally->count++] =
            (struct init_count){{arena_copy(tally->arena, text.data, text.length), text.length},
                                arena_slice(tally->arena, folded),
                                0};
        tally->table[at] = tally->count;
        if (tally->count > tally->mask / 2) {
            grow_table(tally);
            at = find_place(tally, tally->rows[tally->count - 1].folded);
        }
    }
    tally->rows[tally->table[at] - 1].count += count;
    return tally->table[at] - 1;
}

const struct init_count *
init_tally_find(const struct init_tally *tally, struct slice text)
{
    size_t at = find_place(tally, fold(tally, text));

    return tally->table[at] ? &tally->rows[tally->table[at] - 1] : NULL;
}

const struct init_count *
init_tally_rows(const struct init_tally *tally, size_t *ret_count)
{
    *ret_count = tally->count;
    return tally->rows;
}

static int
compare_counts(const void *a, const void *b)
{
    const struct init_count *first = a, *second = b;

    if (first->count != second->count)
        return first->count > second->count ? -1 : 1;
    return slice_compare(first->folded, second->folded);
}

const struct init_count *
init_tally_sorted(const struct init_tally *tally, size_t *ret_count)
{
    struct init_count *sorted = arena_alloc(tally->arena, tally->count * sizeof *sorted);

    if (tally->count) {
        memcpy(sorted, tally->rows, tally->count * sizeof *sorted);
        qsort(sorted, tally->count, sizeof *sorted, compare_counts);
    }
    *ret_count = tally->count;
    return sorted;
}
