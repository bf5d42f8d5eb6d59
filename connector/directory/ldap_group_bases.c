#include "directory/ldap_group_bases.h"

#include "model/dn.h"
#include "model/normal.h"

#include <string.h>

/* Groups that list their members: Active Directory; RFC 4519; RFC 2307; drafts that OpenLDAP, 389
 * and ForgeRock follow. */
static const char every_kind[] = "(|(objectClass=group)(objectClass=groupOfNames)"
                                 "(objectClass=groupOfUniqueNames)(objectClass=posixGroup)"
                                 "(objectClass=groupOfMembers)(objectClass=groupOfEntries))";

static const char *const member_attributes[] = {"member", "uniqueMember", "memberUid"};

/* FreeIPA keeps a second copy of people and groups in cn=compat. */
static const char account_tree[] = "cn=accounts";

const char *
ldap_groups_filter(const struct ldap_options *options)
{
    return options->groups.filter ? options->groups.filter : every_kind;
}

size_t
ldap_groups_add_members(const struct ldap_options *options, struct attributes *attributes)
{
    size_t count = sizeof member_attributes / sizeof member_attributes[0];

    if (options->groups.member) {
        attributes_add(attributes, slice_of(options->groups.member));
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        attributes_add(attributes, slice_of(member_attributes[i]));
    return count;
}

/* The end of a DN whose parts are all of one type: mostly "dc=example,dc=edu", or "o=Example". */
static const char *
guess_context(struct slice dn, struct arena *arena)
{
    struct dn_reader reader = {dn, 0};
    struct slice type = SLICE_NONE;
    struct dn_part part;
    size_t begin = 0, at = 0;

    while (dn_next(&reader, &part) == DN_PART) {
        if (!slice_equal(part.type, type))
            begin = at;
        type = part.type;
        at = reader.at;
    }
    return arena_copy(arena, dn.data + begin, dn.length - begin);
}

/* Both in their normal form. */
static bool
is_within(struct slice dn, struct slice base)
{
    size_t before = dn.length - base.length;

    return dn.length >= base.length && memcmp(dn.data + before, base.data, base.length) == 0 &&
           (before == 0 || dn.data[before - 1] == ',');
}

static const char *
base_for(const char *base, const struct ldap_root *root, struct arena *arena)
{
    struct slice dn = normal_dn(arena, slice_of(base));
    const char *context, *accounts;

    /* The whole forest, or a form of the server's own ("<GUID=…>"). */
    if (!dn.data)
        return base[0] && root->default_context[0] ? root->default_context : base;
    context = ldap_root_context(root, base);
    if (!context)
        context = guess_context(dn, arena);
    accounts = arena_format(arena, "%s,%s", account_tree, context);
    return is_within(dn, normal_dn(arena, slice_of(accounts))) ? accounts : context;
}

static bool
has_base(const struct ldap_group_bases *bases, const char *base, struct arena *arena)
{
    struct slice key = normal_key(arena, slice_of(base));

    for (size_t i = 0; i < bases->count; i++)
        if (slice_equal(normal_key(arena, slice_of(bases->items[i])), key))
            return true;
    return false;
}

struct ldap_group_bases
ldap_group_bases_find(const struct ldap_options *options, const struct ldap_root *root,
                      struct arena *arena)
{
    struct ldap_group_bases bases = {
        .items = arena_alloc(arena, (options->search_count + 1) * sizeof *bases.items)};

    if (options->groups.base) {
        bases.items[bases.count++] = options->groups.base;
        return bases;
    }
    for (size_t i = 0; i < options->search_count; i++) {
        const char *base = base_for(options->searches[i].base, root, arena);

        if (!has_base(&bases, base, arena))
            bases.items[bases.count++] = base;
    }
    return bases;
}
