#include "alma/alma.h"
#include "package/package.h"
#include "run/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool
validate_document(void *context, const char *name, int fd, struct error *err)
{
    const struct l2a *feed = context;

    return alma_validate(name, fd, &feed->messenger, err);
}

/* A ZIP begins with a local header, or with the end of an empty directory. */
static bool
is_zip(int fd)
{
    char magic[4] = "";

    return pread(fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "PK", 2) == 0 &&
           (magic[2] == 3 || magic[2] == 5);
}

int
l2a_validate(struct l2a *feed, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok;

    feed->err = ERROR_INIT;
    if (fd < 0) {
        error_set(&feed->err, errno == EACCES ? ERROR_PERMISSION : ERROR_DATA,
                  "cannot read '%s': %s", path, strerror(errno));
        return feed_failed(feed);
    }
    if (is_zip(fd))
        ok = package_read(path, validate_document, feed, &feed->err);
    else
        ok = alma_validate(path, fd, &feed->messenger, &feed->err);
    close(fd);
    return ok ? L2A_DONE : feed_failed(feed);
}
