#include "run/entry.h"
#include "run/feed.h"
#include "run/mapper.h"

int
l2a_map(struct l2a *feed, const struct l2a_entry *entry)
{
    struct mapper *mapper;

    found_restart(&feed->found);
    feed->mapped.length = 0;
    if (!feed_begin(feed, true, 0, 0) || !(mapper = mapper_of(feed)))
        return feed_failed(feed);
    switch (mapper_map(mapper, entry->whole)) {
    case MAPPING_MAPPED:
        mapper_write_record(mapper, &feed->mapped);
        buffer_add(&feed->mapped, "", 1);
        return L2A_DONE;
    case MAPPING_SKIPPED:
        error_set(&feed->err, ERROR_DATA, "the mapping's 'select' leaves '%.*s' out",
                  SLICE_ARG(whole_entry_dn(entry->whole)));
        break;
    case MAPPING_REJECTED:
        error_set(&feed->err, ERROR_DATA, "no record comes of '%.*s': %s",
                  SLICE_ARG(whole_entry_dn(entry->whole)), found_reason(&feed->found));
        break;
    }
    return feed_failed(feed);
}

const char *
l2a_map_xml(struct l2a *feed)
{
    return feed->mapped.length > 0 ? feed->mapped.data : NULL;
}
