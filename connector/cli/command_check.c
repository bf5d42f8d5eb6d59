#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

struct check_options {
    unsigned flags;
    const char *format;
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct check_options *check, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"strict", no_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "json", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            check->format = optarg;
            break;
        case 's':
            check->flags |= L2A_CHECK_STRICT;
            break;
        default:
            return command_bad_option("check", option, argv);
        }
    }
    if (!command_is_one_of(check->format, formats))
        return command_usage("check", "no format '%s': it is text or json", check->format);
    return L2A_DONE;
}

int
command_check(struct cli *cli, int argc, char **argv)
{
    struct check_options check = {0, "text"};
    int status = read_options(&check, argc, argv);
    const char *report;
    bool alone;

    if (status != L2A_DONE)
        return status;
    if (optind == argc && (status = command_load(cli)) != L2A_DONE)
        return status;
    alone = optind < argc;
    status = l2a_check(cli->feed, (const char *const *)argv + optind, (size_t)(argc - optind),
                       check.flags);
    terminal_clear();
    /* Of the faults of mappings alone the error says all. */
    report = l2a_check_report(cli->feed, check.format);
    if (report && (!alone || status == L2A_DONE || status == L2A_DATA))
        fputs(report, stdout);
    return status == L2A_DONE ? status : command_failed(cli, status);
}
