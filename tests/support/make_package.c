/* make_package FOLDER PEOPLE RECORDS_PER_FILE FILES_PER_PACKAGE MAX_SIZE: packages of ordinary
 * people named "sample-NN.zip", each with its name, records and SHA-256 on a line. For tests that
 * read packages with other programs; FOLDER/sample.txt gets the records as they are. */
#include "alma/alma.h"
#include "base/file.h"
#include "package/package.h"
#include "sample_users.h"

#include <stdio.h>
#include <stdlib.h>

struct maker {
    struct arena *arena;
    struct alma_writer *writer;
    struct spool *spool;
    struct spool_record *places;
    size_t people;
    FILE *plain;
};

static bool
spool_people(struct maker *maker, struct error *err)
{
    struct arena *arena = arena_new();
    struct buffer record = BUFFER_INIT;
    bool ok = true;

    for (size_t i = 0; ok && i < maker->people; i++) {
        struct user user;

        sample_user_ordinary(arena, i, &user);
        alma_check(&user, NULL);
        record.length = 0;
        alma_write_user(maker->writer, &user, &record);
        fwrite(record.data, 1, record.length, maker->plain);
        ok = spool_append(maker->spool, (struct slice){record.data, record.length},
                          &maker->places[i], err);
        arena_reset(arena);
    }
    buffer_free(&record);
    arena_free(arena);
    return ok;
}

int
main(int argc, char **argv)
{
    struct maker maker = {.arena = arena_new(), .writer = alma_writer_new()};
    struct packages packages = {NULL, 0};
    struct error err = ERROR_INIT;
    struct package_options options = {.prefix = "sample",
                                      .document_begin = alma_document_begin,
                                      .document_end = alma_document_end,
                                      .max_packages = 99,
                                      .threads = 2,
                                      .time = 1788231600};
    bool ok;

    if (argc != 6)
        return EXIT_FAILURE;
    options.folder = argv[1];
    maker.people = strtoul(argv[2], NULL, 10);
    options.records_per_file = (unsigned)strtoul(argv[3], NULL, 10);
    options.files_per_package = (unsigned)strtoul(argv[4], NULL, 10);
    options.max_size = strtoull(argv[5], NULL, 10);
    maker.places = memory_zero(maker.people, sizeof *maker.places);
    maker.plain = fopen(arena_format(maker.arena, "%s/sample.txt", argv[1]), "w");
    maker.spool = spool_open(options.folder, &err);
    ok = maker.plain && maker.spool && spool_people(&maker, &err) &&
         package_build(maker.spool, maker.places, maker.people, &options, maker.arena, NULL,
                       &packages, &err);
    for (size_t i = 0; i < packages.count; i++)
        printf("%s %ju %ju %s\n", packages.items[i].name, (uintmax_t)packages.items[i].records,
               (uintmax_t)packages.items[i].bytes, packages.items[i].sha256);
    if (!ok)
        fprintf(stderr, "%s\n%s\n", err.text, err.hint);
    if (maker.plain)
        fclose(maker.plain);
    spool_close(maker.spool);
    alma_writer_free(maker.writer);
    free(maker.places);
    arena_free(maker.arena);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
