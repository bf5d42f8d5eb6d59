#include "cli/command.h"
#include "cli/run_report.h"
#include "cli/terminal.h"

#include <getopt.h>
#include <stdio.h>

struct photos_options {
    unsigned flags;
    const char *report;
    bool check;
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct l2a *feed, struct photos_options *photos, int argc, char **argv)
{
    static const struct option options[] = {{"dry-run", no_argument, NULL, 'n'},
                                            {"full", no_argument, NULL, 'f'},
                                            {"adopt", no_argument, NULL, 'a'},
                                            {"report", required_argument, NULL, 'r'},
                                            {"release", required_argument, NULL, 'l'},
                                            {"check", no_argument, NULL, 'c'},
                                            {NULL, 0, NULL, 0}};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'n':
            photos->flags |= L2A_PHOTOS_DRY;
            break;
        case 'f':
            photos->flags |= L2A_PHOTOS_ALL;
            break;
        case 'a':
            photos->flags |= L2A_PHOTOS_ADOPT;
            break;
        case 'c':
            photos->check = true;
            break;
        case 'r':
            photos->report = optarg;
            break;
        case 'l':
            if (l2a_release(feed, optarg) != L2A_DONE)
                return command_usage("photos", "%s", l2a_error_text(feed));
            break;
        default:
            return command_bad_option("photos", option, argv);
        }
    }
    if (optind < argc)
        return command_usage("photos", "too many arguments: '%s'", argv[optind]);
    if (photos->check && (photos->flags || photos->report))
        return command_usage("photos", "--check delivers nothing, and goes with no other option");
    return L2A_DONE;
}

static int
check(struct cli *cli)
{
    int status = l2a_photos_check(cli->feed, 0);

    terminal_clear();
    fputs(l2a_check_report(cli->feed, "text"), stdout);
    return status == L2A_DONE ? status : command_failed(cli, status);
}

int
command_photos(struct cli *cli, int argc, char **argv)
{
    struct photos_options photos = {.flags = 0};
    int status = read_options(cli->feed, &photos, argc, argv);
    bool rehearsal = (photos.flags & L2A_PHOTOS_DRY) != 0;

    if (status != L2A_DONE || (status = command_load(cli)) != L2A_DONE)
        return status;
    if (photos.check)
        return check(cli);
    run_report_expect(cli, rehearsal);
    status = l2a_photos(cli->feed, photos.flags);
    if (status != L2A_DONE)
        command_failed(cli, status);
    run_report_print(cli, rehearsal, status);
    return run_report_save(cli, photos.report, status);
}
