/* program: a program of the site's, run to its end: without a shell, within a time limit.
 *
 * It runs in a session and process group of its own, without a terminal, with signals as they are
 * by default, and with no open files but its three streams. What it is given to read is there as a
 * whole, so that it may read it or not. Its environment is a few names that tell where it is
 * (program.c) and what the caller adds: nothing that somebody keeps a secret in. What it says on
 * standard output and error comes together, as it comes.
 *
 * It is over when the program ends; what it leaves behind in the background is left alone, but goes
 * with it where the time limit ends it.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum { PROGRAM_VARIABLES_MOST = 8, PROGRAM_OUTPUT_MOST_BYTES = 64 * 1024 };

struct program {
    const char *const *arguments; /* ends with NULL; the first is its path */
    const char *const *variables; /* "NAME=value", ends with NULL; PROGRAM_VARIABLES_MOST at most */
    struct slice input;
    unsigned limit_seconds;
};

/* Runs it; `out` is then what it said, at most PROGRAM_OUTPUT_MOST_BYTES of it. False where it
 * could not be started (ERROR_CONFIG), or was ended by the time limit, a signal or with a status
 * that is not 0 (ERROR_UNAVAILABLE); the error does not name the program. */
bool program_run(const struct program *program, struct buffer *out, struct error *err);

#endif
