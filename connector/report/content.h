/* content: what a report holds, for the formats. Filled by report.c alone.
 */
#ifndef REPORT_CONTENT_H
#define REPORT_CONTENT_H

#include "base/arena.h"
#include "report/report.h"

#include <stddef.h>

/* How many findings of a kind there were, how many are kept, and how long their texts are. */
struct report_kind {
    uint64_t seen;
    uint64_t kept;
    size_t bytes;
};

struct report_timing {
    const char *step;
    double seconds;
};

struct report {
    struct arena *arena;
    struct arena *finding_arena; /* of people's findings; reset when the read begins anew */
    const char *feed, *mode;
    const char *changes;         /* NULL: not known yet */
    struct report_detect detect; /* way NULL: the directory was not asked */
    bool dry_run;
    bool photos;
    time_t started, finished; /* finished 0: not yet */
    enum report_outcome outcome;
    enum error_code code;
    const char *error, *hint;    /* NULL: none */
    const char *server, *target; /* NULL: none yet */
    uint64_t referrals;
    unsigned restarts;
    struct report_counts counts;
    uint64_t changed_fields[USER_FIELDS_MOST];
    struct report_leaver *leavers; /* the first of them */
    size_t leaver_count, leaver_capacity;
    uint64_t leavers_omitted;
    struct report_package *packages;
    size_t package_count, package_capacity;
    const char *kept; /* the folder of a rehearsal's packages; NULL: none */
    struct difference *differences;
    size_t difference_count, difference_capacity;
    uint64_t differences_omitted;
    struct report_brake *brakes;
    size_t brake_count, brake_capacity;
    struct report_finding *findings; /* in the order they came */
    size_t finding_count, finding_capacity;
    struct report_kind kinds[FINDING_CODE_COUNT];
    struct report_solved *solved; /* the first of them */
    size_t solved_count, solved_capacity;
    uint64_t solved_omitted;
    bool listed;
    struct report_timing *timings; /* in the order of their first call */
    size_t timing_count, timing_capacity;
};

/* A row of the table of counts. */
struct report_count_row {
    const char *name;
    size_t at;      /* offset in struct report_counts */
    unsigned depth; /* 1 is part of the 0 above, 2 of the 1 above */
    bool optional;  /* left out of texts for people when 0 */
    const char *help;
    const char *stopped; /* the same where a brake stopped the run; NULL: no other */
};

/* Row `index` of what the report counts, or NULL behind the end. */
const struct report_count_row *report_count_row(const struct report *report, size_t index);

uint64_t report_count(const struct report *report, const struct report_count_row *row);

enum { REPORT_TIME_BYTES = 32 };

/* ISO 8601 in UTC: "2026-09-01T03:00:00Z". Empty for 0. */
void report_time(time_t seconds, char ret_text[REPORT_TIME_BYTES]);

/* The formats. */
void report_write_json(const struct report *report, struct buffer *out);
void report_write_text(const struct report *report, struct buffer *out);

#endif
