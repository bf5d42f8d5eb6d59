/* secret: a password or pass phrase, from where it is kept to where it is used, and wiped.
 *
 * A secret comes from an owner-only file, a systemd credential ($CREDENTIALS_DIRECTORY/NAME) or
 * an environment variable; never from an argument or from the settings themselves. One trailing
 * newline is not part of it. An empty secret is refused: a simple bind with an empty password is
 * an anonymous bind that succeeds (RFC 4513 section 5.1.2).
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a secret is kept; exactly one of the three is not NULL. Borrowed text. */
struct secret_source {
    const char *file;       /* a path; refused when group or others can read it */
    const char *credential; /* the name of a systemd credential */
    const char *environment;
};

/* The secret itself, NUL-terminated, in memory that is left out of core dumps. */
struct secret {
    char *data;
    size_t length;
    size_t mapped; /* bytes behind data; for secret_wipe */
};

static inline bool
secret_is_set(const struct secret_source *source)
{
    return source->file || source->credential || source->environment;
}

/* `what` names the secret in messages: "the password of the bind". */
bool secret_load(const struct secret_source *source, const char *what, struct secret *ret_secret,
                 struct error *err);

/* Whether a file whose secret somebody else reads (a keytab) can be read, and by its owner alone.
 */
bool secret_check_file(const char *path, const char *what, struct error *err);

/* Overwrites and frees. Twice is harmless. */
void secret_wipe(struct secret *secret);

#endif
