#include "cli/action.h"
#include "cli/terminal.h"

#include <stdio.h>

static int
list(struct cli *cli, const struct action_options *options)
{
    int status = l2a_identity(cli->feed);

    terminal_clear();
    if (status == L2A_DONE)
        fputs(l2a_identity_report(cli->feed, options->format), stdout);
    return status;
}

static int
accept_claim(struct cli *cli, const struct action_options *options)
{
    return l2a_identity_accept(cli->feed, options->who);
}

static int
relink(struct cli *cli, const struct action_options *options)
{
    return l2a_identity_relink(cli->feed, options->flags);
}

static const struct action actions[] = {
    {"list", false, false, list},
    {"accept", true, true, accept_claim},
    {"relink", false, true, relink},
    {NULL, false, false, NULL},
};

#define AT(member) .place = offsetof(struct action_options, member)

static const struct option_row options[] = {
    {"format", "text|csv|json", "list them as one of these", AT(format), .actions = "list"},
    {"dry-run", NULL, "say whom it would link, and change nothing", AT(flags),
     .flag = L2A_RELINK_DRY, .actions = "relink"},
    {.name = NULL},
};

static int
run(struct cli *cli, int argc, char **argv)
{
    static const struct action_family family = {"list, accept and relink", "list", actions};

    return action_run(cli, &family, argc, argv);
}

const struct command command_identity = {
    "identity", "[list|accept|relink] [WHO]",
    "list who is held for a match identifier, and let them through", options, run};
