/* run_report: what is shown and kept of a run, for the commands that are runs.
 *
 * A person at a terminal or at a rehearsal sees what was done, cron does not. Where a guard stopped
 * the run, counts and findings are the reason; of any other failure the error has said all.
 */
#ifndef CLI_RUN_REPORT_H
#define CLI_RUN_REPORT_H

#include "cli/command.h"

/* Before the run: one that goes well is silent in cron's mail, while a log keeps what was done. */
void run_report_expect(struct cli *cli, bool rehearsal);

/* After it: prints the report where somebody wants it. */
void run_report_print(const struct cli *cli, bool rehearsal, int status);

/* Writes the report to the file; NULL: nowhere. Returns the exit status. */
int run_report_save(const struct cli *cli, const char *path, int status);

/* The same for its metrics. */
int run_report_save_metrics(const struct cli *cli, const char *path, int status);

#endif
