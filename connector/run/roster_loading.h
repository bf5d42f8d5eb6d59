/* roster_loading: a roster's rows, loaded by a thread while the directory is asked for changes.
 *
 * Between begin and end the roster and the state are the thread's alone.
 */
#ifndef RUN_ROSTER_LOADING_H
#define RUN_ROSTER_LOADING_H

#include "run/roster.h"

struct roster_loading;

/* The roster was just opened. End it in any case. */
struct roster_loading *roster_loading_begin(struct roster *roster, struct state *state);

struct roster_loaded {
    bool ok;   /* else `err` says what is wrong with the state */
    bool good; /* as roster_load() says; the sums are only there then */
    struct roster_sums sums;
    struct error err;
};

/* Waits, and frees it. */
void roster_loading_end(struct roster_loading *loading, struct roster_loaded *ret_loaded);

#endif
