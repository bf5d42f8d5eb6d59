#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct state_options {
    unsigned flags;
    const char *format;
    const char *who; /* NULL: nobody was named */
};

static int
show(struct cli *cli, const struct state_options *options)
{
    int status = l2a_state_show(cli->feed, options->who, options->flags);

    terminal_clear();
    if (status == L2A_DONE)
        fputs(l2a_state_report(cli->feed, options->format), stdout);
    return status;
}

static int
forget(struct cli *cli, const struct state_options *options)
{
    return l2a_state_forget(cli->feed, options->who);
}

static int
rebuild(struct cli *cli, const struct state_options *options)
{
    (void)options;
    return l2a_state_rebuild(cli->feed);
}

static int
check(struct cli *cli, const struct state_options *options)
{
    (void)options;
    return l2a_state_check(cli->feed);
}

static const struct action {
    const char *name;
    bool wants_who;
    bool has_options;
    int (*go)(struct cli *cli, const struct state_options *options);
} actions[] = {
    {"show", true, true, show},
    {"forget", true, false, forget},
    {"rebuild", false, false, rebuild},
    {"check", false, false, check},
};

static const struct action *
find_action(const char *name)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct state_options *state, const struct action *action, int argc, char **argv)
{
    static const struct option with[] = {{"format", required_argument, NULL, 'f'},
                                         {"record", no_argument, NULL, 'r'},
                                         {NULL, 0, NULL, 0}};
    static const struct option without[] = {{NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "json", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", action->has_options ? with : without, NULL)) !=
           -1) {
        switch (option) {
        case 'f':
            state->format = optarg;
            break;
        case 'r':
            state->flags |= L2A_STATE_RECORD;
            break;
        default:
            return command_bad_option("state", option, argv);
        }
    }
    if (!command_is_one_of(state->format, formats))
        return command_usage("state", "no format '%s': it is text or json", state->format);
    if (action->wants_who && optind < argc)
        state->who = argv[optind++];
    if (optind < argc)
        return command_usage("state", "too many arguments: '%s'", argv[optind]);
    if (action->wants_who && !state->who)
        return command_usage("state", "%s whom? A match identifier, an immutable id or a DN",
                             action->name);
    return L2A_DONE;
}

int
command_state(struct cli *cli, int argc, char **argv)
{
    const struct action *action = argc > 1 ? find_action(argv[1]) : NULL;
    struct state_options options = {0, "text", NULL};
    int status;

    if (!action)
        return command_usage("state", "it can show, forget, rebuild and check%s%s%s",
                             argc > 1 ? ", not '" : "", argc > 1 ? argv[1] : "",
                             argc > 1 ? "'" : "");
    status = read_options(&options, action, argc - 1, argv + 1);
    if (status != L2A_DONE)
        return status;
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = action->go(cli, &options);
    return status == L2A_DONE ? status : command_failed(cli, status);
}
