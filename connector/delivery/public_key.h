/* public_key: the public part of a login key, by which a server's administrator knows it.
 *
 * Not for logging in: see sftp_login.c. Nothing secret comes out of here.
 */
#ifndef DELIVERY_PUBLIC_KEY_H
#define DELIVERY_PUBLIC_KEY_H

#include "base/secret.h"
#include "delivery/key_blob.h"

#include <stdbool.h>

/* "SHA256:…", as ssh-keygen -l prints it, of the private key that is kept there, or else of the
 * file NAME.pub beside it. False where neither can be read; then it is not told. */
bool public_key_fingerprint(const struct secret_source *key, char ret_text[KEY_FINGERPRINT_BYTES]);

#endif
