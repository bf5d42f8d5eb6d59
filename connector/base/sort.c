#include "base/sort.h"

enum { BUCKETS = 256, BUCKET_BITS = 8, FEW = 32 };

static void
sort_few(uint64_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t number = numbers[i];
        size_t at = i;

        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

/* By the eight bits at `shift`, each number going to its bucket by exchange, then each bucket by
 * the bits below. */
static void
sort_bits(uint64_t *numbers, size_t count, unsigned shift)
{
    size_t next[BUCKETS], ends[BUCKETS] = {0};

    if (count < FEW) {
        sort_few(numbers, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        ends[numbers[i] >> shift & (BUCKETS - 1)]++;
    for (size_t bucket = 0, end = 0; bucket < BUCKETS; bucket++) {
        next[bucket] = end;
        end += ends[bucket];
        ends[bucket] = end;
    }
    for (size_t bucket = 0; bucket < BUCKETS; bucket++)
        while (next[bucket] < ends[bucket]) {
            uint64_t number = numbers[next[bucket]];
            size_t other = number >> shift & (BUCKETS - 1);

            numbers[next[bucket]] = numbers[next[other]];
            numbers[next[other]++] = number;
        }
    for (size_t bucket = 0, begin = 0; shift > 0 && bucket < BUCKETS; begin = ends[bucket++])
        sort_bits(numbers + begin, ends[bucket] - begin, shift - BUCKET_BITS);
}

void
sort_numbers(uint64_t *numbers, size_t count)
{
    sort_bits(numbers, count, sizeof *numbers * 8 - BUCKET_BITS);
}
