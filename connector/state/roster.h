/* roster: what the last read knew of everybody in the directory; a part of state.
 *
 * State keeps its parts as bytes by number and knows nothing of what they say (run/roster.h). They
 * are written together, in one transaction, or not at all; who forgets or relinks people drops
 * them.
 *
 * Beside it here: the few questions of state that a run asks which has not read everybody, and
 * that cost nothing per person.
 */
#ifndef STATE_ROSTER_H
#define STATE_ROSTER_H

#include "state/state.h"

/* The bytes of a part, to be freed; NULL where there is none. */
bool state_roster_part(struct state *state, int part, void **ret_bytes, size_t *ret_length,
                       struct error *err);

bool state_roster_begin(struct state *state, struct error *err);
/* In place of what the part was before. */
bool state_roster_put(struct state *state, int part, struct slice bytes, struct error *err);
/* How many people there are, so that the next run need not count them. The first change of who
 * there are takes it away. */
bool state_roster_put_count(struct state *state, struct error *err);
bool state_roster_drop(struct state *state, struct error *err); /* all parts */
bool state_roster_end(struct state *state, bool keep, struct error *err);

/* state_count_people(), as long as nothing is on its way. */
bool state_count_settled(struct state *state, struct state_census *ret_census, struct error *err);

/* The keys of those who are absent and have not expired, ascending, in the arena. */
bool state_list_absent(struct state *state, struct arena *arena, struct slice **ret_keys,
                       size_t *ret_count, struct error *err);

/* state_each_person() for those of the keys whom state knows. */
bool state_each_of(struct state *state, const struct slice *keys, size_t count,
                   bool (*person)(void *context, const struct state_person *person,
                                  struct error *err),
                   void *context, struct error *err);

#endif
