/* last_record: whether a leaver's last record may still go out.
 *
 * It was made when the person left. Since then somebody else may have got one of its identifiers,
 * such as a card: Alma would refuse one of the two. And the mapping may match by another
 * identifier, which the record need not have: Alma would refuse it, or add a user.
 *
 * Order of use, behind collisions_find(): last_record_begin(); last_record_judge() for each, whose
 * facts then go to people_add(), so that the next ones are held against them as well.
 */
#ifndef RUN_LAST_RECORD_H
#define RUN_LAST_RECORD_H

#include "base/arena.h"
#include "base/error.h"
#include "package/package.h"
#include "run/people.h"

#include <stddef.h>

struct last_records {
    struct people *people;
    struct spool *spool;
    const char *match_id; /* "primary_id", or an identifier type */
    size_t judged;        /* marks of people who were read; sorted */
};

void last_record_begin(struct last_records *last);

/* Match identifier and identifiers of a record, in the arena. */
bool last_record_read(struct slice record, const char *match_id, struct arena *arena,
                      struct person_facts *ret_facts, struct error *err);

enum last_record_verdict {
    LAST_RECORD_FIT,
    LAST_RECORD_TAKEN,    /* an identifier is somebody else's now */
    LAST_RECORD_UNMATCHED /* it has no match identifier */
};

/* Fills in the facts' match identifier and identifiers, in the arena, from facts->record. False
 * where the spool cannot be read, or the record. */
bool last_record_judge(const struct last_records *last, struct person_facts *facts,
                       struct arena *arena, enum last_record_verdict *ret_verdict,
                       struct error *err);

#endif
