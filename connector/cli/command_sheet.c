#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>

struct sheet_options {
    const char *format, *output; /* NULL: not given */
};

#define AT(member) .place = offsetof(struct sheet_options, member)

static const struct option_row options[] = {
    {"format", "text|markdown|html", "print it as one of these; else as FILE ends, or as text",
     AT(format)},
    {"output", "FILE", "write it to this file (.txt, .md, .html)", AT(output)},
    {.name = NULL},
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct cli *cli, struct sheet_options *sheet, int argc, char **argv)
{
    int status = command_read(cli, sheet, argc, argv);

    if (status != L2A_DONE || sheet->format)
        return status;
    sheet->format = sheet->output ? l2a_sheet_format(sheet->output) : "text";
    if (!sheet->format)
        return command_usage(cli, "the sheet '%s' ends neither in .txt nor in .md or .html",
                             sheet->output);
    return L2A_DONE;
}

static int
run(struct cli *cli, int argc, char **argv)
{
    struct sheet_options sheet = {NULL, NULL};
    int status = read_options(cli, &sheet, argc, argv);

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

const struct command command_sheet = {
    "sheet", "", "print what has to be typed into Alma for this feed", options, run};
