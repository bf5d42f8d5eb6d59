/* feed: the handle behind the public header, and what its parts share.
 */
#ifndef RUN_FEED_H
#define RUN_FEED_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/message.h"
#include "ldap2alma.h"
#include "report/claims.h"
#include "report/report.h"
#include "run/brakes.h"
#include "run/confinement.h"
#include "run/found.h"
#include "settings/given.h"
#include "settings/settings.h"

#include <stdbool.h>

struct case_report;
struct check_run;
struct mapper;
struct preview_run;
struct run_options;
struct remembered_look;
struct sheet;
struct status_look;
struct worklist_look;

enum { FEED_PUT_COUNTS = L2A_PUT_REFUSED + 1 };

struct l2a {
    struct arena *arena; /* of the settings */
    struct settings settings;
    struct settings_given *given; /* for the next l2a_load(); NULL: nothing */
    bool loaded;
    struct messenger messenger;
    void (*say)(void *context, int level, const char *text);
    void *say_context;
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total,
                     const char *unit);
    void *progress_context;
    const char *releases[BRAKES_MOST]; /* brakes that do not stop the next run */
    size_t release_count;
    const char *keep, *diff;     /* for dry runs; NULL: not asked for */
    struct report *report;       /* of the last run */
    struct preview_run *preview; /* the last one */
    struct arena *case_arena;    /* NULL: no tests were run */
    struct case_report *cases;   /* of the last tests, in that arena */
    struct check_run *check;
    struct sheet *sheet;                /* the last one */
    struct status_look *status;         /* the last one */
    struct remembered_look *remembered; /* whom the last l2a_state_show() found */
    struct worklist_look *worklist;     /* the last one; of a run it borrows from the report */
    struct arena *claim_arena;          /* NULL: there was no l2a_identity() */
    struct claims claims;               /* what it found, in that arena */
    struct arena *init_arena;           /* NULL: there was no l2a_init() */
    const char *init_report;            /* of it, in that arena */
    struct confinement *confinement;    /* NULL: not asked for */
    struct mapper *mapper;              /* NULL: nobody was mapped since the settings were loaded */
    struct found found;                 /* about who was mapped or put last */
    struct buffer mapped;               /* the last l2a_map()'s record; empty: there is none */
    struct buffer got;                  /* whom the last l2a_get() found */
    uint64_t put_counts[FEED_PUT_COUNTS];
    struct buffer text; /* what the last call returned */
    struct error err;
};

/* A call begins: forgets the last error. False with ERROR_USAGE where it needs settings and none
 * are loaded, or `flags` has others than the known ones: a flag of a later version may mean
 * caution. */
bool feed_begin(struct l2a *feed, bool needs_settings, unsigned flags, unsigned known);

/* A run begins: forgets the last one, and what was shown of it. */
void feed_forget_run(struct l2a *feed);
/* One run: its report is the handle's. What was released was so for this one. */
bool feed_run(struct l2a *feed, struct run_options *options);

/* The status of a call that failed with feed->err. */
int feed_failed(const struct l2a *feed);

#endif
