/* shown: bytes of a directory or a file, fit for a message.
 *
 * What a server or a file says may hold anything, also what a terminal obeys. Used within one
 * call: error_set(err, code, "… '%s'", shown(dn).text).
 */
#ifndef DIRECTORY_SHOWN_H
#define DIRECTORY_SHOWN_H

#include "base/slice.h"

enum { SHOWN_CHARACTERS = 200, SHOWN_BYTES = 10 * SHOWN_CHARACTERS + 8 };

struct shown {
    char text[SHOWN_BYTES];
};

/* Printable (base/text.h) and cut after SHOWN_CHARACTERS. */
struct shown shown(struct slice bytes);

#endif
