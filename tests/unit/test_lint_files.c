/* mapping_lint() on mappings of several files, and on those that the project gives away. */
#include "unit.h"

#include "mapping_sample.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes a file into the folder, or removes it. */
static void
put(const char *folder, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (!text) {
        unlink(path);
        return;
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static char *
lint_file(const char *path)
{
    struct buffer out = BUFFER_INIT;
    struct mapping_options options = {path, {2026, 9, 1}, 0, NULL};
    struct error err = ERROR_INIT;
    struct attributes *attributes = attributes_new();
    struct mapping *mapping = mapping_load(&options, attributes, NULL, &err);

    if (mapping) {
        out = sample_lint(mapping);
    } else {
        buffer_add_text(&out, err.text);
        buffer_add(&out, "", 1);
    }
    mapping_free(mapping);
    attributes_free(attributes);
    return out.data;
}

static void
other_files_are_looked_into(void **state)
{
    static const char base[] = "mapping: 1\nmatch_id: primary_id\n"
                               "tables: { spare: { a: b } }\ndefine: { spare: x }\n"
                               "codes: { campus_code: [MAIN], gender: [F] }\n"
                               "user:\n  primary_id: ${uid}\n";
    static const char own[] = "mapping: 1\nextends: base.yaml\n"
                              "tables:\n"
                              "  places: { csv: places.csv, key: l }\n"
                              "user:\n"
                              "  campus_code: ${l | lookup places campus}\n"
                              "  gender: [\"${l | lookup places gender}\", \"${gender}\"]\n"
                              "  user_identifiers:\n"
                              "    - { id_type: NET_ID, value: \"${uid | upper}\" }\n";
    char folder[] = "/tmp/test_lint.XXXXXX", path[64], *found, *expected;
    struct arena *arena = arena_new();

    (void)state;
    assert_non_null(mkdtemp(folder));
    put(folder, "base.yaml", base);
    put(folder, "own.yaml", own);
    put(folder, "places.csv", "l,campus,gender\nHere,MAIN,\nThere,NORTH, \n");
    snprintf(path, sizeof path, "%s/own.yaml", folder);
    found = lint_file(path);
    /* In the order of the files; what the base does not use may be for others. */
    expected = arena_format(
        arena,
        "7:12 unreachable gender: this can never give a value, as what 'lookup places gender' "
        "takes of the table is empty in each row: mend it, or remove it\n"
        "9:33 same_identifier user_identifiers.value: this is the value of 'primary_id' in line 7 "
        "of '%s/base.yaml' too, and within one user Alma takes no identifier twice, whatever its "
        "type and case: leave one out, or give them conditions that exclude each other\n"
        "3:1 code_in_mapping campus_code: the code 'NORTH' is not among those that 'codes' permits "
        "for 'campus_code': write another, or add it there\n",
        folder);
    assert_string_equal(found, expected);
    arena_free(arena);
    free(found);
    put(folder, "base.yaml", NULL);
    put(folder, "own.yaml", NULL);
    put(folder, "places.csv", NULL);
    assert_int_equal(rmdir(folder), 0);
}

static bool
ends_in(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);

    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

static void
the_mappings_that_we_give_away_are_above_doubt(void **state)
{
    const char *source = getenv("srcdir");
    char folder[4096];
    struct dirent *entry;
    size_t count = 0;
    DIR *directory;

    (void)state;
    snprintf(folder, sizeof folder, "%s/mappings", source ? source : ".");
    directory = opendir(folder);
    assert_non_null(directory);
    while ((entry = readdir(directory))) {
        char path[4096 + 512], *found;

        if (!ends_in(entry->d_name, ".yaml") || ends_in(entry->d_name, ".test.yaml"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        found = lint_file(path);
        assert_string_equal(found, "");
        free(found);
        count++;
    }
    closedir(directory);
    assert_true(count > 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(other_files_are_looked_into),
    cmocka_unit_test(the_mappings_that_we_give_away_are_above_doubt),
};

UNIT_MAIN(tests)
