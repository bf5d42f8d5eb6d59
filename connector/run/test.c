#include "base/file.h"
#include "run/cases.h"
#include "run/feed.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct paths {
    const char **items;
    size_t count, capacity;
};

static const char suffix[] = ".test.yaml";

static void
add_path(struct paths *paths, const char *path)
{
    memory_grow(&paths->items, &paths->capacity, paths->count + 1, sizeof *paths->items);
    paths->items[paths->count++] = path;
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_test_file(const char *name)
{
    size_t length = strlen(name);

    return name[0] != '.' && length > sizeof suffix - 1 &&
           strcmp(name + length - (sizeof suffix - 1), suffix) == 0;
}

/* All test files of a folder, in the order of their names. */
static bool
add_folder(struct paths *paths, struct arena *arena, const char *folder, struct error *err)
{
    size_t before = paths->count;
    const struct dirent *found;
    DIR *directory = opendir(folder);

    if (!directory)
        return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_CONFIG,
                         "cannot read the folder '%s': %s", folder, strerror(errno));
    while ((found = readdir(directory)))
        if (is_test_file(found->d_name))
            add_path(paths, strcmp(folder, ".") == 0
                                ? arena_string(arena, found->d_name)
                                : arena_format(arena, "%s/%s", folder, found->d_name));
    closedir(directory);
    if (paths->count > before) {
        qsort(paths->items + before, paths->count - before, sizeof *paths->items, compare_paths);
        return true;
    }
    error_set(err, ERROR_CONFIG, "no mapping tests in the folder '%s': no file '*%s'", folder,
              suffix);
    return error_hint(err,
                      "Write one: the lines 'mapping: FILE', 'today: YYYY-MM-DD' and 'cases:', "
                      "and under it a case, which has 'name', 'entry' (LDIF) and 'expect'. "
                      "ldap2alma-test(5) shows how.");
}

static bool
find_files(struct l2a *feed, const char *const *paths, size_t count, struct paths *files)
{
    struct stat info;

    if (count == 0)
        return add_folder(files, feed->case_arena,
                          file_folder(feed->case_arena, feed->settings.mapping), &feed->err);
    for (size_t i = 0; i < count; i++) {
        if (stat(paths[i], &info) != 0 || !S_ISDIR(info.st_mode))
            add_path(files, paths[i]);
        else if (!add_folder(files, feed->case_arena, paths[i], &feed->err))
            return false;
    }
    return true;
}

static bool
judge(const struct case_report *report, struct error *err)
{
    size_t count = case_report_count(report), failed = case_report_failed(report);

    if (failed > 0)
        return error_set(err, ERROR_DATA, "%zu of %zu case%s failed", failed, count,
                         count == 1 ? "" : "s");
    for (size_t i = 0; i < report->coverage_count; i++)
        if (!case_coverage_is_enough(report, &report->coverages[i]))
            return error_set(err, ERROR_DATA, "the cases reach less than %u %% of '%s'",
                             report->coverage_min, report->coverages[i].mapping);
    return true;
}

int
l2a_test(struct l2a *feed, const char *const *paths, size_t count, const char *pattern,
         unsigned coverage_min)
{
    struct paths files = {0};
    struct case_report *report;
    struct cases_options options;
    bool ok;

    if (!feed_begin(feed, count == 0, 0, 0))
        return feed_failed(feed);
    if (coverage_min > 100) {
        error_set(&feed->err, ERROR_USAGE, "no mapping has a coverage of %u %%", coverage_min);
        return feed_failed(feed);
    }
    feed->cases = NULL;
    arena_free(feed->case_arena);
    feed->case_arena = arena_new();
    report = arena_alloc(feed->case_arena, sizeof *report);
    ok = find_files(feed, paths, count, &files);
    options = (struct cases_options){files.items, files.count, pattern};
    ok = ok && cases_run(&options, feed->case_arena, &feed->messenger, report, &feed->err);
    free(files.items);
    if (!ok)
        return feed_failed(feed);
    report->coverage_min = coverage_min;
    feed->cases = report;
    return judge(report, &feed->err) ? L2A_DONE : feed_failed(feed);
}

const char *
l2a_test_report(struct l2a *feed, const char *format, unsigned flags)
{
    unsigned wanted = 0;

    if (flags & L2A_TEST_COVERAGE)
        wanted |= CASE_REPORT_COVERAGE;
    if (flags & L2A_TEST_FAILURES)
        wanted |= CASE_REPORT_FAILURES;
    feed->text.length = 0;
    if ((flags & ~(L2A_TEST_COVERAGE | L2A_TEST_FAILURES)) || !feed->cases ||
        !case_report_write(feed->cases, format, wanted, &feed->text))
        return NULL;
    buffer_add(&feed->text, "", 1);
    return feed->text.data;
}
