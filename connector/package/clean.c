#include "package/package.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* libzip writes beside the part and adds letters to its name. */
static bool
is_leftover(const char *name)
{
    return name[0] == '.' && (strstr(name, ".zip.part") || strstr(name, ".ldap2alma-"));
}

void
package_clean(const char *folder, const struct messenger *messenger)
{
    DIR *stream = opendir(folder);

    for (struct dirent *entry; stream && (entry = readdir(stream));)
        if (is_leftover(entry->d_name) && unlinkat(dirfd(stream), entry->d_name, 0) < 0)
            message_say(messenger, MESSAGE_WARNING, "cannot remove '%s/%s': %s", folder,
                        entry->d_name, strerror(errno));
    if (stream)
        closedir(stream);
}
