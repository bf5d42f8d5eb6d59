#include "run/photo_version.h"

#include "base/date.h"

#include <string.h>
#include <xxhash.h>

enum { SETTLED_SECONDS = 300 };

struct photo_version_slots
photo_version_add_attributes(struct attributes *attributes)
{
    return (struct photo_version_slots){
        .entry_csn = attributes_add(attributes, slice_of("entryCSN")),
        .usn_changed = attributes_add(attributes, slice_of("uSNChanged")),
        .when_changed = attributes_add(attributes, slice_of("whenChanged")),
        .modify_timestamp = attributes_add(attributes, slice_of("modifyTimestamp")),
    };
}

static struct slice
single(const struct entry *entry, int slot)
{
    const struct entry_values *values = &entry->slots[slot];

    return values->count == 1 ? values->values[0] : SLICE_NONE;
}

/* A CSN is a time, '#' and more. */
static bool
is_settled(struct slice version, time_t now)
{
    const char *sign = version.data ? memchr(version.data, '#', version.length) : NULL;
    time_t then;

    if (sign)
        version.length = (size_t)(sign - version.data);
    return version.data && date_parse_generalized_time(version, &then) &&
           then + SETTLED_SECONDS < now;
}

uint64_t
photo_version(const struct photo_version_slots *slots, const struct entry *entry, time_t now)
{
    struct slice version = single(entry, slots->entry_csn);
    struct slice number = single(entry, slots->usn_changed);
    uint64_t hash;

    if (!version.data)
        version = single(entry, number.data ? slots->when_changed : slots->modify_timestamp);
    if (!is_settled(version, now))
        return 0;
    hash = XXH3_64bits(version.data, version.length);
    if (number.data)
        hash = XXH3_64bits_withSeed(number.data, number.length, hash);
    return hash ? hash : 1;
}
