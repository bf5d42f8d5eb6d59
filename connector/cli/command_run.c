#include "cli/command.h"
#include "cli/run_report.h"

#include <stdio.h>
#include <string.h>

struct run_options {
    unsigned flags;
    const char *mode;
    const char *report;
    const char *worklist;
    const char *metrics;
    const char *keep, *diff;
};

#define AT(member) .place = offsetof(struct run_options, member)

static const struct option_row options[] = {
    {"dry-run", NULL, "rehearse the run: deliver and change nothing", AT(flags),
     .flag = L2A_RUN_DRY},
    {"keep", "FOLDER", "with --dry-run: keep the packages here", AT(keep)},
    {"diff", "WHO|N", "with --dry-run: show what it changes of somebody", AT(diff)},
    {"full", NULL, "send everybody", AT(flags), .flag = L2A_RUN_FULL},
    {"changed", NULL, "send who is new or has changed", AT(flags), .flag = L2A_RUN_CHANGED},
    {"mode", "MODE", "the load of Alma's that the packages are for", AT(mode),
     .setting = "alma.mode"},
    {"release", "BRAKE", "go on where this brake would stop; may be repeated",
     .take = command_release},
    {"report", "FILE", "write the report as JSON", AT(report)},
    {"worklist", "FILE", "write who is held or rejected (.txt, .csv, .json)", AT(worklist)},
    {"metrics", "FILE", "write the run in numbers, for Prometheus", AT(metrics)},
    {.name = NULL},
};

/* L2A_DONE, or L2A_USAGE after saying what is wrong. */
static int
read_options(struct cli *cli, struct run_options *run, int argc, char **argv)
{
    int status = command_read(cli, run, argc, argv);

    if (status != L2A_DONE)
        return status;
    if ((run->flags & L2A_RUN_FULL) && (run->flags & L2A_RUN_CHANGED))
        return command_usage(cli, "a run is either --full or --changed");
    if (run->worklist && !l2a_worklist_format(run->worklist))
        return command_usage(cli, "the work list '%s' ends neither in .txt nor in .csv or .json",
                             run->worklist);
    if (run->keep && !(run->flags & L2A_RUN_DRY))
        return command_usage(cli, "--keep is for --dry-run");
    if (run->diff && !(run->flags & L2A_RUN_DRY))
        return command_usage(cli, "--diff is for --dry-run");
    if (run->metrics && (run->flags & L2A_RUN_DRY))
        return command_usage(cli, "--metrics is not for --dry-run");
    return L2A_DONE;
}

/* A log has a line of each run, also of those of which there is nothing to say. */
static void
log_success(const struct cli *cli, const struct run_options *run)
{
    const char *line;
    char text[256];

    if (log_is_for_people(cli->log) || cli->level < L2A_NOTICE || (run->flags & L2A_RUN_DRY) ||
        l2a_status(cli->feed, L2A_STATUS_OFFLINE) != L2A_DONE)
        return;
    line = l2a_status_report(cli->feed, "line", 0);
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\n"), line);
    log_write(cli->log, L2A_NOTICE, text, "");
}

/* Of a run that ended before everybody was judged there is none, and the one that is there stays.
 */
static int
save_worklist(const struct cli *cli, const char *path, int status)
{
    int saved = l2a_worklist(cli->feed, L2A_WORKLIST_RUN);

    if (saved == L2A_DONE)
        saved = l2a_worklist_save(cli->feed, l2a_worklist_format(path), path);
    else if (status != L2A_DONE)
        return status;
    if (saved != L2A_DONE)
        command_failed(cli, saved);
    return status == L2A_DONE ? saved : status;
}

static int
run_feed(struct cli *cli, int argc, char **argv)
{
    struct run_options run = {.flags = 0};
    int status = read_options(cli, &run, argc, argv);
    bool rehearsal = (run.flags & L2A_RUN_DRY) != 0;

    if (status != L2A_DONE)
        return status;
    if ((status = command_load(cli)) != L2A_DONE ||
        (status = command_confine(cli, !rehearsal,
                                  (const char *const[]){run.report, run.worklist, run.metrics},
                                  3)) != L2A_DONE)
        return status;
    run_report_expect(cli, rehearsal);
    if ((status = l2a_keep_packages(cli->feed, run.keep)) != L2A_DONE ||
        (status = l2a_diff(cli->feed, run.diff)) != L2A_DONE)
        return command_failed(cli, status);
    if (run.mode && (status = l2a_set_mode(cli->feed, run.mode)) != L2A_DONE)
        return command_failed(cli, status);
    status = l2a_run(cli->feed, run.flags);
    if (status != L2A_DONE)
        command_failed(cli, status);
    else
        log_success(cli, &run);
    run_report_print(cli, rehearsal, status);
    status = run_report_save(cli, run.report, status);
    status = run_report_save_metrics(cli, run.metrics, status);
    return run.worklist ? save_worklist(cli, run.worklist, status) : status;
}

const struct command command_run = {"run", "", "read the directory, map, check, pack and deliver",
                                    options, run_feed};

/* For those who push people, it is this that they do next. */
const struct command command_deliver = {
    "deliver", "", "deliver the people who were put: the same as run", options, run_feed};
