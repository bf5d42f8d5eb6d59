#include "directory/ldap_way.h"

#include "directory/ldap_group_bases.h"
#include "directory/ldap_search.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
ldap_way_watch(struct ldap_asking *asking, const struct ldap_watch *watch)
{
    for (size_t i = 0; i < asking->watch_count; i++) {
        const struct ldap_watch *other = &asking->watches[i];

        if (other->what == watch->what && other->scope == watch->scope &&
            strcmp(other->base, watch->base) == 0 && strcmp(other->filter, watch->filter) == 0)
            return;
    }
    if (asking->watch_count < CHANGES_COOKIES_MOST)
        asking->watches[asking->watch_count++] = *watch;
    else
        ldap_way_read_all(asking, "there are too many searches to ask for their changes");
}

enum directory_id_kind
ldap_way_id_kind(const struct ldap_root *root)
{
    static const enum directory_id_kind kinds[] = {
        [LDAP_FAMILY_OTHER] = DIRECTORY_ENTRY_UUID,
        [LDAP_FAMILY_ACTIVE_DIRECTORY] = DIRECTORY_OBJECT_GUID,
        [LDAP_FAMILY_OPENLDAP] = DIRECTORY_ENTRY_UUID,
        [LDAP_FAMILY_389] = DIRECTORY_NS_UNIQUE_ID,
    };

    return kinds[root->family];
}

/* Where they are read; Active Directory tells of changes by naming context alone. */
void
ldap_way_watch_groups(struct ldap_asking *asking)
{
    const struct ldap_options *options = asking->options;
    bool is_ad = asking->root->family == LDAP_FAMILY_ACTIVE_DIRECTORY;
    struct ldap_group_bases bases;

    if (!asking->watches_groups)
        return;
    bases = ldap_group_bases_find(options, asking->root, asking->arena);
    for (size_t i = 0; i < bases.count; i++) {
        const char *context = is_ad ? ldap_root_context(asking->root, bases.items[i]) : NULL;

        ldap_way_watch(asking,
                       &(struct ldap_watch){WATCH_GROUPS, context ? context : bases.items[i],
                                            ldap_groups_filter(options), LDAP_SEARCH_SUBTREE});
    }
}

void
ldap_way_watch_contexts(struct ldap_asking *asking, const char *filter)
{
    const struct ldap_options *options = asking->options;

    for (size_t i = 0; i < options->search_count; i++) {
        const char *context = ldap_root_context(asking->root, options->searches[i].base);

        if (context)
            ldap_way_watch(
                asking, &(struct ldap_watch){WATCH_PEOPLE, context, filter, LDAP_SEARCH_SUBTREE});
        else
            ldap_way_read_all(asking, "'%s' is not below a naming context of '%s'",
                              options->searches[i].base, asking->session->uri);
    }
}

void
ldap_way_read_all(struct ldap_asking *asking, const char *format, ...)
{
    struct changes *changes = asking->changes;
    va_list arguments;

    if (changes->reason[0])
        return;
    va_start(arguments, format);
    vsnprintf(changes->reason, sizeof changes->reason, format, arguments);
    va_end(arguments);
}

void
ldap_way_tell_groups(struct ldap_asking *asking)
{
    asking->changes->memberships = true;
    if (asking->tracked->groups)
        ldap_way_read_all(asking, "groups have changed, and the filter of a search names '%s'",
                          asking->tracked->groups);
}

void
ldap_way_tell(struct ldap_asking *asking, const struct ldap_watch *watch,
              const struct directory_id *id)
{
    if (watch->what == WATCH_GROUPS)
        ldap_way_tell_groups(asking);
    else
        asking->sink->named(asking->sink->context, id);
}

enum ldap_attempt
ldap_way_list(struct ldap_asking *asking, const struct ldap_listing *listing, struct error *err)
{
    const struct ldap_search search = {.base = listing->watch->base,
                                       .filter = listing->filter,
                                       .scope = listing->watch->scope,
                                       .may_be_missing = listing->may_be_missing};
    const struct source_reader reader = {.entry = listing->entry, .context = listing->context};
    struct attributes *attributes = attributes_new();
    struct source_result result = {0};
    struct ldap_reading reading = {.reader = &reader,
                                   .result = &result,
                                   .page_size = asking->options->page_size,
                                   .control = listing->control};
    enum ldap_attempt attempt;

    for (const char *const *name = listing->attributes; *name; name++)
        attributes_add(attributes, slice_of(*name));
    reading.names = names_new(attributes);
    names_seal(reading.names);
    reading.decoder = ldap_decoder_new(reading.names);
    attempt = ldap_search_run(asking->session, &search, &reading, err);
    ldap_decoder_free(reading.decoder);
    names_free(reading.names);
    attributes_free(attributes);
    return attempt;
}

/* Of one entry, and of a value of the attribute that was asked for. */
struct sight {
    bool entry, value;
};

static bool
take_sight(void *context, const struct entry *entry, struct error *err)
{
    struct sight *sight = context;

    (void)err;
    *sight = (struct sight){true, entry->slots[0].count > 0};
    return true;
}

static enum ldap_attempt
look_at(struct ldap_asking *asking, const char *dn, const char *attribute, LDAPControl *control,
        struct sight *ret_sight, struct error *err)
{
    const struct ldap_watch watch = {WATCH_PEOPLE, dn, NULL, LDAP_SEARCH_BASE};
    const char *const attributes[] = {attribute, NULL};
    const struct ldap_listing listing = {.watch = &watch,
                                         .filter = "(objectClass=*)",
                                         .attributes = attributes,
                                         .control = control,
                                         .may_be_missing = true,
                                         .entry = take_sight,
                                         .context = ret_sight};

    *ret_sight = (struct sight){false, false};
    return ldap_way_list(asking, &listing, err);
}

enum ldap_attempt
ldap_way_find_deleted(struct ldap_asking *asking, struct error *err)
{
    char oid[] = LDAP_CONTROL_X_SHOW_DELETED;
    LDAPControl control = {.ldctl_oid = oid, .ldctl_iscritical = 1};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        const char *dn =
            arena_format(asking->arena, "CN=Deleted Objects,%s", asking->watches[i].base);
        struct sight sight = {false, false};

        if (asking->watches[i].what != WATCH_PEOPLE)
            continue;
        if (asking->root->has_show_deleted)
            attempt = look_at(asking, dn, "name", &control, &sight, err);
        asking->changes->deletions &= sight.value;
    }
    return attempt;
}

/* A membership with a time to live ends without a change of anything. There are such ones where
 * the forest has the optional feature of MS-ADTS section 3.1.1.9.2; whoever is not shown the
 * feature cannot tell. */
enum ldap_attempt
ldap_way_allow_for_ending_memberships(struct ldap_asking *asking, struct error *err)
{
    const struct ldap_root *root = asking->root;
    const char *dn = arena_format(asking->arena,
                                  "CN=Privileged Access Management Feature,CN=Optional Features,"
                                  "CN=Directory Service,CN=Windows NT,CN=Services,%s",
                                  root->configuration);
    enum ldap_attempt attempt;
    struct sight sight;

    if (root->family != LDAP_FAMILY_ACTIVE_DIRECTORY || !root->has_link_ttl ||
        !asking->watches_groups)
        return LDAP_ATTEMPT_DONE;
    attempt = look_at(asking, dn, "msDS-EnabledFeatureBL", NULL, &sight, err);
    if (attempt == LDAP_ATTEMPT_DONE && (!sight.entry || sight.value))
        ldap_way_tell_groups(asking);
    return attempt;
}
