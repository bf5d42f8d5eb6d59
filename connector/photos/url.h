/* url: the addresses of pictures, which are put together from what strangers wrote.
 *
 * The result begins with the base letter by letter, and whatever a server makes of escapes and dots
 * in it does not lead above that.
 */
#ifndef PHOTOS_URL_H
#define PHOTOS_URL_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>

/* Appends the URL that a value stands for: a whole one that begins with `base` (which ends with
 * '/'), a path from the host's root that does, or one relative to it. What a URL cannot hold is
 * written as %XX (RFC 3986 section 2.1), and what stands behind '#' is left out. False with
 * *ret_trouble: it leads elsewhere, or is none. */
bool url_below(const char *base, struct slice value, struct buffer *out, const char **ret_trouble);

/* Appends the URL of a file in the folder `base`: a browser asks for it so where Alma puts base and
 * name together. */
void url_of_name(const char *base, const char *name, struct buffer *out);

#endif
