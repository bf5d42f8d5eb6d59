#include "cli/command.h"
#include "cli/complete.h"

/* All words are those of the command line that is being written, also "--help". */
static int
run(struct cli *cli, int argc, char **argv)
{
    struct complete_program program = {cli->feed, &command_shared, commands};

    complete_print(&program, argv + 1, argc - 1);
    return L2A_DONE;
}

const struct command command_complete = {
    "complete", "WORD...", "print what the last word can become, for the completion of shells",
    command_no_options, run};
