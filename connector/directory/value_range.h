/* value_range: the part of an attribute's values that an answer or a question is about.
 *
 * Active Directory sends long lists of values in parts and says which one it is in an option of
 * the attribute's name: "member;range=0-1499", the last one "member;range=1500-*" (the vendor's
 * "Searching Using Range Retrieval", and [MS-ADTS] 3.1.1.3.1.3.3). Only the name is read here;
 * directory/ldap_ranges.h joins the parts.
 */
#ifndef DIRECTORY_VALUE_RANGE_H
#define DIRECTORY_VALUE_RANGE_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct value_range {
    struct slice before, after; /* the description without the range: "member" and "" */
    uint64_t low, high;         /* counted from 0; high only where it is not the last part */
    bool last;                  /* "*": there are no more */
};

/* False: the description has no range. One that cannot be understood has no values: low is above
 * high. */
bool value_range_find(struct slice description, struct value_range *ret_range);

/* The description without its range, in `ret_plain`; empty where it is too long for any
 * attribute. */
enum { VALUE_RANGE_PLAIN_BYTES = 512 };
struct slice value_range_plain(const struct value_range *range,
                               char ret_plain[VALUE_RANGE_PLAIN_BYTES]);

#endif
