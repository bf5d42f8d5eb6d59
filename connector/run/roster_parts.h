/* roster_parts: what a roster consists of. Only for roster.c and roster_file.c.
 */
#ifndef RUN_ROSTER_PARTS_H
#define RUN_ROSTER_PARTS_H

#include "run/roster.h"

#include "base/arena.h"

enum { ROSTER_BASE, ROSTER_LATER, ROSTER_LAYERS };

struct roster_marks {
    uint64_t *items; /* the hash above the row's number; sorted in what was loaded */
    size_t count, capacity;
};

struct roster {
    struct roster_facts facts;
    struct roster_head *head; /* of the file, for roster_load() */
    struct arena *arena;      /* the facts' texts, but for the groups as they were loaded: */
    char *groups;
    struct roster_row *rows;
    size_t count, capacity;
    size_t base;                    /* so many of them are of the base */
    struct membership *memberships; /* by row; NULL: all 0 */
    size_t membership_capacity;
    struct roster_marks marks[ROSTER_LAYERS];
    struct roster_marks fresh; /* added since */
    uint32_t *table;           /* open addressing: a row's number + 1; NULL: nobody is looked up */
    size_t table_mask;
    bool has_changed;    /* since it was loaded */
    bool has_new_groups; /* facts.groups */
};

/* Makes all rows known to roster_find(). False where two have one id and neither is void. */
bool roster_index(struct roster *roster);

#endif
