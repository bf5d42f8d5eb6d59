#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>

struct sheet_options {
    const char *format, *output; /* NULL: not given */
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct sheet_options *sheet, int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"output", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "markdown", "html", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            sheet->format = optarg;
            break;
        case 'o':
            sheet->output = optarg;
            break;
        default:
            return command_bad_option("sheet", option, argv);
        }
    }
    if (optind < argc)
        return command_usage("sheet", "too many arguments: '%s'", argv[optind]);
    if (!sheet->format)
        sheet->format = sheet->output ? l2a_sheet_format(sheet->output) : "text";
    if (!sheet->format)
        return command_usage("sheet", "the sheet '%s' ends neither in .txt nor in .md or .html",
                             sheet->output);
    if (!command_is_one_of(sheet->format, formats))
        return command_usage("sheet", "no format '%s': it is text, markdown or html",
                             sheet->format);
    return L2A_DONE;
}

int
command_sheet(struct cli *cli, int argc, char **argv)
{
    struct sheet_options sheet = {NULL, NULL};
    int status = read_options(&sheet, argc, argv);

    if (status != L2A_DONE)
        return status;
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = l2a_sheet(cli->feed);
    if (status == L2A_DONE && sheet.output)
        status = l2a_sheet_save(cli->feed, sheet.format, sheet.output);
    terminal_clear();
    if (status != L2A_DONE)
        return command_failed(cli, status);
    if (!sheet.output)
        fputs(l2a_sheet_report(cli->feed, sheet.format), stdout);
    return status;
}
