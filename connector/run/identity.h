/* identity: who an entry is, whatever it is called today.
 *
 * A directory gives each entry an id that never changes and is never given again: entryUUID (RFC
 * 4530), objectGUID (Active Directory), nsUniqueId (389 Directory Server). State knows people by
 * it, so that neither a new name nor a new DN makes another person. LDIF without any of them falls
 * back on the DN.
 */
#ifndef RUN_IDENTITY_H
#define RUN_IDENTITY_H

#include "base/arena.h"
#include "base/slice.h"
#include "directory/changes.h"
#include "model/attributes.h"
#include "model/entry.h"

#include <stdbool.h>

/* The slots of the attributes above. */
struct identity_slots {
    int entry_uuid, object_guid, ns_unique_id;
};

/* Adds the attributes to what is asked of the directory. */
struct identity_slots identity_add_attributes(struct attributes *attributes);

/* The key: a letter for its kind and the id's bytes; of the DN its folded text. In the arena. */
struct slice identity_key(const struct identity_slots *slots, const struct entry *entry,
                          struct arena *arena);

/* The id that a directory tells changes by (directory/changes.h), and back. False where the key is
 * none, but a DN or a text. */
bool identity_id(struct slice key, struct directory_id *ret_id);
struct slice identity_key_of_id(const struct directory_id *id, struct arena *arena);

/* The key of an entry of which nothing but the DN is known. */
struct slice identity_key_of_dn(struct slice dn, struct arena *arena);

/* Whether somebody who writes `folded` (text_fold()) means this key: its text, or that without the
 * name of the attribute. */
bool identity_is_named(struct slice key, struct slice folded, struct arena *arena);

/* Whether the key is nothing but a DN, which may change and be given again. */
bool identity_is_dn(struct slice key);

/* For people: "entryUUID 3f2504e0-4f89-41d3-9a0c-0305e82c3301". */
const char *identity_text(struct slice key, struct arena *arena);

#endif
