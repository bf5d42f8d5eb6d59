/* host_key: whether a server's key is the one that was agreed on.
 *
 * Order of use: host_key_methods() before the handshake, so that the server is asked for a type of
 * key that known_hosts holds; host_key_judge() on the key it showed. Knows no network.
 */
#ifndef DELIVERY_HOST_KEY_H
#define DELIVERY_HOST_KEY_H

#include "delivery/known_hosts.h"

struct host_key_policy {
    const char *host;
    unsigned port;
    struct known_hosts known; /* path NULL: not asked */
    const char *fingerprint; /* "SHA256:…"; NULL: none pinned. Where both are set both must hold */
};

/* The algorithms of the keys that known_hosts holds for the server, as a list for the handshake;
 * NULL: any will do. `shown` is a comma list of types not to ask for again, or NULL: those that a
 * server has shown already without the pinned fingerprint. */
char *host_key_methods(struct arena *arena, const struct host_key_policy *policy,
                       const char *shown);

/* "SHA256:" and 43 letters of base64; otherwise ERROR_CONFIG. */
bool host_key_check_fingerprint(const char *fingerprint, struct error *err);

/* True when the key has the pinned fingerprint. */
bool host_key_is_pinned(const struct host_key_policy *policy, struct slice blob);

/* False with ERROR_PERMISSION, fingerprints, and what to compare and write in the hint, unless
 * the key is the agreed one. */
bool host_key_judge(struct arena *arena, const struct host_key_policy *policy, struct slice blob,
                    struct error *err);

#endif
