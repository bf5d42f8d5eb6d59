#include "package_fixture.h"

#include "unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int
package_fixture_set_up(void **state)
{
    struct package_fixture *fixture = memory_zero(1, sizeof *fixture);
    const char *temporary = getenv("TMPDIR");

    snprintf(fixture->folder, sizeof fixture->folder, "%s/l2a-package-XXXXXX",
             temporary && strlen(temporary) < 32 ? temporary : "/tmp");
    if (!mkdtemp(fixture->folder))
        return -1;
    fixture->arena = arena_new();
    fixture->spool = spool_open(fixture->folder, &fixture->err);
    fixture->options = (struct package_options){
        .folder = fixture->folder,
        .prefix = "test",
        .document_begin = slice_of("<users>\n"),
        .document_end = slice_of("</users>\n"),
        .records_per_file = 100,
        .files_per_package = 50,
        .max_size = 1000000000,
        .max_packages = 20,
        .threads = 1,
        .time = 1788231600, /* 2026-09-01 03:00:00 UTC */
    };
    *state = fixture;
    return fixture->spool ? 0 : -1;
}

int
package_fixture_tear_down(void **state)
{
    struct package_fixture *fixture = *state;
    DIR *folder = opendir(fixture->folder);

    for (struct dirent *entry; folder && (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(fixture->folder);
    spool_close(fixture->spool);
    arena_free(fixture->arena);
    free(fixture);
    return 0;
}

void
package_fixture_add(struct package_fixture *fixture, struct slice record)
{
    assert_in_range(fixture->count, 0, FIXTURE_RECORDS_MOST - 1);
    assert_true(
        spool_append(fixture->spool, record, &fixture->records[fixture->count++], &fixture->err));
}

void
package_fixture_add_many(struct package_fixture *fixture, size_t count)
{
    char record[32];

    for (size_t i = 1; i <= count; i++) {
        snprintf(record, sizeof record, "<%zu/>", i);
        package_fixture_add(fixture, slice_of(record));
    }
}

struct slice
package_fixture_noise(struct package_fixture *fixture, size_t length)
{
    char *noise = arena_bytes(fixture->arena, length);
    uint32_t seed = (uint32_t)length;

    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        noise[i] = (char)('!' + (seed >> 24) % 90);
    }
    return (struct slice){noise, length};
}

bool
package_fixture_build(struct package_fixture *fixture)
{
    fixture->err = ERROR_INIT;
    fixture->packages = (struct packages){NULL, 0};
    return package_build(fixture->spool, fixture->records, fixture->count, &fixture->options,
                         fixture->arena, NULL, &fixture->packages, &fixture->err);
}

size_t
package_fixture_count_files(const struct package_fixture *fixture)
{
    DIR *folder = opendir(fixture->folder);
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

char *
package_fixture_path(const struct package_fixture *fixture, const char *name)
{
    return arena_format(fixture->arena, "%s/%s", fixture->folder, name);
}

bool
package_fixture_in_child(bool (*run)(struct package_fixture *), struct package_fixture *fixture)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        _exit(run(fixture) ? EXIT_SUCCESS : EXIT_FAILURE);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}
