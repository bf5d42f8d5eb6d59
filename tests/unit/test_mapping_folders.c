/* Runs the folders of tests/cases (mapping.yaml and entry.txt give expected.txt) and of
 * tests/refused/mapping-* (mapping.yaml gives the faults in `expected`), each as the working
 * directory, so that a mapping finds the files that it names. With the environment
 * variable MAPPING_EXPECT_WRITE set it writes what it got, for people who have read it. */
#include "unit.h"

#include "mapping_sample.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
write_expected(const char *path, const struct buffer *got)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fwrite(got->data, 1, got->length, file);
    fclose(file);
}

/* True when the result is the file's text. */
static bool
compare(struct arena *arena, const char *path, const struct buffer *got)
{
    struct slice expected;

    if (getenv("MAPPING_EXPECT_WRITE"))
        write_expected(path, got);
    if (!sample_read(arena, path, &expected))
        return false;
    if (slice_equal(expected, (struct slice){got->data, got->length}))
        return true;
    print_error("%s\n--- expected\n%.*s--- got\n%.*s", path, SLICE_ARG(expected), (int)got->length,
                got->data);
    return false;
}

static bool
run_folder(const char *folder, bool refused)
{
    struct arena *arena = arena_new();
    struct slice mapping, entry = slice_of("");
    struct buffer got = BUFFER_INIT;
    bool good = chdir(folder) == 0 && sample_read(arena, "mapping.yaml", &mapping);

    if (!refused)
        good = good && sample_read(arena, "entry.txt", &entry);
    if (good) {
        got = sample_run(mapping, entry);
        good = compare(arena, refused ? "expected" : "expected.txt", &got);
    }
    if (!good)
        print_error("in %s\n", folder);
    buffer_free(&got);
    arena_free(arena);
    return good;
}

static void
run_folders(const char *parent, const char *prefix, bool refused)
{
    const char *source = getenv("srcdir");
    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char path[4096];
    struct dirent *found;
    size_t count = 0, failed = 0;
    DIR *directory;

    snprintf(path, sizeof path, "%s/tests/%s", source ? source : ".", parent);
    directory = opendir(path);
    assert_non_null(directory);
    while ((found = readdir(directory))) {
        char folder[4096 + 512];

        if (found->d_name[0] == '.' || strncmp(found->d_name, prefix, strlen(prefix)) != 0)
            continue;
        snprintf(folder, sizeof folder, "%s/%s", path, found->d_name);
        failed += !run_folder(folder, refused);
        assert_int_equal(fchdir(before), 0);
        count++;
    }
    closedir(directory);
    close(before);
    assert_int_equal(failed, 0);
    assert_true(count > 0);
}

static void
cases_give_what_they_expect(void **state)
{
    (void)state;
    run_folders("cases", "", false);
}

static void
refused_mappings_say_why(void **state)
{
    (void)state;
    run_folders("refused", "mapping-", true);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cases_give_what_they_expect),
    cmocka_unit_test(refused_mappings_say_why),
};

UNIT_MAIN(tests)
