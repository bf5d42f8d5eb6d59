/* key_blob: public keys as SSH carries them, RFC 4253 section 6.6 and RFC 4251 section 5.
 */
#ifndef DELIVERY_KEY_BLOB_H
#define DELIVERY_KEY_BLOB_H

#include "base/arena.h"
#include "base/slice.h"

#include <stdbool.h>

enum { KEY_FINGERPRINT_BYTES = 51 }; /* "SHA256:", 43 letters and NUL */

/* The bytes behind base64 text, or SLICE_NONE where it is none. */
struct slice key_blob_decode(struct arena *arena, struct slice base64);
char *key_blob_encode(struct arena *arena, struct slice bytes);

/* Takes a string (length in four bytes, then that many) off the front. False when it is cut. */
bool key_blob_take(struct slice *bytes, struct slice *ret_string);

/* The name of the key's type, such as "ssh-ed25519"; NULL where the bytes are no key. */
char *key_blob_type(struct arena *arena, struct slice blob);

/* "SHA256:…" as ssh-keygen -l prints it. */
void key_blob_fingerprint(struct slice blob, char ret_text[KEY_FINGERPRINT_BYTES]);

#endif
