#include "directory/ldap_members.h"

#include "base/arena.h"
#include "directory/group_names.h"

#include <stdlib.h>

enum { NAME_DN, NAME_LOGIN, NAME_PRIMARY };

/* Of somebody of whom names do not tell all: no sum over groups is this one. */
enum { SUM_UNKNOWN = 1 };

struct ldap_members {
    struct ldap_groups *groups;
    struct group_slots slots;
    int login, gid, sid, primary; /* ATTRIBUTE_NONE: no group asks for it */
    struct arena *arena;
    struct slice *values;
    size_t capacity;
};

static int
hide_if(struct ldap_members *members, bool needed, const char *name)
{
    return needed ? group_slots_hide(&members->slots, name) : ATTRIBUTE_NONE;
}

struct ldap_members *
ldap_members_open(struct ldap_groups *groups, const struct attributes *wanted)
{
    struct ldap_members *members;

    if (!groups || !groups_matter(wanted))
        return NULL;
    members = memory_zero(1, sizeof *members);
    members->groups = groups;
    members->arena = arena_new();
    group_slots_open(&members->slots, wanted);
    members->login = hide_if(members, groups->by_login, "uid");
    members->gid = hide_if(members, groups->by_gid, "gidNumber");
    members->sid = hide_if(members, groups->by_sid, "objectSid");
    members->primary = hide_if(members, groups->by_sid, "primaryGroupID");
    return members;
}

void
ldap_members_close(struct ldap_members *members)
{
    if (!members)
        return;
    group_slots_close(&members->slots);
    arena_free(members->arena);
    free(members->values);
    free(members);
}

const struct attributes *
ldap_members_asked(const struct ldap_members *members)
{
    return members->slots.asked;
}

static struct entry_values
values_of(const struct entry *entry, int slot)
{
    return slot == ATTRIBUTE_NONE ? (struct entry_values){NULL, 0} : entry->slots[slot];
}

static uint64_t
primary_name(const struct ldap_members *members, const struct entry *entry)
{
    struct entry_values sid = values_of(entry, members->sid);
    struct entry_values primary = values_of(entry, members->primary);
    struct entry_values gid = values_of(entry, members->gid);

    if (sid.count > 0 && primary.count > 0)
        return group_name_primary(members->groups->seed, sid.values[0], primary.values[0]);
    return gid.count > 0 ? group_name_gid(members->groups->seed, gid.values[0]) : GROUP_NAME_NONE;
}

/* The names of the entry, which are more than MEMBERSHIP_NAMES where it has several logins. */
static uint64_t *
make_names(struct ldap_members *members, const struct entry *entry, size_t *ret_count)
{
    struct entry_values logins = values_of(entry, members->login);
    uint64_t *names =
        arena_alloc(members->arena, (MEMBERSHIP_NAMES + logins.count) * sizeof *names);

    names[NAME_DN] = group_name_dn(members->groups->seed, members->arena, entry->dn);
    names[NAME_PRIMARY] = primary_name(members, entry);
    *ret_count = MEMBERSHIP_NAMES;
    for (size_t i = 0; i < logins.count; i++)
        names[i == 0 ? NAME_LOGIN : (*ret_count)++] =
            group_name_login(members->groups->seed, members->arena, logins.values[i]);
    return names;
}

static void
set_values(struct ldap_members *members, struct entry *entry, struct group_list list)
{
    memory_grow(&members->values, &members->capacity, list.count + 1, sizeof *members->values);
    for (size_t i = 0; i < list.count; i++)
        members->values[i] = groups_dn(members->groups->graph, list.numbers[i]);
    group_slots_fill(&members->slots, entry, (struct entry_values){members->values, list.direct},
                     (struct entry_values){members->values, list.count});
}

void
ldap_members_fill(struct ldap_members *members, struct entry *entry)
{
    struct groups *graph = members->groups->graph;
    struct group_list list;
    uint64_t *names;
    size_t count;

    arena_reset(members->arena);
    names = make_names(members, entry, &count);
    list = groups_find(graph, names, count);
    if (count > MEMBERSHIP_NAMES) {
        entry->membership = (struct membership){.sum = SUM_UNKNOWN};
    } else {
        memcpy(entry->membership.names, names, sizeof entry->membership.names);
        entry->membership.sum = groups_sum(graph, list);
    }
    set_values(members, entry, list);
}

uint64_t
ldap_membership(const struct source *source, const struct membership *membership)
{
    const struct ldap_source *self = (const struct ldap_source *)source;

    if (!self->groups)
        return 0;
    return groups_sum(self->groups->graph,
                      groups_find(self->groups->graph, membership->names, MEMBERSHIP_NAMES));
}
