#include "run/keep.h"

#include "base/file.h"
#include "run/workshop.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool
lies_in(const char *folder, const char *above, struct arena *arena)
{
    const char *inner, *outer = file_real_path(arena, above);
    size_t length = strlen(outer);

    while (access(folder, F_OK) != 0 && errno == ENOENT)
        folder = file_folder(arena, folder);
    inner = file_real_path(arena, folder);
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || inner[length] == '\0');
}

static bool
check_place(const struct settings *settings, const char *folder, struct error *err)
{
    const char *const places[] = {settings->spool, settings->folder};
    struct arena *arena = arena_new();
    bool ok = true;

    for (size_t i = 0; ok && i < sizeof places / sizeof places[0]; i++)
        if (places[i] && lies_in(folder, places[i], arena))
            ok = error_set(err, ERROR_USAGE, "packages cannot be kept in '%s', which lies in '%s'",
                           folder, places[i]);
    if (!ok)
        error_hint(err, "Packages that are there might reach Alma: name another folder.");
    arena_free(arena);
    return ok;
}

static bool
check_content(const char *path, struct error *err)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    bool ok = true;

    if (!folder)
        return error_set(err, errno == EACCES ? ERROR_PERMISSION : ERROR_WRITE,
                         "cannot read the folder '%s': %s", path, strerror(errno));
    while (ok && (entry = readdir(folder)))
        if (workshop_is_package(entry->d_name))
            ok = error_set(err, ERROR_WRITE, "'%s/%s' is there already, and nothing is replaced",
                           path, entry->d_name);
    if (!ok)
        error_hint(err, "Name another folder for these packages, or a new one.");
    closedir(folder);
    return ok;
}

bool
keep_prepare(const struct settings *settings, const char *folder, struct error *err)
{
    /* Once more when it is there, as the place may be one that had to be made, too. */
    return check_place(settings, folder, err) && file_make_folder(folder, err) &&
           workshop_check_folder(folder, err) && check_place(settings, folder, err) &&
           check_content(folder, err);
}
