/* people: the small index of everybody who was rendered, for verdicts about the whole set.
 *
 * A record waits in the spool; here is where, and a hash of its folded match identifier: 24 bytes
 * a person. In the spool a label stands before each record, with what the verdicts have to tell:
 * the DN and the match identifier.
 */
#ifndef RUN_PEOPLE_H
#define RUN_PEOPLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "model/finding.h"
#include "package/package.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct people;

struct people *people_new(void);
void people_free(struct people *people);

/* Forgets everybody: the read began anew. */
void people_restart(struct people *people);

/* Writes the label of a record into an empty buffer; the record itself is appended to it. */
void people_write_label(struct buffer *record, struct slice dn, struct slice match_id);

/* Puts label and record into the spool and the person into the index. */
bool people_add(struct people *people, struct spool *spool, const struct buffer *record,
                struct error *err);

size_t people_count(const struct people *people);

struct people_verdict {
    uint64_t held;  /* people of whom several have the same match identifier */
    uint64_t twice; /* entries that several searches found: kept once */
};

/* Finds people with the same match identifier (compared without case, as Alma does): all of them
 * are held, each with a finding that names the other. Those who go out remain, in the order they
 * were added. */
bool people_judge(struct people *people, struct spool *spool, const struct finding_sink *findings,
                  struct people_verdict *ret_verdict, struct error *err);

/* The records that go out, in order; valid until the next call with `people`. */
const struct spool_record *people_records(struct people *people);

#endif
