/* digest: SHA-256 of files, as lower-case hexadecimal text.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>

enum { DIGEST_TEXT_BYTES = 65 }; /* 64 digits and NUL */

/* Of pieces, one after the other: begin, add as often as needed, end. */
struct digest;
enum { DIGEST_BYTES = 32 };
struct digest *digest_new(void);
void digest_begin(struct digest *digest);
void digest_add(struct digest *digest, struct slice bytes);
void digest_end(struct digest *digest, unsigned char ret_bytes[DIGEST_BYTES]);
void digest_free(struct digest *digest);

bool digest_file(const char *path, char ret_text[DIGEST_TEXT_BYTES], struct error *err);

#endif
