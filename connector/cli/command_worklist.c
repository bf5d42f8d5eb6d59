#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(const char **format, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "csv", "json", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (option != 'f')
            return command_bad_option("worklist", option, argv);
        *format = optarg;
    }
    if (optind < argc)
        return command_usage("worklist", "too many arguments: '%s'", argv[optind]);
    if (!command_is_one_of(*format, formats))
        return command_usage("worklist", "no format '%s': it is text, csv or json", *format);
    return L2A_DONE;
}

int
command_worklist(struct cli *cli, int argc, char **argv)
{
    const char *format = "text";
    int status = read_options(&format, argc, argv);

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
