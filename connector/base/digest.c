#include "base/digest.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 64 * 1024 };

static void
write_hexadecimal(const unsigned char *bytes, unsigned count, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (unsigned i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
}

static bool
digest_all(int fd, EVP_MD_CTX *context, const char *path, struct error *err)
{
    char chunk[CHUNK_BYTES];

    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERROR_WRITE, "cannot read back '%s': %s", path, strerror(errno));
        if (got == 0)
            return true;
        if (EVP_DigestUpdate(context, chunk, (size_t)got) != 1)
            return error_set(err, ERROR_INTERNAL, "cannot compute SHA-256 of '%s'", path);
    }
}

bool
digest_file(const char *path, char ret_text[DIGEST_TEXT_BYTES], struct error *err)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned count = 0;
    bool ok = false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        error_set(err, ERROR_WRITE, "cannot read back '%s': %s", path, strerror(errno));
        goto done;
    }
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        error_set(err, ERROR_INTERNAL, "cannot compute SHA-256 of '%s'", path);
        goto done;
    }
    if (!digest_all(fd, context, path, err))
        goto done;
    if (EVP_DigestFinal_ex(context, bytes, &count) != 1 || count != 32) {
        error_set(err, ERROR_INTERNAL, "cannot compute SHA-256 of '%s'", path);
        goto done;
    }
    write_hexadecimal(bytes, count, ret_text);
    ok = true;
done:
    if (fd >= 0)
        close(fd);
    EVP_MD_CTX_free(context);
    return ok;
}

struct digest {
    EVP_MD_CTX *context;
};

/* SHA-256 of memory can fail only where memory is missing or the library is broken: then nothing
 * that is kept by digests can be trusted. */
static void
insist(bool done)
{
    if (!done)
        abort();
}

struct digest *
digest_new(void)
{
    struct digest *digest = memory_alloc(sizeof *digest);

    digest->context = EVP_MD_CTX_new();
    insist(digest->context != NULL);
    return digest;
}

void
digest_begin(struct digest *digest)
{
    insist(EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1);
}

void
digest_add(struct digest *digest, struct slice bytes)
{
    insist(bytes.length == 0 || EVP_DigestUpdate(digest->context, bytes.data, bytes.length) == 1);
}

void
digest_end(struct digest *digest, unsigned char ret_bytes[DIGEST_BYTES])
{
    insist(EVP_DigestFinal_ex(digest->context, ret_bytes, NULL) == 1);
}

void
digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}
