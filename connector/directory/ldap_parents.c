#include "directory/ldap_parents.h"

#include "directory/entry_id.h"
#include "directory/ldap_group_bases.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

static const char parents[] =
    "(|(objectClass=organizationalUnit)(objectClass=organization)(objectClass=domain)"
    "(objectClass=dcObject)(objectClass=locality)(objectClass=country)(objectClass=container)"
    "(objectClass=nsContainer)(objectClass=organizationalRole))";

struct count {
    uint64_t sum;
    uint64_t entries;
};

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct count *count = context;
    struct entry_values ids = entry->slots[0];
    /* Two that swap their names leave the same names behind. */
    uint64_t id = ids.count > 0 ? XXH3_64bits(ids.values[0].data, ids.values[0].length) : 0;

    (void)err;
    count->sum += XXH3_64bits_withSeed(entry->dn.data, entry->dn.length, (XXH64_hash_t)id);
    count->entries++;
    return true;
}

static enum ldap_attempt
count_below(struct ldap_asking *asking, const char *base, struct count *count, struct error *err)
{
    const char *const attributes[] = {entry_id_attribute(ldap_way_id_kind(asking->root)), NULL};
    const struct ldap_watch watch = {.base = base, .filter = parents};
    const struct ldap_listing listing = {.watch = &watch,
                                         .filter = parents,
                                         .attributes = attributes,
                                         .may_be_missing = true,
                                         .entry = take_entry,
                                         .context = count};

    return ldap_way_list(asking, &listing, err);
}

/* The whole naming context, so that what comes from elsewhere is seen as well. */
static void
add_base(const struct ldap_asking *asking, const char *base, struct ldap_group_bases *bases)
{
    const char *context = ldap_root_context(asking->root, base);

    if (context)
        base = context;
    for (size_t i = 0; i < bases->count; i++)
        if (strcmp(bases->items[i], base) == 0)
            return;
    bases->items[bases->count++] = base;
}

enum ldap_attempt
ldap_parents_read(struct ldap_asking *asking, struct slice *ret_state, struct error *err)
{
    const struct ldap_options *options = asking->options;
    const char *group_base = asking->watches_groups ? options->groups.base : NULL;
    struct ldap_group_bases bases = {
        .items = arena_alloc(asking->arena, (options->search_count + 1) * sizeof *bases.items)};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    struct count count = {0};

    for (size_t i = 0; i < options->search_count; i++)
        add_base(asking, options->searches[i].base, &bases);
    if (group_base)
        add_base(asking, group_base, &bases);
    for (size_t i = 0; i < bases.count && attempt == LDAP_ATTEMPT_DONE; i++)
        attempt = count_below(asking, bases.items[i], &count, err);
    *ret_state =
        slice_of(arena_format(asking->arena, "%" PRIu64 " %016" PRIx64, count.entries, count.sum));
    return attempt;
}
