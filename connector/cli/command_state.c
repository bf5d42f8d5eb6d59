#include "cli/action.h"
#include "cli/terminal.h"

#include <stdio.h>

static int
show(struct cli *cli, const struct action_options *options)
{
    int status = l2a_state_show(cli->feed, options->who, options->flags);

    terminal_clear();
    if (status == L2A_DONE)
        fputs(l2a_state_report(cli->feed, options->format), stdout);
    return status;
}

static int
forget(struct cli *cli, const struct action_options *options)
{
    return l2a_state_forget(cli->feed, options->who);
}

static int
rebuild(struct cli *cli, const struct action_options *options)
{
    (void)options;
    return l2a_state_rebuild(cli->feed);
}

static int
check(struct cli *cli, const struct action_options *options)
{
    (void)options;
    return l2a_state_check(cli->feed);
}

static const struct action actions[] = {
    {"show", true, L2A_STATE_RECORD, "fr", show},
    {"forget", true, 0, "", forget},
    {"rebuild", false, 0, "l", rebuild},
    {"check", false, 0, "", check},
    {NULL, false, 0, NULL, NULL},
};

int
command_state(struct cli *cli, int argc, char **argv)
{
    static const char *const formats[] = {"text", "json", NULL};
    static const struct action_family family = {
        "state", "show, forget, rebuild and check", NULL, formats, "text or json", actions};

    return action_run(cli, &family, argc, argv);
}
