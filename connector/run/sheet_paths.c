#include "run/sheet_parts.h"

#include <assert.h>
#include <string.h>

static_assert(SETTINGS_MODE_COUNT == 2, "a mode has one other mode");

/* The path's beginning up to its last '/', with it; 0 where there is none. */
static size_t
parent_length(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

/* A path that is NULL lies everywhere. */
static bool
lies_in(const char *path, const char *parent, size_t length)
{
    return !path || (strncmp(path, parent, length) == 0 && path[length] != '\0');
}

/* The directory of a mode, with one '/' between its parts and none at its end; NULL: there is none.
 */
static const char *
directory_of(const struct settings *settings, int mode, struct arena *arena)
{
    const char *path = settings->sftp.directories[mode];
    char *directory;
    size_t length = 0;

    if (!path)
        return NULL;
    directory = arena_string(arena, path);
    for (; *path; path++)
        if (*path != '/' || length == 0 || directory[length - 1] != '/')
            directory[length++] = *path;
    if (length > 1 && directory[length - 1] == '/')
        length--;
    directory[length] = '\0';
    return directory;
}

struct sheet_paths
sheet_paths(const struct settings *settings, struct arena *arena)
{
    struct sheet_paths paths = {.connection = ""};
    int mode = (int)settings->mode, other_mode = SETTINGS_MODE_COUNT - 1 - mode;
    const char *path = directory_of(settings, mode, arena);
    const char *other = directory_of(settings, other_mode, arena);
    size_t length;

    if (!path && !other) {
        paths.input[mode] = "";
        return paths;
    }
    /* One directory for both is for the job that the settings name. */
    if (path && other && strcmp(path, other) == 0)
        other = NULL;
    length = path ? parent_length(path, strlen(path)) : parent_length(other, strlen(other));
    while (length > 0 && path && !lies_in(other, path, length))
        length = parent_length(path, length - 1);
    /* Without its '/', unless that is all of it. */
    paths.connection = arena_copy(arena, path ? path : other, length > 1 ? length - 1 : length);
    paths.input[mode] = path ? path + length : NULL;
    paths.input[other_mode] = other ? other + length : NULL;
    return paths;
}
