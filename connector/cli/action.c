#include "cli/action.h"

#include <getopt.h>
#include <string.h>

static const struct option known[] = {{"dry-run", no_argument, NULL, 'n'},
                                      {"format", required_argument, NULL, 'f'},
                                      {"record", no_argument, NULL, 'r'},
                                      {"release", required_argument, NULL, 'l'},
                                      {NULL, 0, NULL, 0}};

/* One command line. */
struct reading {
    struct cli *cli;
    const struct action_family *family;
    const struct action *action;
    struct action_options options;
};

static const struct action *
find_action(const struct action_family *family, const char *name)
{
    const struct action *action = family->actions;

    while (action->name && strcmp(action->name, name) != 0)
        action++;
    return action->name ? action : NULL;
}

/* L2A_DONE, or L2A_USAGE after saying what is wrong; so are the next two. */
static int
take_option(struct reading *reading, int option)
{
    switch (option) {
    case 'f':
        reading->options.format = optarg;
        break;
    case 'l':
        if (l2a_release(reading->cli->feed, optarg) != L2A_DONE)
            return command_usage(reading->family->command, "%s",
                                 l2a_error_text(reading->cli->feed));
        break;
    case 'n':
    case 'r':
        reading->options.flags |= reading->action->flag;
        break;
    }
    return L2A_DONE;
}

static int
take_rest(struct reading *reading, int argc, char **argv)
{
    const struct action_family *family = reading->family;
    const struct action *action = reading->action;
    struct action_options *options = &reading->options;

    if (!command_is_one_of(options->format, family->formats))
        return command_usage(family->command, "no format '%s': it is %s", options->format,
                             family->formats_in_words);
    if (action->wants_who && optind < argc)
        options->who = argv[optind++];
    if (optind < argc)
        return command_usage(family->command, "too many arguments: '%s'", argv[optind]);
    if (action->wants_who && !options->who)
        return command_usage(family->command,
                             "%s whom? A match identifier, an immutable id or a DN", action->name);
    return L2A_DONE;
}

static int
read_options(struct reading *reading, int argc, char **argv)
{
    const char *command = reading->family->command;
    int option, row, status = L2A_DONE;

    optind = 0; /* glibc: begin anew with another vector */
    while (status == L2A_DONE && (option = getopt_long(argc, argv, ":", known, &row)) != -1) {
        if (option == '?' || option == ':')
            return command_bad_option(command, option, argv);
        if (!strchr(reading->action->takes, option))
            return command_usage(command, "%s takes no --%s", reading->action->name,
                                 known[row].name);
        status = take_option(reading, option);
    }
    return status == L2A_DONE ? take_rest(reading, argc, argv) : status;
}

int
action_run(struct cli *cli, const struct action_family *family, int argc, char **argv)
{
    bool named = argc > 1 && (!family->unnamed || argv[1][0] != '-');
    const char *name = named ? argv[1] : family->unnamed;
    struct reading reading = {
        cli, family, name ? find_action(family, name) : NULL, {.format = family->formats[0]}};
    int status;

    if (!reading.action)
        return command_usage(family->command, "it can %s%s%s%s", family->can, name ? ", not '" : "",
                             name ? name : "", name ? "'" : "");
    status = read_options(&reading, argc - named, argv + named);
    if (status != L2A_DONE)
        return status;
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = reading.action->go(cli, &reading.options);
    return status == L2A_DONE ? status : command_failed(cli, status);
}
