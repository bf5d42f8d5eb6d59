/* status: what a feed's state knows, shown to somebody who asked: the last runs, people, leavers
 * who wait, packages and whether Alma has taken them.
 *
 * The command (run/status.h) fills a struct status; status_write() renders it in a format of one
 * table:
 *   text   for people; lines are broken at `width`
 *   color  the same with a terminal's colors
 *   json   for programs; the keys are those of ldap2alma(1)
 *   line   one line, for those who watch many feeds
 */
#ifndef REPORT_STATUS_H
#define REPORT_STATUS_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct status_run {
    time_t started, finished; /* finished 0: at work, or cut short */
    bool at_work;
    const char *mode;
    bool full;
    const char *outcome; /* as in a report; "at-work", "cut-short" where it has none */
    int exit_status;
    const char *error; /* "": none */
    uint64_t read, skipped, rejected, held, unchanged, sent, leavers;
};

/* Where a package is, as the target says. */
enum status_place {
    STATUS_UNKNOWN, /* nobody was asked, or nobody answered */
    STATUS_NOWHERE, /* not there: taken and removed, or not yet delivered */
    STATUS_WAITING, /* there, under its own name */
    STATUS_TAKEN,   /* there, under the name that Alma gave it */
    STATUS_FOREIGN, /* another file has its name */
    STATUS_PLACE_COUNT
};

struct status_package {
    const char *name, *target;
    uint64_t records, bytes;
    const char *fate; /* "planned", "renaming", "delivered" */
    time_t changed;   /* when its fate did */
    enum status_place place;
    const char *taken_as; /* STATUS_TAKEN: its name now; NULL: not known */
};

struct status_leavers {
    unsigned absent; /* complete runs in a row */
    uint64_t people;
};

/* The last run of photos. */
struct status_photos {
    time_t started, finished; /* started 0: there was none; finished 0: at work, or cut short */
    const char *outcome;      /* as in a report; "at-work", "cut-short" where it has none */
    int exit_status;
    const char *error; /* "": none */
    time_t succeeded;  /* when the last one ended that went well; 0: none has */
    uint64_t there;    /* photos of ours at their server */
    uint64_t added, replaced, removed, findings;
};

struct status {
    const char *feed, *state; /* its file */
    bool known;               /* there is a state */
    long pid;                 /* of the run that is at work; 0: none is */
    time_t since;
    time_t succeeded; /* when the last run ended that went well; 0: none has */
    time_t read_all;  /* when everybody was read last; 0: each run does that, or none has yet */
    uint64_t people, expired, absent;
    unsigned grace; /* complete runs before a last record is sent; 0: none is ever sent */
    struct status_leavers *leavers;
    size_t leaver_count;
    bool pushed;            /* people are pushed … */
    uint64_t kept, waiting; /* … and so many kept; so many changes since the last delivery */
    uint64_t refused;       /* since the last delivery; `refused_ever` since the first put */
    uint64_t refused_ever;
    time_t refused_last;     /* 0: never */
    struct status_run *runs; /* newest first */
    size_t run_count;
    struct status_package *outbox; /* not delivered */
    size_t outbox_count;
    struct status_package *packages; /* delivered, newest first */
    size_t package_count;
    struct status_photos photos;
    bool asked;              /* a target was */
    const char *unreachable; /* why it could not be asked; NULL: it could */
};

/* Appends the status; false when there is no such format. `width` 0: lines are never broken. */
bool status_write(const struct status *status, const char *format, unsigned width,
                  struct buffer *out);

/* "unknown", "gone", "waiting", "taken", "foreign". */
const char *status_place_name(enum status_place place);

/* The formats, for the table. */
void status_write_text(const struct status *status, unsigned width, struct buffer *out);
void status_write_color(const struct status *status, unsigned width, struct buffer *out);
void status_write_json(const struct status *status, unsigned width, struct buffer *out);
void status_write_line(const struct status *status, unsigned width, struct buffer *out);

#endif
