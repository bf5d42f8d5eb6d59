#include "directory/ldap_groups.h"

#include "base/arena.h"
#include "directory/group_names.h"
#include "directory/group_slots.h"

#include <inttypes.h>
#include <stdlib.h>

/* One read of all groups. */
struct loading {
    struct ldap_groups *groups;
    struct arena *arena;
    size_t member_count; /* of the first slots */
    int sid, gid;
};

bool
groups_matter(const struct attributes *attributes)
{
    return group_slots_are_wanted(attributes) ||
           attributes_find(attributes, slice_of("memberOf")) != ATTRIBUTE_NONE ||
           attributes_find(attributes, slice_of("isMemberOf")) != ATTRIBUTE_NONE;
}

void
ldap_groups_free(struct ldap_groups *groups)
{
    if (!groups)
        return;
    groups_free(groups->graph);
    arena_free(groups->arena);
    free(groups);
}

bool
ldap_groups_check(const struct ldap_groups *groups, const char *uri, struct error *err)
{
    if (groups_count(groups->graph) == 0) {
        error_set(err, ERROR_CONFIG, "no group is found on '%s' %s", uri, groups->searched);
        return error_hint(err, "The mapping needs groups: look at directory.groups, and at what "
                               "the account may read; many directories hide entries rather than "
                               "refuse.");
    }
    /* Of a primary group the member's entry tells. */
    if (groups->listed > 0 || groups->by_gid)
        return true;
    error_set(err, ERROR_PERMISSION, "none of the %zu groups on '%s' %s lists a member",
              groups_count(groups->graph), uri, groups->searched);
    return error_hint(err,
                      "Give the account the right to read the members of groups, or name their "
                      "attribute in directory.groups.member.");
}

static void
add_members(struct loading *loading, uint32_t group, struct entry_values values)
{
    struct ldap_groups *groups = loading->groups;

    for (size_t i = 0; i < values.count; i++) {
        bool is_login;

        groups_add_member(
            groups->graph, group,
            group_name_member(groups->seed, loading->arena, values.values[i], &is_login));
        groups->by_login |= is_login;
        arena_reset(loading->arena);
    }
    groups->listed += values.count;
}

static bool
take_group(void *context, const struct entry *entry, struct error *err)
{
    struct loading *loading = context;
    struct ldap_groups *groups = loading->groups;
    const struct entry_values sid = entry->slots[loading->sid], gid = entry->slots[loading->gid];
    uint32_t group = groups_add(groups->graph, entry->dn,
                                group_name_dn(groups->seed, loading->arena, entry->dn));

    (void)err;
    arena_reset(loading->arena);
    for (size_t i = 0; i < loading->member_count; i++)
        add_members(loading, group, entry->slots[i]);
    if (sid.count > 0)
        groups_add_member(groups->graph, group, group_name_sid(groups->seed, sid.values[0]));
    else if (gid.count > 0)
        groups_add_member(groups->graph, group, group_name_gid(groups->seed, gid.values[0]));
    groups->by_sid |= sid.count > 0;
    groups->by_gid |= sid.count == 0 && gid.count > 0;
    return true;
}

static struct attributes *
choose_attributes(struct loading *loading, const struct ldap_options *options)
{
    struct attributes *attributes = attributes_new();

    loading->member_count = ldap_groups_add_members(options, attributes);
    loading->sid = attributes_add(attributes, slice_of("objectSid"));
    loading->gid = attributes_add(attributes, slice_of("gidNumber"));
    return attributes;
}

static const char *
name_bases(struct arena *arena, const struct ldap_group_bases *bases)
{
    const char *text = "";

    for (size_t i = 0; i < bases->count; i++)
        text = arena_format(arena, "%s%s'%s'", text, i ? ", " : "below ", bases->items[i]);
    return text;
}

static enum ldap_attempt
run_searches(struct ldap_session *session, struct ldap_groups *groups, struct ldap_reading *reading,
             struct error *err)
{
    struct ldap_root root;
    struct ldap_group_bases bases;
    enum ldap_attempt attempt = ldap_root_read(session, &root, err);

    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    bases = ldap_group_bases_find(session->options, &root, groups->arena);
    groups->searched = name_bases(groups->arena, &bases);
    for (size_t i = 0; i < bases.count && attempt == LDAP_ATTEMPT_DONE; i++) {
        const struct ldap_search search = {.base = bases.items[i],
                                           .filter = ldap_groups_filter(session->options)};

        message_say(session->messenger, MESSAGE_DEBUG, "searching for groups below '%s' for %s",
                    search.base, search.filter);
        attempt = ldap_search_run(session, &search, reading, err);
    }
    if (attempt != LDAP_ATTEMPT_DONE)
        error_prefix(err, "the groups cannot be read");
    return attempt;
}

static enum ldap_attempt
read_groups(struct ldap_session *session, struct loading *loading, unsigned page_size,
            struct error *err)
{
    const struct source_reader reader = {.entry = take_group, .context = loading};
    struct attributes *attributes = choose_attributes(loading, session->options);
    struct source_result result = {0};
    struct ldap_reading reading = {.reader = &reader, .result = &result, .page_size = page_size};
    enum ldap_attempt attempt;

    reading.names = names_new(attributes);
    reading.decoder = ldap_decoder_new(reading.names);
    reading.seen = dn_set_new();
    attempt = run_searches(session, loading->groups, &reading, err);
    dn_set_free(reading.seen);
    ldap_decoder_free(reading.decoder);
    names_free(reading.names);
    attributes_free(attributes);
    return attempt;
}

enum ldap_attempt
ldap_groups_read(struct ldap_session *session, unsigned page_size, uint64_t seed,
                 struct ldap_groups **ret_groups, struct error *err)
{
    struct loading loading = {.arena = arena_new()};
    enum ldap_attempt attempt;

    loading.groups = memory_zero(1, sizeof *loading.groups);
    loading.groups->graph = groups_new();
    loading.groups->seed = seed;
    loading.groups->arena = arena_new();
    attempt = read_groups(session, &loading, page_size, err);
    arena_free(loading.arena);
    if (attempt == LDAP_ATTEMPT_DONE) {
        *ret_groups = loading.groups;
        return attempt;
    }
    ldap_groups_free(loading.groups);
    return attempt;
}

/* Groups that all are empty are as likely hidden: whoever is in one is then taken out of it. */
static void
say_what_was_read(const struct ldap_groups *groups, const struct messenger *messenger)
{
    size_t count = groups_count(groups->graph);

    if (groups->listed == 0 && groups->by_gid)
        message_say(messenger, MESSAGE_WARNING,
                    "none of the %zu groups %s lists a member, so that primary groups alone are "
                    "known: the account may not see the others",
                    count, groups->searched);
    else
        message_say(messenger, MESSAGE_INFO, "%zu groups %s list %" PRIu64 " members", count,
                    groups->searched, groups->listed);
}

enum ldap_attempt
ldap_groups_load(struct ldap_source *self, bool again, struct error *err)
{
    enum ldap_attempt attempt;

    if (self->groups && !again)
        return LDAP_ATTEMPT_DONE;
    ldap_groups_free(self->groups);
    self->groups = NULL;
    self->needs_groups = true;
    attempt = ldap_groups_read(&self->session, self->options.page_size, self->source.seed,
                               &self->groups, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        say_what_was_read(self->groups, self->source.messenger);
    return attempt;
}
