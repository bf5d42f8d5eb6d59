/* group_slots: reading where the set has `groups` or `groups.nested` (model/attributes.h).
 *
 * No directory has attributes of these names, and to fill them takes others, which nobody else is
 * to see. So a set of its own is asked for: the wanted one, with the same numbers, and hidden
 * attributes behind. Each entry is filled and then shown with the wanted set.
 *
 * Order of use: open, hide, then read with `asked`; for each entry fill; close.
 */
#ifndef DIRECTORY_GROUP_SLOTS_H
#define DIRECTORY_GROUP_SLOTS_H

#include "model/attributes.h"
#include "model/entry.h"

#include <stdbool.h>

enum { GROUP_SLOTS_OWN = 3 };

struct group_slots {
    const struct attributes *wanted;
    struct attributes *asked;
    int direct, nested;       /* ATTRIBUTE_NONE: not wanted */
    int own[GROUP_SLOTS_OWN]; /* LDIF */
    struct entry_values *slots;
    struct slice *values; /* of groups.nested in LDIF */
    size_t value_capacity;
};

/* True where the set has one of the two. */
bool group_slots_are_wanted(const struct attributes *wanted);

void group_slots_open(struct group_slots *slots, const struct attributes *wanted);
void group_slots_close(struct group_slots *slots);

/* The slot of an attribute that is asked for, whether wanted or not. */
int group_slots_hide(struct group_slots *slots, const char *name);

/* Gives the entry, which was read with `asked`, the values; it is one of the wanted set then. What
 * it borrows is valid until the next call. */
void group_slots_fill(struct group_slots *slots, struct entry *entry, struct entry_values direct,
                      struct entry_values nested);

/* The same out of what the entry itself has, for LDIF: its `groups`, else its memberOf, else its
 * isMemberOf; groups.nested has its own values, too. Before the first entry these are hidden. */
void group_slots_hide_own(struct group_slots *slots);
void group_slots_fill_alone(struct group_slots *slots, struct entry *entry);

#endif
