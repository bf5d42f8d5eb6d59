/* Numbers are sorted as qsort() would: random ones, equal ones, such as differ in few bits. */
#include "unit.h"

#include "base/arena.h"
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

static uint64_t
draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed ^ *seed >> 29;
}

static void
numbers_are_sorted(void **state)
{
    static const size_t counts[] = {0, 1, 2, 31, 32, 33, 1000, 50000};
    static const uint64_t masks[] = {UINT64_MAX, 0, 0xff, 0xff00000000000000u, 0x8000000000000001u};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (size_t j = 0; j < sizeof masks / sizeof masks[0]; j++) {
            uint64_t *numbers = memory_alloc(counts[i] * sizeof *numbers), seed = i + j;
            uint64_t *expected = memory_alloc(counts[i] * sizeof *numbers);

            for (size_t k = 0; k < counts[i]; k++)
                expected[k] = numbers[k] = draw(&seed) & masks[j];
            qsort(expected, counts[i], sizeof *expected, compare);
            sort_numbers(numbers, counts[i]);
            assert_memory_equal(numbers, expected, counts[i] * sizeof *numbers);
            free(numbers);
            free(expected);
        }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_sorted)};

UNIT_MAIN(tests)
