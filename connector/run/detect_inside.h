/* detect_inside: what the parts of a detection share. Only for detect.c, detect_fetch.c and
 * roster_update.c.
 */
#ifndef RUN_DETECT_INSIDE_H
#define RUN_DETECT_INSIDE_H

#include "run/detect.h"

#include "run/roster_loading.h"

/* What becomes of a row of the roster in this run. */
enum detection_fate {
    FATE_WANTED = 1,   /* is read again … */
    FATE_FOUND = 2,    /* … and was found */
    FATE_PRESENT = 4,  /* the directory says that it is as it was */
    FATE_CONCERNED = 8 /* state's view of it matters, though nobody reads it */
};

struct detection {
    struct detect inputs;
    struct roster *roster;          /* NULL: of no use */
    struct roster_loading *loading; /* NULL: its rows are there */
    struct error trouble;           /* that loading met */
    struct changes changes;
    struct slice conditions; /* under which this run reads */
    const char *reason;      /* why everybody is read; NULL: not everybody is */
    struct source_result read;
    unsigned char *fates;       /* by row */
    size_t row_count;           /* of the roster, as it was loaded, */
    struct roster_sums sums;    /* and over it */
    struct directory_id *asked; /* who is to be read with the next question */
    size_t asked_count, asked_capacity;
    struct directory_id *strangers; /* who were named and are in no row */
    size_t stranger_count, stranger_capacity;
    uint64_t named;                 /* by the directory */
    size_t seen_people, seen_marks; /* of those who were read, so many were looked at */
    struct slice *absent;           /* keys, by state */
    size_t absent_count;
    struct state_alias *aliases;
    size_t alias_count;
    size_t noted; /* number of the first person who was not read; as many as there are: none */
};

/* While the directory is asked the roster is loaded, until this is called: the first time that its
 * rows are needed. Sets a reason where they are of no use. */
void detection_wait(struct detection *detection);

/* Makes sure that the row is read. */
void detection_want(struct detection *detection, uint32_t number);

/* Whom the directory named. */
struct changes_sink detection_sink(struct detection *detection);

/* Who is read whatever the directory says. */
bool detection_want_others(struct detection *detection, struct error *err);

/* Roster from a whole read; the people's marks become the roster's. NULL where it cannot be: an
 * entry without an immutable id, or two with one. */
struct roster *roster_of_people(const struct detection *detection, const struct detection_end *end,
                                struct error *err);

/* Brings the roster up to date with those who were read. False without an error where it cannot
 * be, as above. */
bool roster_update(struct detection *detection, const struct detection_end *end, struct error *err);

#endif
