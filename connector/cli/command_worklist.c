#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>

static const struct option_row options[] = {
    {"format", "text|csv|json", "list them as one of these", .place = 0},
    {.name = NULL},
};

static int
run(struct cli *cli, int argc, char **argv)
{
    const char *format = "text";
    int status = command_read(cli, &format, argc, argv);

    if (status != L2A_DONE)
        return status;
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = l2a_worklist(cli->feed, 0);
    terminal_clear();
    if (status != L2A_DONE)
        return command_failed(cli, status);
    fputs(l2a_worklist_report(cli->feed, format), stdout);
    return status;
}

const struct command command_worklist = {
    "worklist", "", "list who is held or rejected, why, since when, and what has to happen",
    options, run};
