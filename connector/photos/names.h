/* names: what a person's photo is called on its server.
 *
 * Alma asks for photo_server_url + identifier + "." + photo_suffix, letter by letter. So the name
 * is the identifier as it is, or there is no photo: one that could leave the folder, or that a URL
 * cannot hold as it stands, is refused.
 */
#ifndef PHOTOS_NAMES_H
#define PHOTOS_NAMES_H

#include "base/arena.h"
#include "base/slice.h"

/* Together with the suffix; file systems take 255, and a temporary name is longer. */
enum { PHOTO_NAME_BYTES_MOST = 200 };

/* The name in the arena; NULL where the identifier is none that a file can have: *ret_trouble says
 * why, to follow the identifier in a sentence, and is constant. */
const char *photo_name(struct arena *arena, struct slice identifier, const char *suffix,
                       const char **ret_trouble);

#endif
