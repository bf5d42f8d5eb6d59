/* RFC 4533, refreshOnly. A search answers with what has changed since its cookie, in one of two
 * ways: those that have gone are named (a *delete phase*), or all that are still there are, so that
 * the others have gone (a *present phase*). A server chooses anew each time, for each search.
 *
 * What has changed comes as the search finds it, so that OpenLDAP may send it with the feed's own
 * attributes at once, where somebody takes it. */
#include "directory/changes_csn.h"
#include "directory/entry_id.h"
#include "directory/ldap_carried.h"
#include "directory/ldap_group_ids.h"
#include "directory/ldap_search.h"
#include "directory/ldap_stream.h"
#include "directory/ldap_way.h"
#include "directory/sync_message.h"

#include <stdio.h>
#include <string.h>

enum { REFRESH_ONLY = 1 };

/* One search and what came of it. */
struct refresh {
    struct ldap_asking *asking;
    const struct ldap_watch *watch;
    struct ldap_carried *carried; /* takes the entries that come; NULL: their names will do */
    struct slice cookie;
    struct ldap_request request; /* that was sent and not taken; its id is -1: none */
    bool is_exhaustive;
    bool has_told;
};

static bool
is_offered(const struct ldap_root *root)
{
    return root->has_sync;
}

static void
watch(struct ldap_asking *asking)
{
    for (size_t i = 0; i < asking->options->search_count; i++) {
        const struct ldap_search *search = &asking->options->searches[i];

        /* 389 Directory Server does not tell of who matches the filter no longer. */
        const char *filter =
            asking->root->family == LDAP_FAMILY_389 ? "(objectClass=*)" : search->filter;

        ldap_way_watch(asking,
                       &(struct ldap_watch){WATCH_PEOPLE, search->base, filter, search->scope});
    }
    ldap_way_watch_groups(asking);
}

static void
keep_cookie(struct refresh *refresh, struct slice cookie)
{
    if (cookie.length > 0)
        refresh->cookie = arena_slice(refresh->asking->arena, cookie);
}

static struct directory_id
id_of(const struct refresh *refresh, struct slice bytes)
{
    struct directory_id id = {.kind = ldap_way_id_kind(refresh->asking->root)};

    memcpy(id.bytes, bytes.data, sizeof id.bytes);
    return id;
}

static void
tell(struct refresh *refresh, struct slice bytes, enum sync_state_kind kind)
{
    const struct ldap_asking *asking = refresh->asking;
    const struct directory_id id = id_of(refresh, bytes);

    if (!asking->since)
        return;
    refresh->has_told |= kind != SYNC_PRESENT;
    if (refresh->carried && kind == SYNC_DELETE)
        ldap_carried_name(refresh->carried, &id);
    if (kind == SYNC_PRESENT) {
        if (refresh->watch->what == WATCH_PEOPLE)
            asking->sink->present(asking->sink->context, &id);
        return;
    }
    if (refresh->watch->what == WATCH_PEOPLE || kind != SYNC_DELETE ||
        ldap_group_ids_have(asking->since->groups, &id))
        ldap_way_tell(refresh->asking, refresh->watch, &id);
}

static bool
refuse(const struct refresh *refresh, struct error *err)
{
    return error_set(err, ERROR_UNAVAILABLE,
                     "'%s' answers a question for changes in a way that RFC 4533 does not have",
                     refresh->asking->session->uri);
}

static bool
take_entry(void *context, LDAP *ld, LDAPMessage **message, LDAPControl **controls,
           struct error *err)
{
    struct refresh *refresh = context;
    LDAPControl *control =
        controls ? ldap_control_find(LDAP_CONTROL_SYNC_STATE, controls, NULL) : NULL;
    struct sync_state state;

    if (!control ||
        !sync_state_parse((struct slice){control->ldctl_value.bv_val, control->ldctl_value.bv_len},
                          &state))
        return refuse(refresh, err);
    keep_cookie(refresh, state.cookie);
    tell(refresh, state.id, state.kind);
    if (refresh->carried && (state.kind == SYNC_ADD || state.kind == SYNC_MODIFY)) {
        const struct directory_id id = id_of(refresh, state.id);

        ldap_carried_keep(refresh->carried, &id, ld, *message);
        *message = NULL;
    }
    return true;
}

static bool
take_said(void *context, const char *oid, struct slice value, struct error *err)
{
    struct refresh *refresh = context;
    struct sync_info info;
    struct slice id;

    if (strcmp(oid, LDAP_SYNC_INFO) != 0)
        return true;
    if (!sync_info_parse(value, &info))
        return refuse(refresh, err);
    keep_cookie(refresh, info.cookie);
    if (info.kind == SYNC_REFRESH_PRESENT)
        refresh->is_exhaustive = true;
    while (info.kind == SYNC_ID_SET && sync_next_id(&info.ids, &id))
        tell(refresh, id, info.deletes ? SYNC_DELETE : SYNC_PRESENT);
    return true;
}

static enum ldap_attempt
take_done(struct refresh *refresh, const struct ldap_answer *answer, struct error *err)
{
    const char *uri = refresh->asking->session->uri;
    LDAPControl *control =
        answer->controls ? ldap_control_find(LDAP_CONTROL_SYNC_DONE, answer->controls, NULL) : NULL;
    struct sync_done done;

    if (answer->result == LDAP_SYNC_REFRESH_REQUIRED) {
        ldap_way_read_all(refresh->asking,
                          "'%s' no longer knows what has changed since the last run", uri);
        return LDAP_ATTEMPT_DONE;
    }
    if (answer->result != LDAP_SUCCESS) {
        const struct ldap_failure failure = {.result = answer->result,
                                             .diagnostic = answer->diagnostic};

        return ldap_error_set(err, &failure, "the question for changes below '%s' on '%s' failed",
                              refresh->watch->base, uri);
    }
    if (!control ||
        !sync_done_parse((struct slice){control->ldctl_value.bv_val, control->ldctl_value.bv_len},
                         &done)) {
        refuse(refresh, err);
        return LDAP_ATTEMPT_FAILED;
    }
    keep_cookie(refresh, done.cookie);
    /* 389 Directory Server names who has gone, and says here that it does not. */
    if (!done.deletes && refresh->asking->root->family != LDAP_FAMILY_389)
        refresh->is_exhaustive = true;
    return LDAP_ATTEMPT_DONE;
}

/* The control's value, syncRequestValue; it belongs to the element. */
static bool
write_request(BerElement *element, struct slice cookie, struct berval *ret_value)
{
    int written = cookie.data ? ber_printf(element, "{eoN}", REFRESH_ONLY, cookie.data,
                                           (ber_len_t)cookie.length)
                              : ber_printf(element, "{eN}", REFRESH_ONLY);

    return written >= 0 && ber_flatten2(element, ret_value, 0) >= 0;
}

/* What a refresh asks for: of which entries. */
struct span {
    enum ldap_search_scope scope;
    const char *filter;
};

static const struct span base_alone = {LDAP_SEARCH_BASE, "(objectClass=*)"};

static enum ldap_attempt
send_refresh(struct refresh *refresh, const struct span *span, struct error *err)
{
    char none[] = LDAP_NO_ATTRS, oid[] = LDAP_CONTROL_SYNC, *names_only[] = {none, NULL};
    char **whole =
        refresh->carried ? ldap_search_attributes(ldap_carried_attributes(refresh->carried)) : NULL;
    LDAPControl control = {.ldctl_oid = oid, .ldctl_iscritical = 1}, *controls[] = {&control, NULL};
    const struct ldap_question question = {
        .base = refresh->watch->base,
        .filter = span->filter,
        .scope = span->scope,
        .attributes = whole ? whole : names_only,
        .controls = controls,
        .doing = "cannot ask for changes at",
    };
    BerElement *element = ber_alloc_t(LBER_USE_DER);
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;

    if (element && write_request(element, refresh->cookie, &control.ldctl_value))
        attempt = ldap_stream_send(refresh->asking->session, &question, &refresh->request, err);
    else
        error_set(err, ERROR_INTERNAL, "liblber writes no question for changes");
    if (whole)
        ldap_search_attributes_free(whole);
    ber_free(element, 1);
    return attempt;
}

static enum ldap_attempt
take_refresh(struct refresh *refresh, struct error *err)
{
    const struct ldap_listener listener = {take_entry, take_said, refresh};
    const struct ldap_request request = refresh->request;
    struct ldap_answer answer;
    enum ldap_attempt attempt;

    refresh->request.id = -1;
    attempt = ldap_stream_take(refresh->asking->session, &request, &listener, &answer, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    attempt = take_done(refresh, &answer, err);
    ldap_answer_free(&answer);
    return attempt;
}

static enum ldap_attempt
run_refresh(struct refresh *refresh, const struct span *span, struct error *err)
{
    enum ldap_attempt attempt = send_refresh(refresh, span, err);

    return attempt == LDAP_ATTEMPT_DONE ? take_refresh(refresh, err) : attempt;
}

/* OpenLDAP finds by the feed's own filter; 389 Directory Server is asked with another. */
static struct ldap_carried *
carried_by(const struct ldap_asking *asking, const struct ldap_watch *watch)
{
    return asking->since && watch->what == WATCH_PEOPLE &&
                   asking->root->family == LDAP_FAMILY_OPENLDAP
               ? asking->carried
               : NULL;
}

static struct span
span_of(const struct refresh *refresh)
{
    return (struct span){refresh->watch->scope, refresh->watch->filter};
}

/* Without a cookie a server sends all that the filter finds. OpenLDAP's cookie is good for every
 * search, so that one for the base alone gets it; with none found there is none. Others bind it to
 * the search. */
static enum ldap_attempt
refresh_first(struct refresh *refresh, struct error *err)
{
    const struct span whole = span_of(refresh);
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    if (refresh->asking->root->family == LDAP_FAMILY_OPENLDAP)
        attempt = run_refresh(refresh, &base_alone, err);
    if (attempt == LDAP_ATTEMPT_DONE && !refresh->cookie.data)
        attempt = run_refresh(refresh, &whole, err);
    if (attempt != LDAP_ATTEMPT_DONE || refresh->cookie.data)
        return attempt;
    error_set(err, ERROR_UNAVAILABLE, "'%s' does not say up to when it has told of changes",
              refresh->asking->session->uri);
    return LDAP_ATTEMPT_FAILED;
}

static bool
take_present(void *context, const struct entry *entry, struct error *err)
{
    const struct refresh *refresh = context;
    const struct ldap_asking *asking = refresh->asking;
    struct directory_id id;

    (void)err;
    if (entry->slots[0].count == 1 &&
        entry_id_parse(ldap_way_id_kind(asking->root), entry->slots[0].values[0], &id))
        asking->sink->present(asking->sink->context, &id);
    return true;
}

/* One search tells who is still there, another one who has gone: of that one, too, who is still
 * there has to be known. */
static enum ldap_attempt
list_present(struct ldap_asking *asking, const struct refresh *refreshes, struct error *err)
{
    const char *const attributes[] = {entry_id_attribute(ldap_way_id_kind(asking->root)), NULL};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        struct refresh refresh = refreshes[i];
        const struct ldap_listing listing = {.watch = refresh.watch,
                                             .filter = refresh.watch->filter,
                                             .attributes = attributes,
                                             .entry = take_present,
                                             .context = &refresh};

        if (refresh.watch->what == WATCH_PEOPLE && !refresh.is_exhaustive)
            attempt = ldap_way_list(asking, &listing, err);
    }
    return attempt;
}

/* The number of the last change, which 389 Directory Server's cookie ends with; the whole of
 * another one. */
static struct slice
number_in(struct slice cookie)
{
    const char *mark = cookie.length > 0 ? memrchr(cookie.data, '#', cookie.length) : NULL;

    return mark ? (struct slice){mark, (size_t)(cookie.data + cookie.length - mark)} : cookie;
}

/* A retro changelog without the unique ids of what was changed lets 389 Directory Server tell of no
 * change at all, with success and a cookie that goes on. There may also have been none below the
 * bases: that costs a needless read now and then. */
static void
doubt_silence(struct ldap_asking *asking, const struct refresh *refreshes)
{
    bool goes_on = false;

    for (size_t i = 0; i < asking->watch_count; i++) {
        if (refreshes[i].has_told)
            return;
        goes_on |=
            !slice_equal(number_in(asking->since->cookies[i]), number_in(refreshes[i].cookie));
    }
    if (goes_on)
        ldap_way_read_all(asking,
                          "'%s' counts changes and names nobody; where that goes on, its "
                          "'cn=Retro Changelog Plugin,cn=plugins,cn=config' lacks "
                          "'nsslapd-attribute: nsuniqueid:targetUniqueId'",
                          asking->session->uri);
}

/* Who writes meanwhile is ahead of the answer, too, but not of a later one. */
static enum ldap_attempt
doubt_context(struct ldap_asking *asking, const struct refresh *told, struct error *err)
{
    struct ldap_asking nothing_told = *asking;
    struct refresh later = {.asking = &nothing_told, .watch = told->watch};
    struct slice known = changes_csn_newest(told->cookie), newest = SLICE_NONE;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    if (known.data)
        attempt = changes_csn_look(asking, known, &newest, err);
    if (attempt != LDAP_ATTEMPT_DONE || !newest.data)
        return attempt;
    nothing_told.since = NULL;
    attempt = run_refresh(&later, &base_alone, err);
    if (attempt == LDAP_ATTEMPT_DONE && slice_compare(newest, changes_csn_newest(later.cookie)) > 0)
        ldap_way_read_all(asking,
                          "'%s' has entries that are newer than what it tells of, as after a crash",
                          asking->session->uri);
    return attempt;
}

/* The next run has to know which entries are groups. */
static enum ldap_attempt
look_after_groups(struct ldap_asking *asking, const struct refresh *refreshes, struct error *err)
{
    if (!asking->watches_groups)
        return LDAP_ATTEMPT_DONE;
    /* That a group has gone does not show where only those are named that have not. */
    for (size_t i = 0; asking->since && i < asking->watch_count; i++)
        if (refreshes[i].is_exhaustive && refreshes[i].watch->what == WATCH_GROUPS)
            ldap_way_tell_groups(asking);
    asking->mark.groups = asking->since ? asking->since->groups : SLICE_NONE;
    if (asking->since && !asking->changes->memberships)
        return LDAP_ATTEMPT_DONE;
    return ldap_group_ids_list(asking, &asking->mark.groups, err);
}

/* One after the other. */
static enum ldap_attempt
refresh_all_first(struct ldap_asking *asking, struct refresh *refreshes, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (size_t i = 0; i < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; i++)
        attempt = refresh_first(&refreshes[i], err);
    return attempt;
}

/* All are sent at once, since a server works on several at a time. None of them has to be before
 * another one: what a cookie does not cover is told the next time. */
static enum ldap_attempt
refresh_all_since(struct ldap_asking *asking, struct refresh *refreshes, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    size_t sent = 0, taken = 0;

    for (; sent < asking->watch_count && attempt == LDAP_ATTEMPT_DONE; sent++) {
        const struct span whole = span_of(&refreshes[sent]);

        refreshes[sent].cookie = asking->since->cookies[sent];
        refreshes[sent].carried = carried_by(asking, refreshes[sent].watch);
        attempt = send_refresh(&refreshes[sent], &whole, err);
    }
    for (; taken < sent && attempt == LDAP_ATTEMPT_DONE && !asking->changes->reason[0]; taken++)
        attempt = take_refresh(&refreshes[taken], err);
    for (; attempt != LDAP_ATTEMPT_LOST && taken < sent; taken++)
        if (refreshes[taken].request.id >= 0)
            ldap_stream_drop(asking->session, &refreshes[taken].request);
    return attempt;
}

static enum ldap_attempt
ask(struct ldap_asking *asking, struct error *err)
{
    struct refresh refreshes[CHANGES_COOKIES_MOST];
    enum ldap_attempt attempt;

    for (size_t i = 0; i < CHANGES_COOKIES_MOST; i++)
        refreshes[i] =
            (struct refresh){.asking = asking, .watch = &asking->watches[i], .request = {.id = -1}};
    attempt = asking->since ? refresh_all_since(asking, refreshes, err)
                            : refresh_all_first(asking, refreshes, err);
    if (attempt != LDAP_ATTEMPT_DONE || (asking->since && asking->changes->reason[0]))
        return attempt;
    for (size_t i = 0; i < asking->watch_count; i++) {
        asking->mark.cookies[i] = refreshes[i].cookie;
        if (refreshes[i].is_exhaustive && refreshes[i].watch->what == WATCH_PEOPLE)
            asking->changes->exhaustive = true;
    }
    if (asking->since && asking->root->family == LDAP_FAMILY_389)
        doubt_silence(asking, refreshes);
    if (asking->since && asking->root->family == LDAP_FAMILY_OPENLDAP)
        attempt = doubt_context(asking, refreshes, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = look_after_groups(asking, refreshes, err);
    if (attempt == LDAP_ATTEMPT_DONE && asking->since && asking->changes->exhaustive)
        attempt = list_present(asking, refreshes, err);
    return attempt;
}

const struct ldap_way ldap_way_syncrepl = {is_offered, watch, ask, true};
