#include "cli/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80 };

/* There is one terminal, and main() is the only user: this is the program, not the library. */
static struct {
    bool shown;
    char phase[32];
    double phase_began, last_drawn; /* seconds */
} line;

static double
now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

unsigned
terminal_width(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO))
        return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_WIDTH;
    return size.ws_col;
}

bool
terminal_has_color(void)
{
    const char *kind = getenv("TERM"), *no_color = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && kind && strcmp(kind, "dumb") != 0 && !(no_color && no_color[0]);
}

void
terminal_clear(void)
{
    if (!line.shown)
        return;
    fputs("\r\033[K", stderr);
    line.shown = false;
}

static void
show_message(void *context, int level, const char *text)
{
    static const char *const prefixes[] = {[L2A_ERROR] = "error: ", [L2A_WARNING] = "warning: "};
    const struct cli *cli = context;

    if (level > cli->level)
        return;
    terminal_clear();
    if (!log_is_for_people(cli->log)) {
        log_write(cli->log, level, text, "");
        return;
    }
    fprintf(stderr, "%s%s\n", level <= L2A_WARNING ? prefixes[level] : "", text);
}

static void
format_amount(char *text, size_t size, double amount, const char *unit)
{
    if (strcmp(unit, "bytes") == 0)
        snprintf(text, size, "%.1f MB", amount / 1e6);
    else
        snprintf(text, size, "%.0f %s", amount, unit);
}

static void
draw_progress(const char *phase, double done, double total, const char *unit, double elapsed)
{
    char amount[64], of[64] = "", rate[64] = "", left[32] = "";

    format_amount(amount, sizeof amount, done, unit);
    if (total > 0)
        snprintf(of, sizeof of, " (%.0f %%)", 100 * done / total);
    if (elapsed > 0.5) {
        char each[48];

        format_amount(each, sizeof each, done / elapsed, unit);
        snprintf(rate, sizeof rate, ", %s/s", each);
        if (total > done && done > 0)
            snprintf(left, sizeof left, ", %.0f s left", (total - done) * elapsed / done);
    }
    fprintf(stderr, "\r%s: %s%s%s%s\033[K", phase, amount, of, rate, left);
    line.shown = true;
}

static void
show_progress(void *context, const char *phase, uint64_t done, uint64_t total, const char *unit)
{
    double now = now_seconds();

    (void)context;
    if (strcmp(phase, line.phase) != 0) {
        snprintf(line.phase, sizeof line.phase, "%s", phase);
        line.phase_began = now;
        line.last_drawn = 0;
    }
    if (now - line.last_drawn < 0.1)
        return;
    line.last_drawn = now;
    draw_progress(phase, (double)done, (double)total, unit, now - line.phase_began);
}

void
terminal_listen(struct cli *cli)
{
    l2a_on_message(cli->feed, show_message, cli);
    if (!cli->quiet && isatty(STDERR_FILENO) && log_is_for_people(cli->log))
        l2a_on_progress(cli->feed, show_progress, cli);
}
