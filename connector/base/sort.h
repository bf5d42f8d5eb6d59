/* sort: many numbers, in place. Where there are millions of them, memory of the same size beside
 * them would be more than all else that a run needs. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Ascending. */
void sort_numbers(uint64_t *numbers, size_t count);

#endif
