#include "cli/help.h"

#include <ctype.h>
#include <stdio.h>

/* "run [OPTION...]", "state show|forget [WHO] [OPTION...]": an action stands before its options. */
static void
print_usage(const struct command *command)
{
    const char *arguments = command->arguments, *options = " [OPTION...]";
    bool has_action = islower((unsigned char)arguments[arguments[0] == '[']);

    if (!command->options->name)
        options = "";
    printf("%s%s%s%s%s\n", command->name, has_action ? "" : options, arguments[0] ? " " : "",
           arguments, has_action ? options : "");
}

static void
print_shared(const struct command *command)
{
    printf("usage: ldap2alma [-c FILE] [-q] [-v] COMMAND [OPTION...]\n%s.\n\n", command->help);
    options_print(command->options);
    puts("\ncommands:");
    for (size_t i = 0; commands[i]; i++) {
        fputs("  ", stdout);
        print_usage(commands[i]);
        printf("      %s\n", commands[i]->help);
    }
    puts("\n'ldap2alma COMMAND --help' tells the options of a command.\n"
         "See ldap2alma(1), ldap2alma.yaml(5) and ldap2alma-mapping(5).");
}

void
help_print(const struct command *command)
{
    if (!command->name) {
        print_shared(command);
        return;
    }
    fputs("usage: ldap2alma ", stdout);
    print_usage(command);
    printf("%s.\n\n", command->help);
    options_print(command->options);
}
