#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>

struct status_options {
    unsigned flags;
    const char *format; /* NULL: text, with colors where the terminal has them */
};

#define AT(member) .place = offsetof(struct status_options, member)

static const struct option_row rows[] = {
    {"format", "text|color|json|line", "show it as one of these", AT(format)},
    {"offline", NULL, "ask no server whether Alma has taken the packages", AT(flags),
     .flag = L2A_STATUS_OFFLINE},
    {.name = NULL},
};

static int
run(struct cli *cli, int argc, char **argv)
{
    struct status_options options = {0, NULL};
    int status = command_read(cli, &options, argc, argv);
    const char *text;

    if (status != L2A_DONE)
        return status;
    if (!options.format)
        options.format = terminal_has_color() ? "color" : "text";
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = l2a_status(cli->feed, options.flags);
    terminal_clear();
    /* What the state knows is shown also where the server could not be asked. */
    text = l2a_status_report(cli->feed, options.format, terminal_width());
    if (text)
        fputs(text, stdout);
    return status == L2A_DONE ? status : command_failed(cli, status);
}

const struct command command_status = {
    "status", "", "show the last runs, the people known, and whether Alma has taken the packages",
    rows, run};
