/* state_fixture: an empty folder and the state of a feed 'staff' in it, for the tests of state/. */
#ifndef UNIT_STATE_FIXTURE_H
#define UNIT_STATE_FIXTURE_H

#include "state/state.h"

struct state_fixture {
    struct arena *arena;
    char folder[32];
    char *path; /* of the state, which is not made yet */
    struct state *state;
    int64_t run; /* the last one that was begun */
    struct error err;
};

int state_fixture_set_up(void **state);
int state_fixture_tear_down(void **state);

/* Closes the state and opens it again. */
bool state_fixture_reopen(struct state_fixture *fixture, enum state_access access);

/* Begins a full run; opens the state where it is not open. */
void state_fixture_begin_run(struct state_fixture *fixture);

/* Somebody whose digest is that byte throughout. */
struct state_person state_fixture_person(const char *key, const char *match_id, int digest);

/* Plans one package with people "key:match:digest key:match:digest …"; returns its id. */
int64_t state_fixture_plan(struct state_fixture *fixture, const char *name, const char *people,
                           enum state_sending sending);

/* Everybody whom state knows, a line each: "key:match:digest in PACKAGE absent N expired". */
void state_fixture_assert_people(struct state_fixture *fixture, const char *expected);

/* Whether these bytes stand in any file of the state. */
bool state_fixture_contains(struct state_fixture *fixture, const char *needle);

#endif
