/* known_hosts: which keys the file of that name holds for one server.
 *
 * The format is OpenSSH's, sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT": lists of names, patterns with
 * `*`, `?` and `!`, hashed names, the markers @revoked and @cert-authority. Names are written as
 * ssh writes them: `host` for port 22, `[host]:port` for any other; a line without a port does
 * not stand for another port. libssh2's own reader is not used: it knows no patterns and no
 * markers (so a revoked key would pass), compares with case, and stops at a line it cannot read.
 *
 * Not for judging: see host_key.h.
 */
#ifndef DELIVERY_KNOWN_HOSTS_H
#define DELIVERY_KNOWN_HOSTS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/message.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum known_mark {
    KNOWN_KEY,
    KNOWN_REVOKED,  /* this key must be refused */
    KNOWN_AUTHORITY /* a key that signs host keys; not supported */
};

struct known_key {
    enum known_mark mark;
    unsigned line;
    const char *type;  /* "ssh-ed25519" */
    struct slice blob; /* the public key as the protocol carries it, RFC 4253 section 6.6 */
};

/* The keys of one server, in the order of the file. */
struct known_hosts {
    const char *path;
    struct known_key *keys;
    size_t count;
};

struct known_hosts_query {
    const char *path;
    const char *host;
    unsigned port;
    const struct messenger *messenger; /* hears a warning for each line that cannot be read */
};

/* Reads the file. Everything lives in the arena. Errors as of file_read(). */
bool known_hosts_load(struct arena *arena, const struct known_hosts_query *query,
                      struct known_hosts *ret_known, struct error *err);

/* The same from the file's text. */
void known_hosts_parse(struct arena *arena, const struct known_hosts_query *query,
                       struct slice text, struct known_hosts *ret_known);

/* "host" or "[host]:port", in lower case, as a line names the server. */
char *known_hosts_name(struct arena *arena, const char *host, unsigned port);

#endif
