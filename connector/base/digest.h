/* digest: SHA-256 of files, as lower-case hexadecimal text.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/error.h"

#include <stdbool.h>

enum { DIGEST_TEXT_BYTES = 65 }; /* 64 digits and NUL */

bool digest_file(const char *path, char ret_text[DIGEST_TEXT_BYTES], struct error *err);

#endif
