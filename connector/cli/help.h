/* help: what --help prints, of the commands and their tables of options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* Prints how the command is used and its options on standard output; of command_shared also all
 * commands. */
void help_print(const struct command *command);

#endif
