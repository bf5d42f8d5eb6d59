#include "base/arena.h"
#include "base/text.h"
#include "report/content.h"
#include "report/status.h"

#include <inttypes.h>

static void
add_time(struct buffer *out, const char *words, time_t seconds)
{
    char text[REPORT_TIME_BYTES];

    report_time(seconds, text);
    buffer_format(out, "%s%s", words, text);
}

static void
add_last_run(struct buffer *out, const struct status_run *run)
{
    add_time(out, ", last run ", run->started);
    buffer_format(out, " %s", run->outcome);
    if (run->exit_status != 0)
        buffer_format(out, " (exit %d)", run->exit_status);
    if (run->error[0]) {
        struct arena *arena = arena_new();
        struct slice error = text_printable(arena, slice_of(run->error), REPORT_TEXT_BYTES);

        buffer_format(out, ": %.*s", SLICE_ARG(error));
        arena_free(arena);
    } else if (run->finished)
        buffer_format(out, ": %" PRIu64 " read, %" PRIu64 " sent", run->read, run->sent);
}

void
status_write_line(const struct status *status, unsigned width, struct buffer *out)
{
    const struct status_run *run = status->runs;

    (void)width;
    buffer_format(out, "%s: ", status->feed);
    if (!status->known) {
        buffer_add_text(out, "there is no state yet\n");
        return;
    }
    if (status->succeeded)
        add_time(out, "last success ", status->succeeded);
    else
        buffer_add_text(out, "no run has gone well yet");
    if (status->run_count > 0 && run->at_work) {
        add_time(out, ", at work since ", run->started);
        run = status->run_count > 1 ? run + 1 : NULL;
    }
    if (status->run_count > 0 && run)
        add_last_run(out, run);
    buffer_add_text(out, "\n");
}
