/* leavers: people whom state knows and the directory no longer has, and their last records.
 *
 * Alma has no way to delete a user by a load. Where `leavers.policy` is expire, somebody who was
 * missing from enough complete reads gets one last record: the last one that was delivered, whole,
 * with today as its expiry_date, status INACTIVE and, if set, a purge_date. An import sends none:
 * Alma takes no record of a user whom it knows already then.
 */
#ifndef RUN_LEAVERS_H
#define RUN_LEAVERS_H

#include "base/error.h"
#include "state/state.h"

#include <stdbool.h>
#include <stdint.h>

struct compare;
struct comparison;
struct leavers;

struct leavers *leavers_new(const struct compare *compare);
void leavers_free(struct leavers *leavers);

/* Notes somebody who is missing once more, with people_identity(). `replaced`: somebody else has
 * the match identifier now, whom a last record would end in Alma. */
void leavers_add(struct leavers *leavers, const struct state_person *known, uint64_t identity,
                 bool replaced);

/* Puts the last records that are due into the spool and their people into the index. */
bool leavers_write(struct leavers *leavers, struct comparison *comparison, struct error *err);

#endif
