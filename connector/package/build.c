#include "package/package.h"

#include "base/file.h"
#include "package/archive.h"
#include "package/documents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct build {
    const struct package_options *options;
    size_t record_count;
    const struct documents *documents;
    struct arena *arena;
    struct packages packages; /* those that have their final names */
};

/* A document must fit into a package by itself. */
static bool
check_sizes(const struct build *build, struct error *err)
{
    const struct package_options *options = build->options;

    for (size_t i = 0; i < build->documents->count; i++) {
        uint64_t bytes =
            archive_member_bytes(build->documents->items[i].length) + archive_rest_bytes();

        if (bytes <= options->max_size)
            continue;
        error_set(err, ERROR_CONFIG,
                  "a document of %zu people makes a package of %ju bytes, max_size is %ju",
                  documents_records(i, build->record_count, options->records_per_file),
                  (uintmax_t)bytes, (uintmax_t)options->max_size);
        return error_hint(err, "Lower records_per_file (%u) or raise max_size.",
                          options->records_per_file);
    }
    return true;
}

/* The first document behind the package that begins with document `first`. */
static size_t
package_end(const struct build *build, size_t first)
{
    uint64_t bytes = archive_rest_bytes();
    size_t end = first;

    while (end < build->documents->count && end - first < build->options->files_per_package) {
        bytes += archive_member_bytes(build->documents->items[end].length);
        if (bytes > build->options->max_size)
            break;
        end++;
    }
    return end;
}

static bool
count_packages(const struct build *build, size_t *ret_count, struct error *err)
{
    size_t count = 0;

    for (size_t first = 0; first < build->documents->count; first = package_end(build, first))
        count++;
    *ret_count = count;
    if (count <= build->options->max_packages)
        return true;
    error_set(err, ERROR_CONFIG, "%zu people make %zu packages, max_packages is %u",
              build->record_count, count, build->options->max_packages);
    return error_hint(err, "Raise records_per_file, files_per_package or max_size, or allow more "
                           "packages.");
}

/* rename(2) that never replaces. Where the file system cannot do that at once, a second name and
 * then the first one's removal do. */
static bool
rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    if (link(from, to) < 0)
        return false;
    (void)unlink(from);
    return true;
}

/* Syncs the finished file and gives it its final name. */
static bool
publish(const char *part, struct package *package, struct error *err)
{
    struct stat info;
    bool ok = false;
    int fd = open(part, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &info) < 0) {
        error_set(err, ERROR_WRITE, "cannot open '%s': %s", part, strerror(errno));
        goto done;
    }
    package->bytes = (uint64_t)info.st_size;
    if (!file_sync(fd, part, err))
        goto done;
    if (!rename_new(part, package->path)) {
        error_set(err, ERROR_WRITE, "cannot make '%s': %s", package->path, strerror(errno));
        goto done;
    }
    ok = true;
done:
    if (fd >= 0)
        close(fd);
    if (!ok)
        unlink(part);
    return ok;
}

static uint64_t
count_records(const struct build *build, size_t first, size_t end)
{
    uint64_t records = 0;

    for (size_t i = first; i < end; i++)
        records += documents_records(i, build->record_count, build->options->records_per_file);
    return records;
}

/* Makes the next package of documents `first` to before `end`. */
static bool
build_one(struct build *build, int digits, size_t first, size_t end, struct error *err)
{
    const struct package_options *options = build->options;
    struct package *package = &build->packages.items[build->packages.count];
    char *part;

    package->name = arena_format(build->arena, "%s-%0*zu.zip", options->prefix, digits,
                                 build->packages.count + 1);
    package->path = arena_format(build->arena, "%s/%s", options->folder, package->name);
    package->files = end - first;
    package->records = count_records(build, first, end);
    part = arena_format(build->arena, "%s/.%s.part", options->folder, package->name);
    if (!archive_write(part, &build->documents->items[first], end - first, options->time, err) ||
        !publish(part, package, err))
        return false;
    build->packages.count++;
    return digest_file(package->path, package->sha256, err);
}

static bool
build_all(struct build *build, struct error *err)
{
    size_t count, end;
    int digits = 2;

    if (!check_sizes(build, err) || !count_packages(build, &count, err))
        return false;
    for (size_t rest = count / 100; rest; rest /= 10)
        digits++;
    build->packages.items = arena_alloc(build->arena, (count + 1) * sizeof(struct package));
    for (size_t first = 0; first < build->documents->count; first = end) {
        end = package_end(build, first);
        if (!build_one(build, digits, first, end, err))
            return false;
    }
    return count == 0 || file_sync_folder(build->options->folder, err);
}

bool
package_build(struct spool *spool, const struct spool_record *records, size_t count,
              const struct package_options *options, struct arena *arena,
              const struct messenger *messenger, struct packages *ret_packages, struct error *err)
{
    struct documents documents = {0};
    struct build build = {options, count, &documents, arena, {NULL, 0}};
    bool ok;

    if (options->records_per_file == 0 || options->files_per_package == 0)
        return error_set(err, ERROR_INTERNAL, "cannot build packages of nothing");
    ok = documents_deflate(spool, records, count, options, messenger, &documents, err) &&
         build_all(&build, err);
    documents_free(&documents);
    if (ok)
        *ret_packages = build.packages;
    for (size_t i = 0; !ok && i < build.packages.count; i++)
        unlink(build.packages.items[i].path);
    return ok;
}
