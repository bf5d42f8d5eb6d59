/* alma_bench [COUNT]: what checking and writing one user costs, over ordinary people. */
#include "alma/alma.h"
#include "../support/sample_users.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PEOPLE = 256, DEFAULT_COUNT = 200000 };

static double
cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

int
main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : DEFAULT_COUNT;
    struct arena *arena = arena_new();
    struct user *users = memory_zero(PEOPLE, sizeof *users);
    struct alma_writer *writer = alma_writer_new();
    struct buffer out = BUFFER_INIT;
    double started, checked, written;
    size_t bytes = 0;

    for (uint64_t i = 0; i < PEOPLE; i++)
        sample_user_ordinary(arena, i, &users[i]);
    started = cpu_seconds();
    for (long i = 0; i < count; i++)
        if (!alma_check(&users[i % PEOPLE], NULL))
            return EXIT_FAILURE;
    checked = cpu_seconds();
    for (long i = 0; i < count; i++) {
        out.length = 0;
        alma_write_user(writer, &users[i % PEOPLE], &out);
        bytes += out.length;
    }
    written = cpu_seconds();
    printf("%ld users of %.0f bytes: check %.0f ns, write %.0f ns each\n", count,
           (double)bytes / (double)count, (checked - started) / (double)count * 1e9,
           (written - checked) / (double)count * 1e9);
    buffer_free(&out);
    alma_writer_free(writer);
    arena_free(arena);
    free(users);
    return EXIT_SUCCESS;
}
