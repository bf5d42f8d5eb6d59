/* complete: what a word of the command line can become, out of the tables of commands and options
 * and those of libldap2alma. The scripts in contrib/completion ask for it; they know nothing
 * themselves.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/command.h"

/* A program: its own options, and its commands, which end with NULL; NULL: it has none. */
struct complete_program {
    struct l2a *feed;
    const struct command *shared;
    const struct command *const *commands;
};

/* Prints what the last of the words behind the program's name can become, a line each, and behind
 * a tab what it means; a line ":files" or ":folders" stands for those that are there. No word is
 * like an empty one. */
void complete_print(const struct complete_program *program, char **words, int count);

#endif
