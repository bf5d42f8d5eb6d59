#include "cli/command.h"
#include "cli/terminal.h"

#include <stdio.h>

struct preview_options {
    unsigned flags;
    const char *format; /* NULL: text, with colors where the terminal has them */
};

#define AT(member) .place = offsetof(struct preview_options, member)

static const struct option_row options[] = {
    {"all", NULL, "show everybody who is found, not only the first ten", AT(flags),
     .flag = L2A_PREVIEW_ALL},
    {"format", "text|color|json|xml", "show them as one of these", AT(format)},
    {.name = NULL},
};

static int
run(struct cli *cli, int argc, char **argv)
{
    struct preview_options preview = {0, NULL};
    int status = command_read(cli, &preview, argc, argv);

    if (status != L2A_DONE)
        return status;
    if (optind == argc)
        return command_usage(cli, "whom? A DN, a filter or an identifier");
    if (!preview.format)
        preview.format = terminal_has_color() ? "color" : "text";
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = l2a_preview(cli->feed, argv[optind], preview.flags);
    if (status != L2A_DONE)
        return command_failed(cli, status);
    terminal_clear();
    fputs(l2a_preview_report(cli->feed, preview.format, terminal_width()), stdout);
    return L2A_DONE;
}

const struct command command_preview = {
    "preview", "WHO", "show what a person's entry becomes, and why", options, run};
