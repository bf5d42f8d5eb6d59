/* Active Directory's DirSync: what was changed since a cookie, in rounds, until there is no more.
 * MS-ADTS section 3.1.1.3.4.1.3; https://learn.microsoft.com/windows/win32/ad/polling-for-changes-
 * using-the-dirsync-control. An entry comes with those of the listed attributes that were changed,
 * and not at all where none was; so the list leaves out what nobody reads, as the times of logins.
 */
#include "directory/dirsync_message.h"
#include "directory/entry_id.h"
#include "directory/ldap_group_bases.h"
#include "directory/ldap_stream.h"
#include "directory/ldap_way.h"

#include <stdlib.h>
#include <string.h>

enum {
    OBJECT_SECURITY = 1, /* as this account may see it; without, as a replica would */
    BYTES_AT_ONCE = 1024 * 1024,
    ROUNDS_EMPTY_MOST = 10000, /* in succession: an old cookie's way to now may be long */
};

/* Of a list only the values that came and went are sent. Bit 31 of a signed number. */
static const int incremental_values = INT32_MIN;

struct sync {
    struct ldap_asking *asking;
    const struct ldap_watch *watch;
    struct slice cookie;
    char **attributes;
    unsigned empty_rounds;
    bool more, is_empty;
};

static bool
is_offered(const struct ldap_root *root)
{
    return root->family == LDAP_FAMILY_ACTIVE_DIRECTORY && root->has_dirsync;
}

static void
watch(struct ldap_asking *asking)
{
    ldap_way_watch_contexts(asking, LDAP_WAY_AD_PEOPLE);
    ldap_way_watch_groups(asking);
}

static bool
has_attribute(LDAP *ld, LDAPMessage *message, const char *name)
{
    struct berval **values = ldap_get_values_len(ld, message, name);

    ldap_value_free_len(values);
    return values != NULL;
}

static bool
take_entry(void *context, LDAP *ld, LDAPMessage **message, LDAPControl **controls,
           struct error *err)
{
    struct sync *sync = context;
    struct berval **values;
    struct directory_id id;

    (void)controls;
    sync->is_empty = false;
    if (!sync->asking->since)
        return true;
    values = ldap_get_values_len(ld, *message, "objectGUID");
    if (!values || !values[0] ||
        !entry_id_parse(DIRECTORY_OBJECT_GUID, (struct slice){values[0]->bv_val, values[0]->bv_len},
                        &id)) {
        ldap_value_free_len(values);
        return error_set(err, ERROR_UNAVAILABLE, "'%s' tells of a changed entry without objectGUID",
                         sync->asking->session->uri);
    }
    ldap_value_free_len(values);
    sync->asking->has_new_names |= has_attribute(ld, *message, "name");
    ldap_way_tell(sync->asking, sync->watch, &id);
    return true;
}

static enum ldap_attempt
take_done(struct sync *sync, const struct ldap_answer *answer, struct error *err)
{
    const char *uri = sync->asking->session->uri;
    const struct ldap_failure failure = {.result = answer->result,
                                         .diagnostic = answer->diagnostic};
    LDAPControl *control =
        answer->controls ? ldap_control_find(LDAP_CONTROL_X_DIRSYNC, answer->controls, NULL) : NULL;
    struct dirsync_answer said;

    if (answer->result != LDAP_SUCCESS)
        return ldap_error_set(err, &failure, "the question for changes below '%s' on '%s' failed",
                              sync->watch->base, uri);
    if (!control ||
        !dirsync_answer_parse(
            (struct slice){control->ldctl_value.bv_val, control->ldctl_value.bv_len}, &said) ||
        said.cookie.length == 0) {
        error_set(err, ERROR_UNAVAILABLE, "'%s' does not say up to when it has told of changes",
                  uri);
        return LDAP_ATTEMPT_FAILED;
    }
    sync->more = said.more;
    sync->empty_rounds = sync->is_empty ? sync->empty_rounds + 1 : 0;
    if (said.more &&
        (sync->empty_rounds > ROUNDS_EMPTY_MOST || slice_equal(said.cookie, sync->cookie))) {
        error_set(err, ERROR_UNAVAILABLE,
                  "'%s' gets no further and always says there are more "
                  "changes",
                  uri);
        return LDAP_ATTEMPT_FAILED;
    }
    sync->cookie = arena_slice(sync->asking->arena, said.cookie);
    return LDAP_ATTEMPT_DONE;
}

/* `ret_refused`: for want of a right. */
static enum ldap_attempt
run_round(struct sync *sync, int flags, bool *ret_refused, struct error *err)
{
    const struct ldap_listener listener = {take_entry, NULL, sync};
    char oid[] = LDAP_CONTROL_X_DIRSYNC, deleted_oid[] = LDAP_CONTROL_X_SHOW_DELETED;
    LDAPControl control = {.ldctl_oid = oid, .ldctl_iscritical = 1},
                deleted = {.ldctl_oid = deleted_oid}, *controls[] = {&control, &deleted, NULL};
    const struct ldap_question question = {
        .base = sync->watch->base,
        /* What finds nothing leads to a cookie that is of now. */
        .filter = sync->asking->since ? sync->watch->filter : "(!(objectClass=*))",
        .scope = LDAP_SEARCH_SUBTREE,
        .attributes = sync->attributes,
        .controls = controls,
        .doing = "cannot ask for changes at",
    };
    BerElement *element = ber_alloc_t(LBER_USE_DER);
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    struct ldap_answer answer;

    *ret_refused = false;
    sync->is_empty = true;
    if (!element ||
        ber_printf(element, "{iioN}", flags, BYTES_AT_ONCE,
                   sync->cookie.data ? sync->cookie.data : "",
                   (ber_len_t)sync->cookie.length) < 0 ||
        ber_flatten2(element, &control.ldctl_value, 0) < 0) {
        error_set(err, ERROR_INTERNAL, "liblber writes no question for changes");
        goto done;
    }
    attempt = ldap_stream_run(sync->asking->session, &question, &listener, &answer, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        goto done;
    *ret_refused = answer.result == LDAP_INSUFFICIENT_ACCESS;
    attempt = take_done(sync, &answer, err);
    ldap_answer_free(&answer);
done:
    ber_free(element, 1);
    return attempt;
}

static enum ldap_attempt
run_rounds(struct sync *sync, int flags, bool *ret_refused, struct error *err)
{
    enum ldap_attempt attempt;

    do
        attempt = run_round(sync, flags, ret_refused, err);
    while (attempt == LDAP_ATTEMPT_DONE && sync->more);
    return attempt;
}

/* NULL behind the last. */
static char **
list_attributes(const struct ldap_asking *asking, const struct ldap_watch *watch)
{
    /* A move changes the name, too, as that of the new place. */
    static const char *const always[] = {"objectGUID", "name", "isDeleted"};
    /* By which groups know somebody, beside his name (directory/ldap_members.h). */
    static const char *const known_by[] = {"primaryGroupID", "uid", "gidNumber"};
    struct attributes *set = attributes_new();
    const struct attributes *tracked = asking->tracked->names;
    char **list;

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        attributes_add(set, slice_of(always[i]));
    if (watch->what == WATCH_GROUPS)
        (void)ldap_groups_add_members(asking->options, set);
    for (size_t i = 0; asking->watches_groups && i < sizeof known_by / sizeof known_by[0]; i++)
        attributes_add(set, slice_of(known_by[i]));
    for (size_t i = 0; i < attributes_count(tracked); i++)
        attributes_add(set, slice_of(attributes_name(tracked, (int)i)));
    list = arena_alloc(asking->arena, (attributes_count(set) + 1) * sizeof *list);
    for (size_t i = 0; i < attributes_count(set); i++)
        list[i] = arena_string(asking->arena, attributes_name(set, (int)i));
    attributes_free(set);
    return list;
}

static enum ldap_attempt
ask(struct ldap_asking *asking, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    int flags = incremental_values;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        struct sync sync = {.asking = asking, .watch = &asking->watches[i]};
        bool refused;

        sync.attributes = list_attributes(asking, sync.watch);
        if (asking->since)
            sync.cookie = asking->since->cookies[i];
        attempt = run_rounds(&sync, flags, &refused, err);
        if (refused && !(flags & OBJECT_SECURITY)) {
            flags |= OBJECT_SECURITY;
            attempt = run_rounds(&sync, flags, &refused, err);
        }
        asking->mark.cookies[i] = sync.cookie;
    }
    /* Who may read as a replica is told of deletions by Windows, but not by Samba. */
    if (attempt == LDAP_ATTEMPT_DONE && (flags & OBJECT_SECURITY || asking->root->is_samba))
        attempt = ldap_way_find_deleted(asking, err);
    return attempt;
}

const struct ldap_way ldap_way_dirsync = {is_offered, watch, ask, true};
