/* matter: what is the matter with whom, since when; a part of state.
 *
 * For people who are held or rejected, one row for each person, code and field. It is what runs
 * have seen, not what Alma was given: a run writes it also when a guard stopped it.
 *
 * Order of use in a run: state_matters_begin(); state_matter_meet() for each matter that it met;
 * state_matters_solve(), where the run ended well; read; state_matters_end(). Reading goes without
 * a beginning, too.
 */
#ifndef STATE_MATTER_H
#define STATE_MATTER_H

#include "state/state.h"

/* Why a matter is over. The numbers are kept in files. */
enum state_solved {
    STATE_UNSOLVED,
    STATE_SOLVED_FIT,     /* the record may go out */
    STATE_SOLVED_SKIPPED, /* the mapping no longer selects the entry */
    STATE_SOLVED_GONE,    /* the entry is no longer found */
    STATE_SOLVED_OVER,    /* it was not met again; no more is known */
    STATE_SOLVED_COUNT
};

struct state_matter {
    struct slice key;          /* the person's, as in struct state_person */
    const char *code;          /* the finding's name */
    const char *field;         /* Alma's element; "" where none is concerned */
    struct slice dn, match_id; /* SLICE_NONE where they are not known */
    struct slice text;         /* empty where another person was forgotten whom it named */
    time_t since;              /* the beginning of the run that met it first */
    enum state_solved solved;
};

bool state_matters_begin(struct state *state, struct error *err);

/* `run` has met the matter at the time `since`; an earlier one is kept while it is unsolved. Of
 * several with one key, code and field in a run the first counts. */
bool state_matter_meet(struct state *state, int64_t run, const struct state_matter *matter,
                       struct error *err);

/* What `run` has not met: forgotten where it was solved before, or where the person has other
 * matters; else `how` says why it is over (STATE_UNSOLVED: it is not). */
bool state_matters_solve(struct state *state, int64_t run,
                         enum state_solved (*how)(void *context, const struct state_matter *matter),
                         void *context, struct error *err);

/* False where `keep` could not be done. */
bool state_matters_end(struct state *state, bool keep, struct error *err);

/* Calls `matter` for each, those since longest ago first; what it is given is valid during the
 * call. False when the callback says so (it sets err) or the file cannot be read. */
bool state_each_matter(struct state *state,
                       bool (*matter)(void *context, const struct state_matter *matter,
                                      struct error *err),
                       void *context, struct error *err);

/* Since when; 0 where there is no such matter, or it is solved. */
bool state_matter_since(struct state *state, struct slice key, const char *code, const char *field,
                        time_t *ret_since, struct error *err);

#endif
