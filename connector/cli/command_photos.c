#include "cli/command.h"
#include "cli/run_report.h"
#include "cli/terminal.h"

#include <stdio.h>

struct photos_options {
    unsigned flags, check, check_flags;
    const char *report, *metrics, *format;
};

#define AT(member) .place = offsetof(struct photos_options, member)

static const struct option_row options[] = {
    {"dry-run", NULL, "say what would be done, and change nothing", AT(flags),
     .flag = L2A_PHOTOS_DRY},
    {"full", NULL, "read everybody's picture, changed or not", AT(flags), .flag = L2A_PHOTOS_ALL},
    {"adopt", NULL, "take over files that have the name of a photo already", AT(flags),
     .flag = L2A_PHOTOS_ADOPT},
    {"report", "FILE", "write the report as JSON", AT(report)},
    {"release", "BRAKE", "go on where this brake would stop", .take = command_release},
    {"metrics", "FILE", "write the run in numbers, for Prometheus", AT(metrics)},
    {"check", NULL, "try what photos need, and deliver none", AT(check), .flag = 1},
    {"format", "text|json", "with --check: show what was found as one of these", AT(format)},
    {"strict", NULL, "with --check: fail at warnings, too", AT(check_flags),
     .flag = L2A_CHECK_STRICT},
    {.name = NULL},
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct cli *cli, struct photos_options *photos, int argc, char **argv)
{
    int status = command_read(cli, photos, argc, argv);

    if (status != L2A_DONE)
        return status;
    if (photos->check && (photos->flags || photos->report || photos->metrics))
        return command_usage(cli,
                             "--check delivers nothing, and goes with --format and --strict alone");
    if (!photos->check && (photos->format || photos->check_flags))
        return command_usage(cli, "--format and --strict are for --check");
    if (photos->metrics && (photos->flags & L2A_PHOTOS_DRY))
        return command_usage(cli, "--metrics is not for --dry-run");
    return L2A_DONE;
}

static int
check(struct cli *cli, const struct photos_options *photos)
{
    int status = l2a_photos_check(cli->feed, photos->check_flags);

    terminal_clear();
    fputs(l2a_check_report(cli->feed, photos->format ? photos->format : "text"), stdout);
    return status == L2A_DONE ? status : command_failed(cli, status);
}

static int
run(struct cli *cli, int argc, char **argv)
{
    struct photos_options photos = {.flags = 0};
    int status = read_options(cli, &photos, argc, argv);
    bool rehearsal = (photos.flags & L2A_PHOTOS_DRY) != 0;

    if (status != L2A_DONE || (status = command_load(cli)) != L2A_DONE)
        return status;
    if (photos.check)
        return check(cli, &photos);
    status = command_confine(cli, !rehearsal, (const char *[]){photos.report, photos.metrics}, 2);
    if (status != L2A_DONE)
        return status;
    run_report_expect(cli, rehearsal);
    status = l2a_photos(cli->feed, photos.flags);
    if (status != L2A_DONE)
        command_failed(cli, status);
    run_report_print(cli, rehearsal, status);
    status = run_report_save(cli, photos.report, status);
    return run_report_save_metrics(cli, photos.metrics, status);
}

const struct command command_photos = {
    "photos", "", "bring the photos of users at their web server in step with the directory",
    options, run};
