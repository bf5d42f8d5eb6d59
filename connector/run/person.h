/* person: the way of one entry to a user who is fit for Alma.
 *
 * A run, a preview, the check of a mapping and a mapping's tests all go it by this function, so
 * that what one of them shows is what another one sends. The record itself is then written by
 * alma_write_user().
 */
#ifndef RUN_PERSON_H
#define RUN_PERSON_H

#include "base/arena.h"
#include "mapping/mapping.h"
#include "model/entry.h"
#include "model/finding.h"
#include "model/user.h"
#include "run/identifiers.h"

/* What the work on each person needs; all borrowed. */
struct person_work {
    const struct mapping *mapping;
    const char *record_type;           /* where the mapping gives none; NULL: none */
    const struct mapping_watch *watch; /* NULL: nobody looks on */
    struct finding_sink findings;
    struct identifiers *identifiers; /* are filled in of a user who is fit; NULL: nobody asks */
};

/* Maps the entry, fills in the record type and checks the user, who lives in the arena, the entry
 * and the mapping. MAPPING_MAPPED: the record may be written; else findings say why not, or
 * `select` did not match. */
enum mapping_verdict person_make(const struct person_work *work, const struct entry *entry,
                                 struct arena *arena, struct user *user);

#endif
