/* terminal: what a person sees while the program works.
 *
 * Messages go to the log (cli/log.h), which for people is stderr, one a line, as far as -q and -v
 * allow; on a terminal one more line below them shows how far the present phase has come, how fast,
 * and how long it may still take.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "cli/command.h"

/* Makes the handle's messages and progress appear. `cli` lives as long as the handle. */
void terminal_listen(struct cli *cli);

/* The columns of the terminal that standard output is; 0: it is none. */
unsigned terminal_width(void);

/* Whether text for standard output may have colors: a terminal that is not dumb, and $NO_COLOR
 * (no-color.org) is not set. */
bool terminal_has_color(void);

/* Takes the progress line away, so that something else can be written. */
void terminal_clear(void);

#endif
