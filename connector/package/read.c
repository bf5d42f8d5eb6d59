#include "package/package.h"

#include "base/arena.h"
#include "package/thread.h"
#include "package/zip_error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024 };

/* A thread that unpacks one member into a socket, so that whoever reads it never has to hold a
 * document or keep it on disk. While it runs, the archive belongs to it. */
struct feeder {
    zip_t *zip;
    zip_uint64_t index;
    const char *path; /* of the package, for messages */
    int fd;
    struct error err;
};

/* False when the reader has gone, which is its right. */
static bool
send_all(int fd, const char *data, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t put = send(fd, data + done, length - done, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

static void
unpack(struct feeder *feeder, zip_file_t *file)
{
    char *chunk = memory_alloc(CHUNK_BYTES);
    zip_int64_t got;

    do
        got = zip_fread(file, chunk, CHUNK_BYTES);
    while (got > 0 && send_all(feeder->fd, chunk, (size_t)got));
    if (got < 0)
        zip_error_word(&feeder->err, ERROR_DATA, "unpack", feeder->path, zip_file_get_error(file));
    free(chunk);
}

static void *
feed(void *context)
{
    struct feeder *feeder = context;
    zip_file_t *file = zip_fopen_index(feeder->zip, feeder->index, 0);

    if (file)
        unpack(feeder, file);
    else
        zip_error_word(&feeder->err, ERROR_DATA, "unpack", feeder->path,
                       zip_get_error(feeder->zip));
    if (file)
        zip_fclose(file);
    close(feeder->fd);
    return NULL;
}

struct reader {
    bool (*document)(void *context, const char *name, int fd, struct error *err);
    void *context;
};

static bool
read_member(const struct reader *reader, struct feeder *feeder, const char *name, struct error *err)
{
    pthread_t thread;
    int fds[2];
    int reason;
    bool ok;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return error_set(err, ERROR_INTERNAL, "cannot unpack '%s': %s", feeder->path,
                         strerror(errno));
    feeder->fd = fds[1];
    reason = thread_start(&thread, feed, feeder);
    if (reason != 0) {
        close(fds[0]);
        close(fds[1]);
        return error_set(err, ERROR_INTERNAL, "cannot unpack '%s': %s", feeder->path,
                         strerror(reason));
    }
    ok = reader->document(reader->context, name, fds[0], err);
    close(fds[0]);
    pthread_join(thread, NULL);
    /* What the reader says of a document that broke off is not the cause. */
    if (feeder->err.code != ERROR_NONE) {
        *err = feeder->err;
        ok = false;
    }
    return ok;
}

bool
package_read(const char *path,
             bool (*document)(void *context, const char *name, int fd, struct error *err),
             void *context, struct error *err)
{
    const struct reader reader = {document, context};
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    zip_int64_t count;
    bool ok = true;

    if (!zip)
        return zip_error_word_code(err, ERROR_DATA, "read", path, code);
    count = zip_get_num_entries(zip, 0);
    for (zip_uint64_t i = 0; ok && i < (zip_uint64_t)count; i++) {
        struct feeder feeder = {.zip = zip, .index = i, .path = path};
        const char *name = zip_get_name(zip, i, 0);

        if (!name)
            ok = zip_error_word(err, ERROR_DATA, "read", path, zip_get_error(zip));
        else if (name[0] && name[strlen(name) - 1] != '/')
            ok = read_member(&reader, &feeder, name, err);
    }
    zip_discard(zip);
    return ok;
}
