#include "cli/command.h"
#include "cli/run_report.h"

#include <getopt.h>
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

/* L2A_DONE, or L2A_USAGE after saying what is wrong; so is the next one. */
static int
check_options(const struct run_options *run, int argc, char **argv)
{
    if (optind < argc)
        return command_usage("run", "too many arguments: '%s'", argv[optind]);
    if ((run->flags & L2A_RUN_FULL) && (run->flags & L2A_RUN_CHANGED))
        return command_usage("run", "a run is either --full or --changed");
    if (run->worklist && !l2a_worklist_format(run->worklist))
        return command_usage("run", "the work list '%s' ends neither in .txt nor in .csv or .json",
                             run->worklist);
    if (run->keep && !(run->flags & L2A_RUN_DRY))
        return command_usage("run", "--keep is for --dry-run");
    if (run->diff && !(run->flags & L2A_RUN_DRY))
        return command_usage("run", "--diff is for --dry-run");
    if (run->metrics && (run->flags & L2A_RUN_DRY))
        return command_usage("run", "--metrics is not for --dry-run");
    return L2A_DONE;
}

static int
read_options(struct l2a *feed, struct run_options *run, int argc, char **argv)
{
    static const struct option options[] = {{"dry-run", no_argument, NULL, 'n'},
                                            {"full", no_argument, NULL, 'f'},
                                            {"changed", no_argument, NULL, 'c'},
                                            {"mode", required_argument, NULL, 'm'},
                                            {"report", required_argument, NULL, 'r'},
                                            {"worklist", required_argument, NULL, 'w'},
                                            {"release", required_argument, NULL, 'l'},
                                            {"keep", required_argument, NULL, 'k'},
                                            {"diff", required_argument, NULL, 'd'},
                                            {"metrics", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    int option;

    optind = 0; /* glibc: begin anew with another vector */
    while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        switch (option) {
        case 'n':
            run->flags |= L2A_RUN_DRY;
            break;
        case 'f':
            run->flags |= L2A_RUN_FULL;
            break;
        case 'c':
            run->flags |= L2A_RUN_CHANGED;
            break;
        case 'm':
            run->mode = optarg;
            break;
        case 'r':
            run->report = optarg;
            break;
        case 'w':
            run->worklist = optarg;
            break;
        case 'l':
            if (l2a_release(feed, optarg) != L2A_DONE)
                return command_usage("run", "%s", l2a_error_text(feed));
            break;
        case 'k':
            run->keep = optarg;
            break;
        case 'd':
            run->diff = optarg;
            break;
        case 'p':
            run->metrics = optarg;
            break;
        default:
            return command_bad_option("run", option, argv);
        }
    }
    return check_options(run, argc, argv);
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

/* Where another run is at work the file is left to that one, which will write it. */
static int
save_metrics(const struct cli *cli, const char *path, int status)
{
    int saved = status == L2A_LOCKED ? L2A_DONE : l2a_metrics_save(cli->feed, path);

    if (saved != L2A_DONE)
        command_failed(cli, saved);
    return status == L2A_DONE ? saved : status;
}

int
command_run(struct cli *cli, int argc, char **argv)
{
    struct run_options run = {.flags = 0};
    int status = read_options(cli->feed, &run, argc, argv);
    bool rehearsal = (run.flags & L2A_RUN_DRY) != 0;

    if (status != L2A_DONE)
        return status;
    status = command_load(cli);
    if (status != L2A_DONE)
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
    if (run.metrics)
        status = save_metrics(cli, run.metrics, status);
    return run.worklist ? save_worklist(cli, run.worklist, status) : status;
}
