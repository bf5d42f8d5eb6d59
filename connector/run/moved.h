/* moved: people whose match identifier is not the one that state knows them by, and people who have
 * one that state knows somebody else by.
 *
 * To Alma the match identifier is the person. Who comes with another one would be there twice;
 * who comes with somebody else's would get that person's loans and fines. Both are held until
 * somebody accepts their claim (`identity accept`). The first also go out where `identity.moved` is
 * send, or the mapping still gives the old value as another identifier: then Alma knows them by
 * that one until somebody corrects it there, and so does state.
 *
 * Where most people come with a new immutable id and the match identifier that they always had, the
 * directory was rebuilt: then nobody claims anything, and the run stops (`identity relink`).
 *
 * Order of use, within compare.h: moved_new(); moved_begin(); moved_take() and moved_add_owner()
 * while the people whom state knows go by; moved_end(); moved_free().
 */
#ifndef RUN_MOVED_H
#define RUN_MOVED_H

#include "base/error.h"
#include "run/compare.h"
#include "run/people.h"
#include "state/state.h"

#include <stdbool.h>

struct moved;

struct moved *moved_new(const struct compare *compare);
void moved_free(struct moved *moved);

/* Why somebody with that claim is held: "was delivered as 'a' before: …". In the arena. */
const char *moved_word(const struct state_claim *claim, struct arena *arena);

/* Reads what people have decided so far. */
bool moved_begin(struct moved *moved, struct error *err);

/* Whether Alma would take two match identifiers for two people's. Letters' case is no matter to it;
 * every other difference may be. */
bool moved_is_other(struct slice match_id, struct slice known, struct arena *arena);

/* Looks at somebody whom state knows and whose record differs; the facts are the label's. Who has
 * another match identifier is held, unless something releases them: true after a finding. */
bool moved_take(struct moved *moved, const struct state_person *known, struct person *person,
                const struct person_facts *facts, struct comparison *comparison);

/* Notes that `person` has the match identifier (by its hash) by which state knows somebody else,
 * or one of that one's aliases, which stands in `known` then.
 * `gone`: that one was current, and the directory has nobody with that immutable id. */
void moved_add_owner(struct moved *moved, const struct state_person *known, struct person *person,
                     bool gone);

/* The next of the match identifiers by which Alma may have that person beside the one that state
 * knows; false when there are no more. Keys come in ascending order. */
bool moved_next_alias(struct moved *moved, struct slice key, struct slice *ret_match_id);

/* Holds those who were noted or have moved, unless somebody accepted them, and takes them out of
 * the comparison's numbers; fills in its claims, or `rebuilt`. */
bool moved_end(struct moved *moved, struct comparison *comparison, struct error *err);

#endif
