#include "cli/action.h"

#include "cli/help.h"

#include <string.h>

static const struct action *
find_action(const struct action_family *family, const char *name)
{
    const struct action *action = family->actions;

    while (action->name && strcmp(action->name, name) != 0)
        action++;
    return action->name ? action : NULL;
}

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
take_arguments(const struct cli *cli, const struct action *action, struct action_options *options,
               int argc, char **argv)
{
    if (action->wants_who && optind < argc)
        options->who = argv[optind++];
    if (optind < argc)
        return command_usage(cli, "too many arguments: '%s'", argv[optind]);
    if (action->wants_who && !options->who)
        return command_usage(cli, "%s whom? A match identifier, an immutable id or a DN",
                             action->name);
    return L2A_DONE;
}

int
action_run(struct cli *cli, const struct action_family *family, int argc, char **argv)
{
    bool named = argc > 1 && (!family->unnamed || argv[1][0] != '-');
    const char *name = named ? argv[1] : family->unnamed;
    const struct action *action = name ? find_action(family, name) : NULL;
    struct action_options options = {.format = "text"};
    int status;

    if (!action && name && (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)) {
        help_print(cli->command);
        return COMMAND_ANSWERED;
    }
    if (!action)
        return command_usage(cli, "it can %s%s%s%s", family->can, name ? ", not '" : "",
                             name ? name : "", name ? "'" : "");
    status = command_read_action(cli, action->name, &options, argc - named, argv + named);
    if (status == L2A_DONE)
        status = take_arguments(cli, action, &options, argc - named, argv + named);
    if (status == L2A_DONE)
        status = command_load(cli);
    if (status == L2A_DONE && action->writes)
        status = command_confine(cli, options.flags == 0, NULL, 0);
    if (status != L2A_DONE)
        return status;
    status = action->go(cli, &options);
    return status == L2A_DONE ? status : command_failed(cli, status);
}
