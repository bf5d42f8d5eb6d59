#include "delivery/target.h"

#include "delivery/target_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What Alma puts behind the name of a file that it has taken: ".handled" since about 2021, ".old"
 * before; some servers were seen to lose the ".zip". */
static const char *const taken_endings[] = {".zip.handled", ".handled", ".zip.old", ".old"};

/* Alma does not change what it takes: another size is another's package of that name. */
static bool
find_taken(struct target *target, const char *name, uint64_t bytes, struct whereabouts *whereabouts,
           struct error *err)
{
    size_t length = strlen(name);
    int stem = (int)(length > 4 && strcmp(name + length - 4, ".zip") == 0 ? length - 4 : length);

    for (size_t i = 0; i < sizeof taken_endings / sizeof taken_endings[0]; i++) {
        struct found found = {0};

        snprintf(whereabouts->taken, sizeof whereabouts->taken, "%.*s%s", stem, name,
                 taken_endings[i]);
        if (!target->driver->look(target, whereabouts->taken, &found, err))
            return false;
        if (found.exists && found.bytes == bytes) {
            whereabouts->place = PACKAGE_TAKEN;
            return true;
        }
    }
    whereabouts->taken[0] = '\0';
    return true;
}

static bool
find_part(struct target *target, const char *name, struct whereabouts *whereabouts,
          struct error *err)
{
    struct found found = {0};
    char *part = target_part_name(target, name);
    bool done = target->driver->look(target, part, &found, err);

    free(part);
    if (found.exists)
        whereabouts->place = PACKAGE_PARTLY;
    return done;
}

static bool
find(struct target *target, const char *name, uint64_t bytes, struct whereabouts *whereabouts,
     struct error *err)
{
    struct found found = {0};

    if (!target->driver->look(target, name, &found, err))
        return false;
    if (found.exists)
        whereabouts->place = found.bytes == bytes ? PACKAGE_THERE : PACKAGE_FOREIGN;
    else if (!find_taken(target, name, bytes, whereabouts, err))
        return false;
    /* Ours may have stayed behind when another has the name. */
    return whereabouts->place == PACKAGE_THERE || whereabouts->place == PACKAGE_TAKEN ||
           find_part(target, name, whereabouts, err);
}

bool
target_find(struct target *target, const char *name, uint64_t bytes,
            struct whereabouts *ret_whereabouts, struct error *err)
{
    *ret_whereabouts = (struct whereabouts){.place = PACKAGE_NOWHERE};
    return find(target, name, bytes, ret_whereabouts, err) ||
           error_prefix(err, "cannot look for '%s' at '%s'", name, target->name);
}
