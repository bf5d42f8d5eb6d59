#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_BYTES = 64 * 1024 };

static bool
secret_new(struct secret *secret, struct error *err)
{
    void *memory =
        mmap(NULL, SECRET_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED) {
        error_set(err, ERROR_INTERNAL, "no memory for a secret: %s", strerror(errno));
        return false;
    }
    /* Both are extra protection that a limit or an old kernel may deny; wiping remains. */
    (void)madvise(memory, SECRET_BYTES, MADV_DONTDUMP);
    (void)mlock(memory, SECRET_BYTES);
    *secret = (struct secret){memory, 0, SECRET_BYTES};
    return true;
}

void
secret_wipe(struct secret *secret)
{
    if (!secret->data)
        return;
    explicit_bzero(secret->data, secret->mapped);
    munmap(secret->data, secret->mapped);
    *secret = (struct secret){NULL, 0, 0};
}

static bool
file_is_private(int fd, const char *path, const char *what, struct error *err)
{
    struct stat info;

    if (fstat(fd, &info) < 0)
        return error_set(err, ERROR_PERMISSION, "cannot read %s from '%s': %s", what, path,
                         strerror(errno));
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return true;
    error_set(err, ERROR_PERMISSION, "%s is in '%s', which others may read (mode %04o)", what, path,
              (unsigned)(info.st_mode & 07777));
    return error_hint(err, "Run 'chmod 600 %s' and change the secret if others may have seen it.",
                      path);
}

static int
open_file(const char *path, const char *what, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        error_set(err, errno == ENOENT ? ERROR_CONFIG : ERROR_PERMISSION,
                  "cannot read %s from '%s': %s", what, path, strerror(errno));
    return fd;
}

bool
secret_check_file(const char *path, const char *what, struct error *err)
{
    int fd = open_file(path, what, err);
    bool ok = fd >= 0 && file_is_private(fd, path, what, err);

    if (fd >= 0)
        close(fd);
    return ok;
}

static bool
read_file(const char *path, bool trusted_folder, const char *what, struct secret *secret,
          struct error *err)
{
    bool ok = false;
    int fd = open_file(path, what, err);

    if (fd < 0)
        return false;
    if (!trusted_folder && !file_is_private(fd, path, what, err))
        goto done;
    for (;;) {
        ssize_t got = read(fd, secret->data + secret->length, secret->mapped - 1 - secret->length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error_set(err, ERROR_PERMISSION, "cannot read %s from '%s': %s", what, path,
                      strerror(errno));
            goto done;
        }
        if (got == 0)
            break;
        secret->length += (size_t)got;
    }
    ok = true;
done:
    close(fd);
    return ok;
}

static bool
read_credential(const char *name, const char *what, struct secret *secret, struct error *err)
{
    char path[4096];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (!folder) {
        error_set(err, ERROR_CONFIG, "%s is the credential '%s', but there are no credentials here",
                  what, name);
        return error_hint(err, "Only a systemd service with LoadCredential=%s:… has credentials.",
                          name);
    }
    if (strchr(name, '/') || name[0] == '.')
        return error_set(err, ERROR_CONFIG, "%s is the credential '%s', which is no name", what,
                         name);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return error_set(err, ERROR_CONFIG, "the path of the credential '%s' is too long", name);
    return read_file(path, true, what, secret, err);
}

static bool
read_environment(const char *name, const char *what, struct secret *secret, struct error *err)
{
    const char *value = getenv(name);
    size_t length;

    if (!value)
        return error_set(err, ERROR_CONFIG, "%s is the variable '%s', which is not set", what,
                         name);
    length = strlen(value);
    if (length >= secret->mapped)
        length = secret->mapped - 1;
    memcpy(secret->data, value, length);
    secret->length = length;
    return true;
}

static bool
read_source(const struct secret_source *source, const char *what, struct secret *secret,
            struct error *err)
{
    if (source->file)
        return read_file(source->file, false, what, secret, err);
    if (source->credential)
        return read_credential(source->credential, what, secret, err);
    if (source->environment)
        return read_environment(source->environment, what, secret, err);
    return error_set(err, ERROR_CONFIG, "%s is not configured", what);
}

static bool
refuse_empty(const struct secret_source *source, const char *what, struct error *err)
{
    error_set(err, ERROR_CONFIG, "%s is empty", what);
    if (source->file)
        return error_hint(err, "Write it into '%s'.", source->file);
    if (source->credential)
        return error_hint(err, "Look at the credential '%s'.", source->credential);
    return error_hint(err, "Look at the environment variable '%s'.", source->environment);
}

static bool
secret_is_usable(const struct secret_source *source, const char *what, struct secret *secret,
                 struct error *err)
{
    if (secret->length >= secret->mapped - 1)
        return error_set(err, ERROR_CONFIG, "%s is longer than %d bytes", what, SECRET_BYTES - 2);
    if (secret->length > 0 && secret->data[secret->length - 1] == '\n') {
        secret->length--;
        if (secret->length > 0 && secret->data[secret->length - 1] == '\r')
            secret->length--;
    }
    secret->data[secret->length] = '\0';
    if (secret->length == 0)
        return refuse_empty(source, what, err);
    if (memchr(secret->data, '\0', secret->length))
        return error_set(err, ERROR_CONFIG, "%s holds a NUL byte", what);
    return true;
}

bool
secret_load(const struct secret_source *source, const char *what, struct secret *ret_secret,
            struct error *err)
{
    struct secret secret;

    if (!secret_new(&secret, err))
        return false;
    if (!read_source(source, what, &secret, err) || !secret_is_usable(source, what, &secret, err)) {
        secret_wipe(&secret);
        return false;
    }
    *ret_secret = secret;
    return true;
}
