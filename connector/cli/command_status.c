#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>

struct status_options {
    unsigned flags;
    const char *format; /* NULL: text, with colors where the terminal has them */
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct status_options *status, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"offline", no_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "color", "json", "line", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            status->format = optarg;
            break;
        case 'o':
            status->flags |= L2A_STATUS_OFFLINE;
            break;
        default:
            return command_bad_option("status", option, argv);
        }
    }
    if (optind < argc)
        return command_usage("status", "too many arguments: '%s'", argv[optind]);
    if (status->format && !command_is_one_of(status->format, formats))
        return command_usage("status", "no format '%s': it is text, color, json or line",
                             status->format);
    return L2A_DONE;
}

int
command_status(struct cli *cli, int argc, char **argv)
{
    struct status_options options = {0, NULL};
    int status = read_options(&options, argc, argv);
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
