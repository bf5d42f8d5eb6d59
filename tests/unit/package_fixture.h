/* package_fixture: an empty folder, a spool in it, and records for the tests of package/. */
#ifndef UNIT_PACKAGE_FIXTURE_H
#define UNIT_PACKAGE_FIXTURE_H

#include "package/package.h"

enum { FIXTURE_RECORDS_MOST = 2000 };

struct package_fixture {
    struct arena *arena;
    char folder[64];
    struct spool *spool;
    struct spool_record records[FIXTURE_RECORDS_MOST];
    size_t count;
    struct package_options options; /* roomy limits, one thread */
    struct packages packages;
    struct error err;
};

int package_fixture_set_up(void **state);
int package_fixture_tear_down(void **state);

/* Appends a record. */
void package_fixture_add(struct package_fixture *fixture, struct slice record);

/* Appends `count` records "<1/>", "<2/>", …. */
void package_fixture_add_many(struct package_fixture *fixture, size_t count);

/* Text that hardly compresses. */
struct slice package_fixture_noise(struct package_fixture *fixture, size_t length);

bool package_fixture_build(struct package_fixture *fixture);

/* The files of the folder. */
size_t package_fixture_count_files(const struct package_fixture *fixture);

/* "FOLDER/NAME", in the arena. */
char *package_fixture_path(const struct package_fixture *fixture, const char *name);

/* Runs a function in a process of its own, which may change its rights, limits and mounts; true
 * when it returned true there. */
bool package_fixture_in_child(bool (*run)(struct package_fixture *),
                              struct package_fixture *fixture);

#endif
