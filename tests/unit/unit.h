/* unit: what every unit test needs of cmocka, and comparisons of the project's own types.
 *
 * A test program is one file test_MODULE.c with a table of cmocka tests and UNIT_MAIN(tests); it
 * prints TAP under `make check`.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/slice.h"

#define assert_slice(slice, text) assert_slice_at((slice), (text), __FILE__, __LINE__)

static inline void
assert_slice_at(struct slice slice, const char *text, const char *file, int line)
{
    if (!text && !slice.data)
        return;
    if (!text || !slice.data || !slice_equal(slice, slice_of(text)))
        print_error("got '%.*s', expected '%s'\n", SLICE_ARG(slice), text ? text : "(nothing)");
    else
        return;
    _fail(file, line);
}

#define UNIT_MAIN(tests)                                                                           \
    int main(void)                                                                                 \
    {                                                                                              \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

#endif
