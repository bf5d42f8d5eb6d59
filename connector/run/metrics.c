#include "report/metrics.h"
#include "run/feed.h"
#include "run/status.h"

/* A run that has nothing to send asks no server, so that somebody has to ask whether Alma has taken
 * what is there; but not again a server that has just failed. */
static struct status_look *
look_at_state(const struct l2a *feed)
{
    struct error unknown = ERROR_INIT;
    enum error_code code = report_error(feed->report);
    bool failed = code != ERROR_NONE && code != ERROR_BRAKE;
    bool offline = failed || report_is_of_photos(feed->report), ok;
    struct status_look *look =
        status_look(&feed->settings, offline, &feed->messenger, &ok, &unknown);

    if (!ok)
        message_say(&feed->messenger, MESSAGE_WARNING, "the metrics tell nothing of %s: %s",
                    look ? "what Alma has taken since the last run" : "the state", unknown.text);
    return look;
}

int
l2a_metrics_save(struct l2a *feed, const char *path)
{
    struct status_look *look;
    bool ok;

    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    if (!feed->report) {
        error_set(&feed->err, ERROR_USAGE, "there are no metrics before a run");
        return feed_failed(feed);
    }
    look = look_at_state(feed);
    ok = metrics_save(feed->report, look ? status_content(look) : NULL, path, &feed->err);
    status_free(look);
    return ok ? L2A_DONE : feed_failed(feed);
}
