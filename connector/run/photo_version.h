/* photo_version: whether an entry is still the one that was read before, by what the server says.
 *
 * A server gives its entries versions: entryCSN (OpenLDAP), uSNChanged with whenChanged (Active
 * Directory), modifyTimestamp (RFC 4512 section 3.4.2). Whose version is the same as at the last
 * run need not be asked for the picture again.
 *
 * Some count in seconds only. So the version of an entry that changed just before it was read is
 * none: it may change once more without another one.
 */
#ifndef RUN_PHOTO_VERSION_H
#define RUN_PHOTO_VERSION_H

#include "model/attributes.h"
#include "model/entry.h"

#include <stdint.h>
#include <time.h>

struct photo_version_slots {
    int entry_csn, usn_changed, when_changed, modify_timestamp;
};

/* Adds the attributes to what is asked of the directory. */
struct photo_version_slots photo_version_add_attributes(struct attributes *attributes);

/* A hash; 0: the entry has no version, or one of less than five minutes before `now`. */
uint64_t photo_version(const struct photo_version_slots *slots, const struct entry *entry,
                       time_t now);

#endif
