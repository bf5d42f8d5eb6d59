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
    {"show", true, false, show},       {"forget", true, true, forget},
    {"rebuild", false, true, rebuild}, {"check", false, false, check},
    {NULL, false, false, NULL},
};

#define AT(member) .place = offsetof(struct action_options, member)

static const struct option_row options[] = {
    {"record", NULL, "with the last record, where it is kept", AT(flags), .flag = L2A_STATE_RECORD,
     .actions = "show"},
    {"format", "text|json", "show it as one of these", AT(format), .actions = "show"},
    {"release", "BRAKE", "go on where this brake would stop", .actions = "rebuild",
     .take = command_release},
    {.name = NULL},
};

static int
run(struct cli *cli, int argc, char **argv)
{
    static const struct action_family family = {"show, forget, rebuild and check", NULL, actions};

    return action_run(cli, &family, argc, argv);
}

const struct command command_state = {"state", "show|forget|rebuild|check [WHO]",
                                      "look into the memory of what Alma was given, or mend it",
                                      options, run};
