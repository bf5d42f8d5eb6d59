/* When entries were changed, by the server's clock. It is not known; what is known is the newest
 * time that it has written anywhere, which is not later. Ours is never later than a clock that runs
 * wild, so the earlier one of both counts. */
#include "base/date.h"
#include "directory/entry_id.h"
#include "directory/ldap_way.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Times are written when a change begins and seen when it has ended; clocks of replicas differ. */
enum { OVERLAP_SECONDS = 300, TIME_CHARACTERS = 32 };

enum { SLOT_ID, SLOT_TIME };

struct look {
    struct ldap_asking *asking;
    const struct ldap_watch *watch;
    time_t newest;
};

static bool
is_offered(const struct ldap_root *root)
{
    (void)root;
    return true;
}

/* Wider than the searches: who does not match their filter any more is to be named as well. */
static void
watch(struct ldap_asking *asking)
{
    for (size_t i = 0; i < asking->options->search_count; i++) {
        const struct ldap_search *search = &asking->options->searches[i];

        ldap_way_watch(asking, &(struct ldap_watch){WATCH_PEOPLE, search->base, "(objectClass=*)",
                                                    search->scope});
    }
    ldap_way_watch_groups(asking);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct look *look = context;
    const struct entry_values *times = &entry->slots[SLOT_TIME], *ids = &entry->slots[SLOT_ID];
    struct directory_id id;
    time_t changed;

    (void)err;
    if (times->count > 0 && date_parse_generalized_time(times->values[0], &changed) &&
        changed > look->newest)
        look->newest = changed;
    if (look->asking->since && ids->count == 1 &&
        entry_id_parse(ldap_way_id_kind(look->asking->root), ids->values[0], &id))
        ldap_way_tell(look->asking, look->watch, &id);
    return true;
}

static time_t
time_of_mark(const struct changes_mark *mark)
{
    char text[TIME_CHARACTERS];

    if (!mark || mark->cookie_count == 0)
        return 0;
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(mark->cookies[0]));
    return (time_t)strtoll(text, NULL, 10);
}

static enum ldap_attempt
look_at(struct look *look, time_t since, struct error *err)
{
    struct ldap_asking *asking = look->asking;
    bool is_ad = asking->root->family == LDAP_FAMILY_ACTIVE_DIRECTORY;
    const char *const attributes[] = {
        [SLOT_ID] = entry_id_attribute(ldap_way_id_kind(asking->root)),
        [SLOT_TIME] = is_ad ? "whenChanged" : "modifyTimestamp",
        NULL,
    };
    struct ldap_listing listing = {
        .watch = look->watch, .attributes = attributes, .entry = take_entry, .context = look};
    char text[TIME_CHARACTERS];
    struct tm utc;

    gmtime_r(&since, &utc);
    strftime(text, sizeof text, "%Y%m%d%H%M%S.0Z", &utc);
    listing.filter = arena_format(asking->arena, "(&%s(%s>=%s))", look->watch->filter,
                                  attributes[SLOT_TIME], text);
    return ldap_way_list(asking, &listing, err);
}

static enum ldap_attempt
ask(struct ldap_asking *asking, struct error *err)
{
    time_t last = time_of_mark(asking->since), newest = last, now = time(NULL);
    time_t since = last > OVERLAP_SECONDS ? last - OVERLAP_SECONDS : 0;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    struct slice cookie;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        struct look look = {asking, &asking->watches[i], newest};

        /* With the server's clock at hand there is nothing to look for in the first run. */
        if (asking->since || asking->root->now == 0)
            attempt = look_at(&look, since, err);
        newest = look.newest;
    }
    newest = asking->root->now ? asking->root->now : newest > now ? now : newest;
    cookie = slice_of(arena_format(asking->arena, "%" PRIdMAX, (intmax_t)newest));
    for (size_t i = 0; i < asking->watch_count; i++)
        asking->mark.cookies[i] = cookie;
    return attempt;
}

const struct ldap_way ldap_way_timestamp = {is_offered, watch, ask, false};
