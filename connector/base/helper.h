/* helper: a process beside this one that runs the site's programs for it, after it was confined
 * (base/confine.h): mail, say, can only be sent by a program that gets privileges.
 *
 * It is forked while nothing foreign was read, and knows which programs there are: whoever takes
 * over this process can have those run, with other input, and nothing else. It believes nothing
 * that it is told. It ends with this process, and holds nothing that this one had open.
 *
 * Order of use: helper_start() before there is a second thread; helper_run() in place of
 * program_run(); helper_stop().
 */
#ifndef BASE_HELPER_H
#define BASE_HELPER_H

#include "base/program.h"

struct helper;

/* What may be run: its arguments and time limit. Borrowed until helper_stop(). */
struct helper_program {
    const char *const *arguments; /* ends with NULL */
    unsigned limit_seconds;
};

/* Variables that a program is given must begin with `prefix`. NULL with err: no process is to be
 * had. */
struct helper *helper_start(const struct helper_program *programs, size_t count, const char *prefix,
                            struct error *err);

/* As program_run(), of one with the arguments of one of the programs; the time limit is that one's.
 */
bool helper_run(struct helper *helper, const struct program *program, struct buffer *out,
                struct error *err);

/* NULL is allowed. */
void helper_stop(struct helper *helper);

#endif
