#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>

struct check_options {
    unsigned flags;
    const char *format;
};

#define AT(member) .place = offsetof(struct check_options, member)

static const struct option_row options[] = {
    {"format", "text|json", "show what was found as one of these", AT(format)},
    {"strict", NULL, "fail at warnings, too", AT(flags), .flag = L2A_CHECK_STRICT},
    {.name = NULL},
};

static int
run(struct cli *cli, int argc, char **argv)
{
    struct check_options check = {0, "text"};
    int status = command_read(cli, &check, argc, argv);
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

const struct command command_check = {
    "check", "[MAPPING...]",
    "look for what is doubtful, in a mapping and in what it makes of everybody", options, run};
