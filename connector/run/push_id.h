/* push_id: the immutable id of somebody who is pushed, as run/identity.h has it.
 *
 * It is the entry's own where that has objectGUID, nsUniqueId or entryUUID. Else it is drawn, and
 * the run and the mapping see it as the entry's entryUUID.
 */
#ifndef RUN_PUSH_ID_H
#define RUN_PUSH_ID_H

#include "base/arena.h"
#include "base/error.h"
#include "model/whole_entry.h"

#include <stdbool.h>

/* The entry's own id, in the arena; SLICE_NONE: it has none. False with ERROR_DATA where it has
 * something in its place that is none. */
bool push_id_of(const struct whole_entry *entry, struct arena *arena, struct slice *ret_id,
                struct error *err);

/* A new one (RFC 9562 section 5.4). */
bool push_id_draw(struct arena *arena, struct slice *ret_id, struct error *err);

/* As which attribute an entry shows it, and the value. In the arena. */
struct slice push_id_attribute(struct slice id);
struct slice push_id_value(struct slice id, struct arena *arena);

/* Whose id somebody may mean by this text: "entryUUID 3f25…", with or without the name. */
enum { PUSH_ID_KINDS = 3 };
size_t push_id_parse(const char *text, struct arena *arena, struct slice ret_ids[PUSH_ID_KINDS]);

#endif
