#include "directory/changes.h"

#include "directory/source_driver.h"

#include <stdio.h>
#include <string.h>

const char *
changes_way_name(enum changes_way way)
{
    static const char *const names[CHANGES_WAY_COUNT] = {
        [CHANGES_AUTO] = "auto",         [CHANGES_FULL] = "full",
        [CHANGES_DIRSYNC] = "dirsync",   [CHANGES_USN] = "usn",
        [CHANGES_SYNCREPL] = "syncrepl", [CHANGES_TIMESTAMP] = "timestamp",
        [CHANGES_PUSHED] = "pushed",
    };

    return names[way];
}

enum changes_outcome
source_changes(struct source *source, const struct changes_question *question,
               const struct changes_sink *sink, struct arena *arena, struct changes *ret_changes,
               struct error *err)
{
    *ret_changes = (struct changes){.way = CHANGES_FULL};
    if (source->driver->changes)
        return source->driver->changes(source, question, sink, arena, ret_changes, err);
    snprintf(ret_changes->reason, sizeof ret_changes->reason, "LDIF tells of no changes");
    return CHANGES_READ_ALL;
}

bool
source_fetch(struct source *source, const struct attributes *attributes,
             const struct directory_id *ids, size_t count, const struct source_reader *reader,
             struct source_result *ret_result, struct error *err)
{
    memset(ret_result, 0, sizeof *ret_result);
    if (source->driver->fetch)
        return source->driver->fetch(source, attributes, ids, count, reader, ret_result, err);
    return error_set(err, ERROR_INTERNAL, "this source reads nobody by id");
}

uint64_t
source_membership(const struct source *source, const struct membership *membership)
{
    return source->driver->membership ? source->driver->membership(source, membership) : 0;
}
