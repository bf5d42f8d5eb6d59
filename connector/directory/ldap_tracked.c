#include "directory/ldap_tracked.h"

#include <string.h>

enum {
    AD = 1 << LDAP_FAMILY_ACTIVE_DIRECTORY,
    OPENLDAP = 1 << LDAP_FAMILY_OPENLDAP,
    NETSCAPE = 1 << LDAP_FAMILY_389,
    ANY = 1 << LDAP_FAMILY_OTHER | AD | OPENLDAP | NETSCAPE
};

/* Worked out or linked back: MS-ADTS section 3.1.1.4.5 and MS-ADA1 to 3
 * ("FLAG_ATTR_IS_CONSTRUCTED", back links) and what is not replicated there; slapo-ppolicy(5) and
 * slapo-lastbind(5) write without a new entryCSN; 389's roles and its account policies. */
static const struct {
    const char *name;
    int families;
} untold[] = {
    {"hasSubordinates", ANY},
    {"numSubordinates", ANY},
    {"msDS-User-Account-Control-Computed", AD},
    {"msDS-UserPasswordExpiryTimeComputed", AD},
    {"msDS-ResultantPSO", AD},
    {"msDS-PSOApplied", AD},
    {"msDS-memberOfTransitive", AD},
    {"msDS-memberTransitive", AD},
    {"msDS-TokenGroupNames", AD},
    {"tokenGroups", AD},
    {"tokenGroupsGlobalAndUniversal", AD},
    {"tokenGroupsNoGCAcceptable", AD},
    {"directReports", AD},
    {"managedObjects", AD},
    {"lastLogon", AD},
    {"lastLogoff", AD},
    {"logonCount", AD},
    {"badPwdCount", AD},
    {"badPasswordTime", AD},
    {"authTimestamp", OPENLDAP},
    {"pwdAccountLockedTime", OPENLDAP},
    {"pwdFailureTime", OPENLDAP},
    {"pwdGraceUseTime", OPENLDAP},
    {"pwdLastSuccess", OPENLDAP},
    {"nsRole", NETSCAPE},
    {"accountUnlockTime", NETSCAPE},
    {"lastLoginTime", NETSCAPE},
    {"passwordRetryCount", NETSCAPE},
    {"retryCountResetTime", NETSCAPE},
};

static const char *const memberships[] = {"memberOf", "isMemberOf"};

struct slice
ldap_tracked_next(const char **rest)
{
    while (*rest && **rest) {
        const char *begin = *rest + strspn(*rest, " (&|!");
        struct slice name = {begin, strcspn(begin, "=<>~:()")};

        while (name.length > 0 && name.data[name.length - 1] == ' ')
            name.length--;
        *rest = strchr(begin, '(');
        if (name.length > 0)
            return name;
    }
    return SLICE_NONE;
}

static struct slice
without_options(struct slice name)
{
    const char *option = memchr(name.data, ';', name.length);

    return option ? (struct slice){name.data, (size_t)(option - name.data)} : name;
}

static void
track(struct ldap_tracked *tracked, enum ldap_family family, struct slice description)
{
    struct slice name = without_options(description);

    for (size_t i = 0; i < sizeof memberships / sizeof memberships[0]; i++)
        if (slice_equal_nocase(name, slice_of(memberships[i])))
            return;
    for (size_t i = 0; i < sizeof untold / sizeof untold[0]; i++)
        if (slice_equal_nocase(name, slice_of(untold[i].name)) && untold[i].families & 1 << family)
            tracked->untold = untold[i].name;
    if (!attributes_is_groups(name))
        attributes_add(tracked->names, name);
}

static void
track_filter(struct ldap_tracked *tracked, enum ldap_family family, const char *filter)
{
    struct slice name;

    while ((name = ldap_tracked_next(&filter)).data) {
        for (size_t i = 0; i < sizeof memberships / sizeof memberships[0]; i++)
            if (slice_equal_nocase(name, slice_of(memberships[i])))
                tracked->groups = memberships[i];
        track(tracked, family, name);
    }
}

struct ldap_tracked
ldap_tracked_find(const struct ldap_options *options, enum ldap_family family,
                  const struct attributes *attributes)
{
    struct ldap_tracked tracked = {.names = attributes_new()};

    for (size_t i = 0; i < attributes_count(attributes); i++)
        track(&tracked, family, slice_of(attributes_name(attributes, (int)i)));
    for (size_t i = 0; i < options->search_count; i++)
        track_filter(&tracked, family, options->searches[i].filter);
    if (options->groups.filter)
        track_filter(&tracked, family, options->groups.filter);
    return tracked;
}

void
ldap_tracked_free(struct ldap_tracked *tracked)
{
    attributes_free(tracked->names);
}
