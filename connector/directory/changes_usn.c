/* Active Directory's uSNChanged: each domain controller numbers what it writes, for itself alone.
 * The highest number is taken before the question, so that what happens meanwhile is told the next
 * time. https://learn.microsoft.com/windows/win32/ad/polling-for-changes-using-usnchanged */
#include "directory/entry_id.h"
#include "directory/ldap_way.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_CHARACTERS = 32 };

struct look {
    struct ldap_asking *asking;
    const struct ldap_watch *watch;
};

static bool
is_offered(const struct ldap_root *root)
{
    return root->family == LDAP_FAMILY_ACTIVE_DIRECTORY && root->highest_usn > 0;
}

/* Wider than the searches: who has left them, by a move or a deletion, is named as well. */
static void
watch(struct ldap_asking *asking)
{
    ldap_way_watch_contexts(asking, LDAP_WAY_AD_PEOPLE);
    ldap_way_watch_groups(asking);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct look *look = context;
    struct directory_id id;

    (void)err;
    if (entry->slots[0].count == 1 &&
        entry_id_parse(DIRECTORY_OBJECT_GUID, entry->slots[0].values[0], &id))
        ldap_way_tell(look->asking, look->watch, &id);
    look->asking->has_new_names = true;
    return true;
}

static bool
read_number(const struct changes_mark *mark, uint64_t *ret_number)
{
    char text[NUMBER_CHARACTERS], *end;

    if (mark->cookie_count == 0 || mark->cookies[0].length >= sizeof text)
        return false;
    snprintf(text, sizeof text, "%.*s", SLICE_ARG(mark->cookies[0]));
    *ret_number = strtoull(text, &end, 10);
    return end > text && !*end;
}

static enum ldap_attempt
look_since(struct ldap_asking *asking, const struct ldap_watch *watch, uint64_t last,
           struct error *err)
{
    static const char *const attributes[] = {"objectGUID", NULL};
    char oid[] = LDAP_CONTROL_X_SHOW_DELETED;
    LDAPControl control = {.ldctl_oid = oid, .ldctl_iscritical = 1};
    struct look look = {asking, watch};
    const struct ldap_listing listing = {
        .watch = watch,
        .filter =
            arena_format(asking->arena, "(&(uSNChanged>=%" PRIu64 ")%s)", last + 1, watch->filter),
        .attributes = attributes,
        .control = asking->root->has_show_deleted ? &control : NULL,
        .entry = take_entry,
        .context = &look,
    };

    return ldap_way_list(asking, &listing, err);
}

static enum ldap_attempt
ask(struct ldap_asking *asking, struct error *err)
{
    uint64_t now = asking->root->highest_usn, last = now;
    struct slice cookie = slice_of(arena_format(asking->arena, "%" PRIu64, now));
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    if (asking->identity.length == 0) {
        error_set(err, ERROR_UNAVAILABLE,
                  "'%s' does not show its invocationId, without which its counting says nothing",
                  asking->session->uri);
        return LDAP_ATTEMPT_FAILED;
    }
    for (size_t i = 0; i < asking->watch_count; i++)
        asking->mark.cookies[i] = cookie;
    if (asking->since && (!read_number(asking->since, &last) || last > now)) {
        ldap_way_read_all(asking, "'%s' counts its changes from anew", asking->session->uri);
        return attempt;
    }
    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++)
        if (asking->since && last < now)
            attempt = look_since(asking, &asking->watches[i], last, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ldap_way_find_deleted(asking, err);
    return attempt;
}

const struct ldap_way ldap_way_usn = {is_offered, watch, ask, true};
