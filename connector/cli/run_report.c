#include "cli/run_report.h"

#include "cli/terminal.h"

#include <stdio.h>
#include <unistd.h>

void
run_report_expect(struct cli *cli, bool rehearsal)
{
    if (cli->level == L2A_NOTICE && log_is_for_people(cli->log) && !rehearsal &&
        !isatty(STDOUT_FILENO))
        cli->level = L2A_WARNING;
}

static bool
is_wanted(const struct cli *cli, bool rehearsal, int status)
{
    if (status == L2A_STOPPED || cli->level >= L2A_INFO)
        return true;
    if (status != L2A_DONE || cli->quiet)
        return false;
    return rehearsal || isatty(STDOUT_FILENO);
}

void
run_report_print(const struct cli *cli, bool rehearsal, int status)
{
    const char *text;

    if (!is_wanted(cli, rehearsal, status))
        return;
    terminal_clear();
    text = l2a_report(cli->feed, "text");
    if (text)
        fputs(text, stdout);
}

int
run_report_save(const struct cli *cli, const char *path, int status)
{
    int saved = path ? l2a_report_save(cli->feed, "json", path) : L2A_DONE;

    if (saved == L2A_DONE)
        return status;
    command_failed(cli, saved);
    return status == L2A_DONE ? saved : status;
}

/* Where another run is at work the file is left to that one, which will write it. */
int
run_report_save_metrics(const struct cli *cli, const char *path, int status)
{
    int saved = path && status != L2A_LOCKED ? l2a_metrics_save(cli->feed, path) : L2A_DONE;

    if (saved != L2A_DONE)
        command_failed(cli, saved);
    return status == L2A_DONE ? saved : status;
}
