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
    {"list", false, 0, "f", list},
    {"accept", true, 0, "", accept_claim},
    {"relink", false, L2A_RELINK_DRY, "n", relink},
    {NULL, false, 0, NULL, NULL},
};

int
command_identity(struct cli *cli, int argc, char **argv)
{
    static const char *const formats[] = {"text", "csv", "json", NULL};
    static const struct action_family family = {"identity", "list, accept and relink", "list",
                                                formats,    "text, csv or json",       actions};

    return action_run(cli, &family, argc, argv);
}
