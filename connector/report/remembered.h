/* remembered: what state knows of single people, shown to somebody who asked.
 *
 * The command (run/remembered.h) fills a struct remembered; remembered_write() renders it in a
 * format of one table: text for people, json with the keys of ldap2alma(1).
 */
#ifndef REPORT_REMEMBERED_H
#define REPORT_REMEMBERED_H

#include "base/buffer.h"
#include "base/slice.h"
#include "model/user_fields.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct remembered_person {
    const char *id; /* "entryUUID 3f2504e0-4f89-41d3-9a0c-0305e82c3301", or a DN */
    struct slice match_id;
    time_t delivered;
    const char *package; /* in which it was last delivered */
    unsigned absent;     /* complete runs in a row */
    bool expired;
    bool fields[USER_FIELDS_MOST]; /* which of the table's fields were delivered */
    uint64_t record_bytes;         /* of the last record; 0: it is not kept */
    struct slice record;           /* SLICE_NONE: not asked for, or not kept */
};

struct remembered {
    const char *who; /* what was asked */
    struct remembered_person *people;
    size_t count, capacity;
};

/* Appends what is remembered; false when there is no such format. */
bool remembered_write(const struct remembered *remembered, const char *format, struct buffer *out);

#endif
