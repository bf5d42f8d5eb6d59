#include "run/account.h"
#include "run/confinement.h"
#include "run/feed.h"

int
l2a_check_account(struct l2a *feed)
{
    if (!feed_begin(feed, true, 0, 0) || !account_check(&feed->settings, &feed->err))
        return feed_failed(feed);
    return L2A_DONE;
}

int
l2a_confine(struct l2a *feed, const char *const *files, size_t count)
{
    if (!feed_begin(feed, true, 0, 0))
        return feed_failed(feed);
    confinement_free(feed->confinement);
    feed->confinement = confinement_new(&feed->settings, files, count, &feed->err);
    return feed->confinement ? L2A_DONE : feed_failed(feed);
}
