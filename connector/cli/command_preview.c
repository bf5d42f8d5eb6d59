#include "cli/command.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>

struct preview_options {
    unsigned flags;
    const char *format; /* NULL: text, with colors where the terminal has them */
    const char *who;
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct preview_options *preview, int argc, char **argv)
{
    static const struct option options[] = {{"all", no_argument, NULL, 'a'},
                                            {"format", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "color", "json", "xml", NULL};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'a':
            preview->flags |= L2A_PREVIEW_ALL;
            break;
        case 'f':
            preview->format = optarg;
            break;
        default:
            return command_bad_option("preview", option, argv);
        }
    }
    if (optind == argc)
        return command_usage("preview", "whom? A DN, a filter or an identifier");
    if (optind + 1 < argc)
        return command_usage("preview", "too many arguments: '%s'", argv[optind + 1]);
    if (preview->format && !command_is_one_of(preview->format, formats))
        return command_usage("preview", "no format '%s': it is text, color, json or xml",
                             preview->format);
    preview->who = argv[optind];
    return L2A_DONE;
}

int
command_preview(struct cli *cli, int argc, char **argv)
{
    struct preview_options preview = {0, NULL, NULL};
    int status = read_options(&preview, argc, argv);

    if (status != L2A_DONE)
        return status;
    if (!preview.format)
        preview.format = terminal_has_color() ? "color" : "text";
    status = command_load(cli);
    if (status != L2A_DONE)
        return status;
    status = l2a_preview(cli->feed, preview.who, preview.flags);
    if (status != L2A_DONE)
        return command_failed(cli, status);
    terminal_clear();
    fputs(l2a_preview_report(cli->feed, preview.format, terminal_width()), stdout);
    return L2A_DONE;
}
