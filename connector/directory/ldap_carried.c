#include "directory/ldap_carried.h"

#include "base/arena.h"
#include "directory/entry_id.h"
#include "directory/ldap_message.h"

#include <stdbool.h>
#include <stdlib.h>

enum { BYTES_MOST = 16 * 1024 * 1024, MESSAGE_OVERHEAD_BYTES = 256 };

/* The id first: entry_id_compare() compares those. */
struct item {
    struct directory_id id;
    LDAPMessage *message;
};

struct ldap_carried {
    const struct attributes *attributes;
    struct item *items;
    size_t count, capacity, bytes;
    bool sorted;
};

struct ldap_carried *
ldap_carried_new(const struct attributes *attributes)
{
    struct ldap_carried *carried = memory_zero(1, sizeof *carried);

    carried->attributes = attributes;
    return carried;
}

static void
drop_messages(struct ldap_carried *carried)
{
    for (size_t i = 0; i < carried->count; i++) {
        if (carried->items[i].message)
            ldap_msgfree(carried->items[i].message);
        carried->items[i].message = NULL;
    }
}

void
ldap_carried_free(struct ldap_carried *carried)
{
    if (!carried)
        return;
    drop_messages(carried);
    free(carried->items);
    free(carried);
}

const struct attributes *
ldap_carried_attributes(const struct ldap_carried *carried)
{
    return carried->attributes;
}

static void
add(struct ldap_carried *carried, const struct directory_id *id, LDAPMessage *message)
{
    memory_grow(&carried->items, &carried->capacity, carried->count + 1, sizeof *carried->items);
    carried->items[carried->count++] = (struct item){*id, message};
    carried->sorted = false;
}

void
ldap_carried_name(struct ldap_carried *carried, const struct directory_id *id)
{
    add(carried, id, NULL);
}

void
ldap_carried_keep(struct ldap_carried *carried, const struct directory_id *id, LDAP *ld,
                  LDAPMessage *message)
{
    struct ldap_message_entry entry;

    add(carried, id, message);
    carried->bytes += MESSAGE_OVERHEAD_BYTES;
    if (ldap_message_find(ld, message, &entry))
        carried->bytes += entry.list.length;
    if (carried->bytes > BYTES_MOST)
        drop_messages(carried);
}

LDAPMessage *
ldap_carried_find(struct ldap_carried *carried, const struct directory_id *id)
{
    const struct item *found;
    struct item *items = carried->items;
    size_t at;

    if (carried->count == 0)
        return NULL;
    if (!carried->sorted)
        qsort(items, carried->count, sizeof *items, entry_id_compare);
    carried->sorted = true;
    found = bsearch(id, items, carried->count, sizeof *items, entry_id_compare);
    at = found ? (size_t)(found - items) : 0;
    if (!found || (at > 0 && entry_id_compare(found - 1, found) == 0) ||
        (at + 1 < carried->count && entry_id_compare(found, found + 1) == 0))
        return NULL;
    return found->message;
}
