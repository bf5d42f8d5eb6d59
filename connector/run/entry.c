#include "run/entry.h"

#include "ldap2alma.h"

#include <stdlib.h>

struct l2a_entry *
l2a_entry_new(const char *dn)
{
    struct l2a_entry *entry = memory_zero(1, sizeof *entry);

    entry->whole = whole_entry_new(slice_of(dn));
    return entry;
}

void
l2a_entry_free(struct l2a_entry *entry)
{
    if (!entry)
        return;
    whole_entry_free(entry->whole);
    free(entry);
}

/* Words of LDIF, by which people are kept and handed over: behind the DN they would make an order
 * of the person, such as to delete it. */
static bool
is_reserved(struct slice name)
{
    return slice_equal_nocase(name, slice_of("dn")) ||
           slice_equal_nocase(name, slice_of("changetype")) ||
           slice_equal_nocase(name, slice_of("control"));
}

int
l2a_entry_add(struct l2a_entry *entry, const char *attribute, const void *value, size_t length)
{
    struct slice name = slice_of(attribute);

    if (is_reserved(name) || (!attributes_is_description(name) && !attributes_is_groups(name)))
        return L2A_USAGE;
    /* Of an empty value nobody need have an address. */
    (void)whole_entry_add(entry->whole, name,
                          (struct slice){length > 0 ? (const char *)value : "", length});
    return L2A_DONE;
}
