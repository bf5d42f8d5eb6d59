/* claims: people who are held for their match identifier, with old and new: a list that a library
 * works through, correcting its users in Alma.
 *
 * The command (run/claims.h) fills a struct claims; claims_write() renders it in a format of one
 * table: text for people, csv for spreadsheets, json with the keys of ldap2alma(1).
 */
#ifndef REPORT_CLAIMS_H
#define REPORT_CLAIMS_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct claim {
    bool moved;            /* else the new identifier was another person's */
    struct slice former;   /* the match identifier in Alma, and … */
    const char *owner;     /* … whose it was, by the immutable id; NULL where `moved` */
    struct slice match_id; /* the one that is to be sent */
    struct slice dn;
    const char *id;  /* "entryUUID 3f2504e0-4f89-41d3-9a0c-0305e82c3301", or a DN */
    time_t accepted; /* 0: held */
};

struct claims {
    struct claim *items;
    size_t count;
};

/* Appends the list; false when there is no such format. */
bool claims_write(const struct claims *claims, const char *format, struct buffer *out);

#endif
