/* mapper: the feed's mapping for people who come one at a time, by l2a_map() and l2a_put().
 *
 * Order of use: mapper_of() when a call begins; mapper_map() for each person; then ask for what
 * came of it, which lives until the next one. The mapping is loaded once, and again when its files
 * have changed, and on another day, as it may look at the date.
 *
 * Not here: whether identifiers are another person's (run/collisions.h, state/pushed.h), and what a
 * run makes of everybody.
 */
#ifndef RUN_MAPPER_H
#define RUN_MAPPER_H

#include "base/buffer.h"
#include "mapping/mapping.h"
#include "model/whole_entry.h"
#include "run/identifiers.h"

struct l2a;
struct mapper;

/* NULL with feed->err, after a message for each fault of the mapping. The settings are loaded. */
struct mapper *mapper_of(struct l2a *feed);

/* NULL is allowed. */
void mapper_free(struct mapper *mapper);

/* Maps and checks the person as a run does who reads LDIF: of groups the entry tells itself. What
 * it finds goes to feed->found; what is asked below borrows from the entry, too. */
enum mapping_verdict mapper_map(struct mapper *mapper, const struct whole_entry *entry);

/* Of a person who is MAPPING_MAPPED. */
const struct user *mapper_user(const struct mapper *mapper);
const struct identifiers *mapper_identifiers(const struct mapper *mapper);

const struct mapping *mapper_mapping(const struct mapper *mapper);

/* Appends the record. */
void mapper_write_record(const struct mapper *mapper, struct buffer *out);

#endif
