/* package_bench FOLDER [PEOPLE [THREADS]]: what spooling and packing cost, over ordinary people. A
 * label precedes each record in the spool, as in a run. */
#include "alma/alma.h"
#include "package/package.h"
#include "../support/sample_users.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_PEOPLE = 100000, DEFAULT_THREADS = 2, SAMPLES = 1000, LABEL_BYTES = 60 };

struct clocks {
    double wall, cpu;
};

static struct clocks
clocks_now(void)
{
    struct timespec wall, cpu;

    clock_gettime(CLOCK_MONOTONIC, &wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (struct clocks){(double)wall.tv_sec + (double)wall.tv_nsec / 1e9,
                           (double)cpu.tv_sec + (double)cpu.tv_nsec / 1e9};
}

static void
print_since(const char *what, struct clocks since)
{
    struct clocks now = clocks_now();

    printf("%-7s %.3f s wall, %.3f s CPU\n", what, now.wall - since.wall, now.cpu - since.cpu);
}

static size_t
fill_spool(struct spool *spool, struct spool_record *places, size_t people, struct error *err)
{
    struct arena *arena = arena_new();
    struct alma_writer *writer = alma_writer_new();
    struct buffer records = BUFFER_INIT;
    size_t ends[SAMPLES], bytes = 0;
    struct clocks started;
    char label[LABEL_BYTES] = "";

    for (size_t i = 0; i < SAMPLES; i++) {
        struct user user;

        sample_user_ordinary(arena, i * 7919, &user);
        alma_check(&user, NULL);
        buffer_add(&records, label, LABEL_BYTES);
        alma_write_user(writer, &user, &records);
        ends[i] = records.length;
        arena_reset(arena);
    }
    started = clocks_now();
    for (size_t i = 0; i < people; i++) {
        size_t begin = i % SAMPLES ? ends[i % SAMPLES - 1] : 0;
        struct slice record = {records.data + begin, ends[i % SAMPLES] - begin};

        if (!spool_append(spool, record, &places[i], err))
            exit(EXIT_FAILURE);
        places[i].offset += LABEL_BYTES;
        places[i].length -= LABEL_BYTES;
        bytes += places[i].length;
    }
    print_since("spool", started);
    buffer_free(&records);
    alma_writer_free(writer);
    arena_free(arena);
    return bytes;
}

int
main(int argc, char **argv)
{
    size_t people = argc > 2 ? strtoul(argv[2], NULL, 10) : DEFAULT_PEOPLE;
    struct spool_record *places = memory_zero(people, sizeof *places);
    struct arena *arena = arena_new();
    struct error err = ERROR_INIT;
    struct packages packages = {NULL, 0};
    struct package_options options = {
        .folder = argc > 1 ? argv[1] : ".",
        .prefix = "bench",
        .document_begin = alma_document_begin,
        .document_end = alma_document_end,
        .records_per_file = 10000,
        .files_per_package = 50,
        .max_size = 1000000000,
        .max_packages = 1000,
        .threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : DEFAULT_THREADS,
    };
    struct spool *spool = spool_open(options.folder, &err);
    struct clocks started;
    struct rusage usage;
    size_t bytes;
    bool ok;

    if (!spool)
        return EXIT_FAILURE;
    bytes = fill_spool(spool, places, people, &err);
    started = clocks_now();
    ok = package_build(spool, places, people, &options, arena, NULL, &packages, &err);
    print_since("package", started);
    if (!ok)
        printf("%s\n", err.text);
    for (size_t i = 0; i < packages.count; i++) {
        printf("%s: %.1f MB of XML in %.1f MB\n", packages.items[i].name, (double)bytes / 1e6,
               (double)packages.items[i].bytes / 1e6);
        unlink(packages.items[i].path);
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("peak memory %.1f MB\n", (double)usage.ru_maxrss / 1024);
    spool_close(spool);
    arena_free(arena);
    free(places);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
