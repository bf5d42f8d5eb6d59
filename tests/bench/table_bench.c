/* table_bench write FILE ROWS | load FILE: what a large CSV table costs.
 *
 * `write` makes a file of four columns, about 60 bytes a row. `load` loads a mapping that looks one
 * of its columns up, and maps people with it; prints what loading took, what the table keeps in
 * memory, and what a person took. For the peak of memory run it by tests/bench/measure.
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "mapping/mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEOPLE = 1000000 };

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Resident memory in MB. */
static double
resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (!file || fscanf(file, "%*s %ld", &pages) != 1)
        exit(EXIT_FAILURE);
    fclose(file);
    return (double)(pages * sysconf(_SC_PAGESIZE)) / 1e6;
}

static int
write_table(const char *path, unsigned long rows)
{
    FILE *file = fopen(path, "w");

    if (!file)
        return EXIT_FAILURE;
    fprintf(file, "Employee ID,Barcode,Name,Library\n");
    for (unsigned long i = 0; i < rows; i++)
        fprintf(file, "E%07lu,%014lu,\"Example, Person %lu\",MAIN LIBRARY\n", i * 7919 % rows,
                20000000000000 + i, i);
    return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
say(void *context, enum message_level level, const char *text)
{
    (void)context;
    if (level == MESSAGE_ERROR)
        fprintf(stderr, "%s\n", text);
}

static void
map_people(const struct mapping *mapping, const struct attributes *attributes)
{
    struct arena *arena = arena_new();
    size_t found = 0;
    double start = seconds();

    for (unsigned long i = 0; i < PEOPLE; i++) {
        char number[16];
        int length = snprintf(number, sizeof number, "E%07lu", i * 104729 % PEOPLE);
        struct slice value = {number, (size_t)length};
        struct entry_values slot = {&value, 1};
        struct entry entry = {.dn = value, .attributes = attributes, .slots = &slot};
        struct user user;

        arena_reset(arena);
        mapping_apply(mapping, &entry, arena, &user, NULL);
        found += user.match_id.length == 14;
    }
    printf("%zu of %d people found, %.0f ns/person\n", found, PEOPLE,
           (seconds() - start) * 1e9 / PEOPLE);
    arena_free(arena);
}

static int
load_table(const char *path)
{
    struct buffer text = BUFFER_INIT;
    struct attributes *attributes = attributes_new();
    const struct mapping_options options = {.path = "bench.yaml", .today = {2026, 9, 1}};
    const struct messenger messenger = {say, NULL, NULL};
    struct error err = ERROR_INIT;
    double start = seconds(), before = resident();
    struct mapping *mapping;

    buffer_format(&text,
                  "mapping: 1\nmatch_id: primary_id\n"
                  "tables:\n  cards: { csv: \"%s\", key: Employee ID }\n"
                  "user:\n  primary_id: ${employeeNumber | lookup cards Barcode}\n",
                  path);
    mapping = mapping_parse(&options, (struct slice){text.data, text.length}, attributes,
                            &messenger, &err);
    if (!mapping)
        return EXIT_FAILURE;
    printf("loaded in %.3f s, %.1f MB are kept\n", seconds() - start, resident() - before);
    map_people(mapping, attributes);
    mapping_free(mapping);
    attributes_free(attributes);
    buffer_free(&text);
    return EXIT_SUCCESS;
}

int
main(int count, char **arguments)
{
    if (count == 4 && strcmp(arguments[1], "write") == 0)
        return write_table(arguments[2], strtoul(arguments[3], NULL, 10));
    if (count == 3 && strcmp(arguments[1], "load") == 0)
        return load_table(arguments[2]);
    fprintf(stderr, "usage: table_bench write FILE ROWS | load FILE\n");
    return 64;
}
