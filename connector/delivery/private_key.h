/* private_key: what kind of private key a text holds, so that trouble with it can be named.
 *
 * libssh2 says "unable to extract public key" to a wrong pass phrase, a public key, a PuTTY key and
 * a type it does not know alike.
 */
#ifndef DELIVERY_PRIVATE_KEY_H
#define DELIVERY_PRIVATE_KEY_H

#include "base/error.h"
#include "base/slice.h"
#include "delivery/key_blob.h"

#include <stdbool.h>

enum { PRIVATE_KEY_TYPE_BYTES = 65 };

struct private_key {
    bool encrypted;
    char type[PRIVATE_KEY_TYPE_BYTES];       /* "ssh-rsa"; "" where it is not told */
    char fingerprint[KEY_FINGERPRINT_BYTES]; /* of the public key; "" but in OpenSSH's own format */
};

/* Looks into the text of a key. `passphrase` may be NULL. ERROR_PERMISSION when it is none that
 * can be used, when it is encrypted and there is no pass phrase, or when the pass phrase is
 * wrong; OpenSSH's own format does not tell the latter without much work, so there libssh2 does. */
bool private_key_inspect(struct slice text, const char *passphrase, struct private_key *ret_key,
                         struct error *err);

/* How libssh2's failure to read a key is put, which private_key_inspect() did not foresee. */
bool private_key_unreadable(const struct private_key *key, struct error *err);

#endif
