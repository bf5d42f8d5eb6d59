#include "directory/ldap_parents.h"

#include <inttypes.h>
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

    (void)err;
    count->sum += XXH3_64bits(entry->dn.data, entry->dn.length);
    count->entries++;
    return true;
}

enum ldap_attempt
ldap_parents_read(struct ldap_asking *asking, struct slice *ret_state, struct error *err)
{
    static const char *const attributes[] = {NULL};
    const struct ldap_options *options = asking->options;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    const char *last = NULL;
    struct count count = {0};

    for (size_t i = 0; i < options->search_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        const char *context = ldap_root_context(asking->root, options->searches[i].base);
        const struct ldap_watch watch = {.base = context ? context : options->searches[i].base,
                                         .filter = parents};
        const struct ldap_listing listing = {.watch = &watch,
                                             .filter = parents,
                                             .attributes = attributes,
                                             .may_be_missing = true,
                                             .entry = take_entry,
                                             .context = &count};

        if (!last || strcmp(last, watch.base) != 0)
            attempt = ldap_way_list(asking, &listing, err);
        last = watch.base;
    }
    *ret_state =
        slice_of(arena_format(asking->arena, "%" PRIu64 " %016" PRIx64, count.entries, count.sum));
    return attempt;
}
