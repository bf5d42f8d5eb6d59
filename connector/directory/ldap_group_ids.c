#include "directory/ldap_group_ids.h"

#include "base/buffer.h"
#include "directory/entry_id.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct listing {
    enum directory_id_kind kind;
    struct buffer hashes;
    bool complete;
};

static uint64_t
hash_of(const struct directory_id *id)
{
    return XXH3_64bits(id->bytes, sizeof id->bytes);
}

static int
compare_hashes(const void *a, const void *b)
{
    uint64_t first, second;

    memcpy(&first, a, sizeof first);
    memcpy(&second, b, sizeof second);
    return first < second ? -1 : first > second;
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct listing *listing = context;
    struct directory_id id;
    uint64_t hash;

    (void)err;
    if (entry->slots[0].count != 1 ||
        !entry_id_parse(listing->kind, entry->slots[0].values[0], &id)) {
        listing->complete = false;
        return true;
    }
    hash = hash_of(&id);
    buffer_add(&listing->hashes, (const char *)&hash, sizeof hash);
    return true;
}

enum ldap_attempt
ldap_group_ids_list(struct ldap_asking *asking, struct slice *ret_ids, struct error *err)
{
    struct listing listing = {.kind = ldap_way_id_kind(asking->root), .complete = true};
    const char *const attributes[] = {entry_id_attribute(listing.kind), NULL};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        const struct ldap_watch *watch = &asking->watches[i];
        const struct ldap_listing groups = {.watch = watch,
                                            .filter = watch->filter,
                                            .attributes = attributes,
                                            .may_be_missing = true,
                                            .entry = take_entry,
                                            .context = &listing};

        if (watch->what == WATCH_GROUPS)
            attempt = ldap_way_list(asking, &groups, err);
    }
    if (listing.hashes.length > 0)
        qsort(listing.hashes.data, listing.hashes.length / sizeof(uint64_t), sizeof(uint64_t),
              compare_hashes);
    /* Of a set that is not whole nobody can say what has gone: there is none. */
    *ret_ids = SLICE_NONE;
    if (listing.complete && listing.hashes.length > 0)
        *ret_ids =
            arena_slice(asking->arena, (struct slice){listing.hashes.data, listing.hashes.length});
    buffer_free(&listing.hashes);
    return attempt;
}

bool
ldap_group_ids_have(struct slice ids, const struct directory_id *id)
{
    uint64_t hash = hash_of(id);

    return ids.length < sizeof hash ||
           bsearch(&hash, ids.data, ids.length / sizeof hash, sizeof hash, compare_hashes) != NULL;
}
