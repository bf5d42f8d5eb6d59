/* ascii: text in ASCII letters, for identifiers and for comparing names of countries.
 *
 * Accents go (é → e), ligatures and letters of their own become what people write instead
 * (ß → ss, ø → o, þ → th), typographic signs their plain forms. What has no ASCII form is left
 * out, so a name in another script may become empty.
 */
#ifndef MAPPING_ASCII_H
#define MAPPING_ASCII_H

#include "base/arena.h"
#include "base/slice.h"

/* `text` is UTF-8. Returns it as it is where it is ASCII. */
struct slice ascii_of(struct arena *arena, struct slice text);

#endif
