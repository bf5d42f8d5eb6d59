/* identifiers: what one person is known by in Alma.
 *
 * To Alma all identifiers are one namespace: the primary identifier, the match identifier and every
 * value of user_identifiers, of whatever type, over all users and within one ("already taken
 * AcrossInstitution"). Which fields they are is told by the table (`identifier`).
 *
 * Order of use: identifiers_gather() of a user who was checked; identifiers_check(); what the whole
 * feed has to say of them is collisions.h.
 */
#ifndef RUN_IDENTIFIERS_H
#define RUN_IDENTIFIERS_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/slice.h"
#include "model/finding.h"
#include "model/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct identifier {
    struct slice type;  /* "BARCODE"; of a field of the user itself its name: "primary_id" */
    struct slice value; /* as it is sent */
    uint64_t hash;      /* identifier_hash() of the value */
    const struct position *where; /* the rule that made it; NULL where none did */
};

struct identifiers {
    struct identifier *items;
    size_t count;
};

/* The value as it is compared: whoever looks alike by case, by normalization (NFKC), by characters
 * that are not to be seen or by blanks collides, as nobody can tell what Alma and the people at its
 * desk take for the same. */
struct slice identifier_fold(struct arena *arena, struct slice value);

/* A hash of that; never 0, which stands for none. */
uint64_t identifier_hash(struct slice value, struct arena *arena);

/* All identifiers of the user; the list lives in the arena and borrows the user's texts. */
struct identifiers identifiers_gather(const struct user *user, struct arena *arena);

/* False after a finding where Alma would refuse the user: the match identifier is not among the
 * identifiers, or two of them are the same. */
bool identifiers_check(const struct user *user, const struct identifiers *identifiers,
                       const struct finding_sink *findings);

#endif
