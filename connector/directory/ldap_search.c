#include "directory/ldap_search.h"

#include "base/arena.h"
#include "directory/ldap_members.h"
#include "directory/ldap_message.h"
#include "directory/ldap_ranges.h"
#include "directory/ldap_reference.h"
#include "directory/ldap_schema.h"
#include "directory/shown.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    HELD_BYTES_MOST = 4 * 1024 * 1024,
    READY_AT_ONCE = 16,
    MESSAGE_OVERHEAD_BYTES = 256, /* of an entry in memory, beside its attributes */
    /* Active Directory sends empty pages now and then; a server that sends no others never ends. */
    EMPTY_PAGES_MOST = 1000
};

/* An entry that came and was not worked on yet. */
struct held {
    LDAPMessage *message;
    struct ldap_message_entry entry;
};

struct run {
    struct ldap_session *session;
    const struct ldap_search *search;
    const char *filter; /* in place of the search's */
    struct ldap_reading *reading;
    char **attributes;
    struct held *held; /* a ring */
    size_t held_first, held_count, held_capacity, held_bytes;
    struct arena *ranges; /* values of the entry at work that came in parts; NULL: none yet */
    size_t ready;         /* of those held, the first ones: the page behind theirs was asked for */
    struct berval cookie;
    int request;
    unsigned pages;       /* answered by now */
    unsigned empty_pages; /* in succession */
    uint64_t page_entries, entries;
};

char **
ldap_search_attributes(const struct attributes *attributes)
{
    static const char none[] = LDAP_NO_ATTRS;
    size_t count = attributes_count(attributes), asked = 0;
    char **list = memory_zero(count + 2, sizeof *list);

    for (size_t i = 0; i < count; i++)
        if (!attributes_is_groups(slice_of(attributes_name(attributes, (int)i))))
            list[asked++] = ber_strdup(attributes_name(attributes, (int)i));
    if (asked == 0)
        list[0] = ber_strdup(none);
    return list;
}

void
ldap_search_attributes_free(char **list)
{
    for (size_t i = 0; list[i]; i++)
        ldap_memfree(list[i]);
    free(list);
}

static enum ldap_attempt
ask_page(struct run *run, struct error *err)
{
    static const int scopes[] = {[LDAP_SEARCH_SUBTREE] = LDAP_SCOPE_SUBTREE,
                                 [LDAP_SEARCH_ONE] = LDAP_SCOPE_ONELEVEL,
                                 [LDAP_SEARCH_BASE] = LDAP_SCOPE_BASE};
    LDAP *ld = run->session->ld;
    LDAPControl *paging = NULL, *controls[3] = {NULL};
    size_t count = 0;
    int result = LDAP_SUCCESS;
    enum ldap_attempt attempt;

    /* Not critical: a server without paging answers at once, and says so by leaving it out. */
    if (run->reading->page_size > 0)
        result = ldap_create_page_control(ld, (ber_int_t)run->reading->page_size, &run->cookie, 0,
                                          &paging);
    if (paging)
        controls[count++] = paging;
    controls[count] = run->reading->control;
    if (result == LDAP_SUCCESS)
        result =
            ldap_search_ext(ld, run->search->base, scopes[run->search->scope], run->filter,
                            run->attributes, 0, controls, NULL, NULL, LDAP_NO_LIMIT, &run->request);
    ldap_control_free(paging);
    run->page_entries = 0;
    if (result == LDAP_SUCCESS)
        return LDAP_ATTEMPT_DONE;
    attempt = ldap_session_fail(run->session, result, "cannot send a search to", err);
    if (result == LDAP_FILTER_ERROR)
        error_prefix(err, "the filter '%s'", run->filter);
    return attempt;
}

/* All values of what came only in part are read while the pages of this search go on. */
static enum ldap_attempt
complete(struct run *run, const struct held *held, struct slice name, struct error *err)
{
    const struct ldap_ranged ranged = {held->entry.dn, name};
    struct entry_values values;
    enum ldap_attempt attempt;

    if (!run->ranges)
        run->ranges = arena_new();
    attempt = ldap_ranges_read(run->session, &ranged, run->ranges, &values, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        ldap_decoder_complete(run->reading->decoder, name, &values);
    return attempt;
}

static void
forget_ranges(struct run *run)
{
    ldap_decoder_forget(run->reading->decoder);
    arena_reset(run->ranges);
}

static enum ldap_attempt
decode(struct run *run, const struct held *held, struct entry *ret_entry, struct error *err)
{
    for (;;) {
        struct slice name = SLICE_NONE;
        enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;

        switch (ldap_entry_decode(run->reading->decoder, held->entry.list, ret_entry, &name)) {
        case LDAP_DECODED:
            return LDAP_ATTEMPT_DONE;
        case LDAP_DECODED_UNKNOWN:
            attempt = ldap_schema_load(run->session, run->reading->names, err);
            break;
        case LDAP_DECODED_RANGED:
            attempt = complete(run, held, name, err);
            break;
        case LDAP_DECODED_BAD:
            error_set(err, ERROR_UNAVAILABLE, "'%s' sent an entry that cannot be decoded: '%s'",
                      run->session->uri, shown(held->entry.dn).text);
            return LDAP_ATTEMPT_FAILED;
        }
        if (attempt != LDAP_ATTEMPT_DONE)
            return attempt;
    }
}

static enum ldap_attempt
work_on(struct run *run, const struct held *held, struct error *err)
{
    const struct source_reader *reader = run->reading->reader;
    struct entry entry = {.dn = held->entry.dn, .search = run->reading->search};
    enum ldap_attempt attempt;

    if (run->reading->seen && !dn_set_add(run->reading->seen, held->entry.dn)) {
        run->reading->result->repeated++;
        return LDAP_ATTEMPT_DONE;
    }
    attempt = decode(run, held, &entry, err);
    if (attempt == LDAP_ATTEMPT_DONE) {
        if (run->reading->members)
            ldap_members_fill(run->reading->members, &entry);
        run->entries++;
        run->reading->result->entries++;
        if (!reader->entry(reader->context, &entry, err))
            attempt = LDAP_ATTEMPT_FAILED;
    }
    if (run->ranges)
        forget_ranges(run);
    return attempt;
}

static enum ldap_attempt
work_on_first(struct run *run, struct error *err)
{
    struct held held = run->held[run->held_first];
    enum ldap_attempt attempt = work_on(run, &held, err);

    run->held_first = (run->held_first + 1) % run->held_capacity;
    run->held_count--;
    run->ready -= run->ready > 0;
    run->held_bytes -= held.entry.list.length + MESSAGE_OVERHEAD_BYTES;
    ldap_msgfree(held.message);
    return attempt;
}

/* Some at once: looking whether a message has come costs a system call. */
static enum ldap_attempt
work_on_ready(struct run *run, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (int i = 0; i < READY_AT_ONCE && run->ready > 0 && attempt == LDAP_ATTEMPT_DONE; i++)
        attempt = work_on_first(run, err);
    return attempt;
}

static enum ldap_attempt
work_until(struct run *run, size_t bytes, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    while (attempt == LDAP_ATTEMPT_DONE && run->held_count > 0 && run->held_bytes > bytes)
        attempt = work_on_first(run, err);
    return attempt;
}

static void
hold(struct run *run, const struct held *held)
{
    if (run->held_count == run->held_capacity) {
        size_t old = run->held_capacity, tail = old - run->held_first;

        memory_grow(&run->held, &run->held_capacity, old + 1, sizeof *run->held);
        /* The part that was behind the ring's first entry moves to the new end. */
        if (old > 0) {
            memmove(run->held + run->held_capacity - tail, run->held + run->held_first,
                    tail * sizeof *run->held);
            run->held_first = run->held_capacity - tail;
        }
    }
    run->held[(run->held_first + run->held_count++) % run->held_capacity] = *held;
    run->held_bytes += held->entry.list.length + MESSAGE_OVERHEAD_BYTES;
}

static void
drop_held(struct run *run)
{
    for (size_t i = 0; i < run->held_count; i++)
        ldap_msgfree(run->held[(run->held_first + i) % run->held_capacity].message);
    run->held_count = 0;
}

/* Takes over the message. */
static enum ldap_attempt
take_entry(struct run *run, LDAPMessage *message, struct error *err)
{
    struct held held = {.message = message};

    if (!ldap_message_find(run->session->ld, message, &held.entry)) {
        ldap_msgfree(message);
        error_set(err, ERROR_UNAVAILABLE, "'%s' sent an entry that cannot be decoded",
                  run->session->uri);
        return LDAP_ATTEMPT_FAILED;
    }
    run->page_entries++;
    hold(run, &held);
    /* One comes, one goes: neither we nor the server wait while the other has something to do. */
    if (run->ready > 0) {
        enum ldap_attempt attempt = work_on_first(run, err);

        if (attempt != LDAP_ATTEMPT_DONE)
            return attempt;
    }
    return work_until(run, HELD_BYTES_MOST, err);
}

static bool
page_was_too_large(const struct run *run, int result)
{
    return (result == LDAP_ADMINLIMIT_EXCEEDED || result == LDAP_UNAVAILABLE_CRITICAL_EXTENSION) &&
           run->pages == 0 && run->page_entries == 0 && run->reading->page_size > 1;
}

/* A base in a form that no entry of this server can have is not there either. */
static bool
is_missing(const struct run *run, int result)
{
    return run->search->may_be_missing &&
           (result == LDAP_NO_SUCH_OBJECT || result == LDAP_INVALID_DN_SYNTAX);
}

static enum ldap_attempt
search_failed(const struct run *run, const struct ldap_answer *answer, struct error *err)
{
    struct ldap_failure failure = {
        .result = answer->result, .diagnostic = answer->diagnostic, .matched = answer->matched};
    enum ldap_attempt attempt = ldap_error_set(
        err, &failure, "the search below '%s' on '%s' failed after %" PRIu64 " entries",
        run->search->base, run->session->uri, run->entries + run->held_count);

    if (answer->result == LDAP_REFERRAL && answer->referrals && answer->referrals[0])
        error_hint(err,
                   "The server refers to '%s'; name that one in directory.uri. Referrals are "
                   "not followed.",
                   shown(slice_of(answer->referrals[0])).text);
    return attempt;
}

/* Reads the cookie; an empty one ends the search. False when the server's paging went wrong. */
static bool
take_cookie(struct run *run, const struct ldap_answer *answer, struct error *err)
{
    LDAPControl *control =
        answer->controls ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, answer->controls, NULL)
                         : NULL;
    ber_int_t estimate = 0;
    bool asked_for_more = run->cookie.bv_len > 0;

    ber_memfree(run->cookie.bv_val);
    run->cookie = (struct berval){0, NULL};
    if (!control && !asked_for_more)
        return true; /* a server without paging sent everything at once */
    if (!control || ldap_parse_pageresponse_control(run->session->ld, control, &estimate,
                                                    &run->cookie) != LDAP_SUCCESS)
        return error_set(err, ERROR_UNAVAILABLE,
                         "'%s' answered page %u of a search without saying whether more follow",
                         run->session->uri, run->pages + 1);
    run->reading->about = estimate > 0 ? (uint64_t)estimate : 0;
    run->pages++;
    run->empty_pages = run->page_entries ? 0 : run->empty_pages + 1;
    if (run->empty_pages > EMPTY_PAGES_MOST)
        return error_set(err, ERROR_UNAVAILABLE, "'%s' answers nothing but empty pages",
                         run->session->uri);
    return true;
}

/* False where there is none. */
static bool
next_question(struct run *run)
{
    struct ldap_reading *reading = run->reading;

    if (!reading->next_filter)
        return false;
    run->filter = reading->next_filter(reading->filters);
    run->pages = run->empty_pages = 0;
    return run->filter != NULL;
}

/* A page is at its end. Asks for the next one, if there is one, before its entries are used: they
 * are worked on while that one arrives. */
static enum ldap_attempt
finish_page(struct run *run, const struct ldap_answer *answer, bool *ret_more, struct error *err)
{
    enum ldap_attempt attempt;

    if (page_was_too_large(run, answer->result)) {
        unsigned *size = &run->reading->page_size;

        message_say(run->session->messenger, MESSAGE_INFO,
                    "%s does not take pages of %u entries, trying %u", run->session->uri, *size,
                    *size / 2);
        *size /= 2;
        *ret_more = true;
        return ask_page(run, err);
    }
    if (is_missing(run, answer->result)) {
        *ret_more = false;
        return work_until(run, 0, err);
    }
    if (answer->result != LDAP_SUCCESS)
        return search_failed(run, answer, err);
    if (!take_cookie(run, answer, err))
        return LDAP_ATTEMPT_FAILED;
    run->reading->more = run->cookie.bv_len > 0;
    *ret_more = run->reading->more ? !run->reading->first_page : next_question(run);
    if (!*ret_more)
        return work_until(run, 0, err);
    attempt = ask_page(run, err);
    run->ready = run->held_count;
    return attempt;
}

static void
take_reference(struct run *run, LDAPMessage *message)
{
    char *first = run->reading->reference, uri[sizeof run->reading->reference];

    if (!ldap_reference_matters(run->session->ld, message, uri, sizeof uri))
        return;
    run->reading->result->referrals++;
    if (!first[0])
        memcpy(first, uri, sizeof uri);
}

/* One message of the answer, or one entry that came before, while there is none. */
static enum ldap_attempt
take_message(struct run *run, bool *ret_more, struct error *err)
{
    const struct ldap_request sought = {run->request, LDAP_MSG_ONE, "a search broke off on"};
    LDAPMessage *message = NULL;
    struct ldap_answer answer;
    enum ldap_attempt attempt = run->ready > 0
                                    ? ldap_session_poll(run->session, &sought, &message, err)
                                    : ldap_session_receive(run->session, &sought, &message, err);

    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    if (!message)
        return work_on_ready(run, err);
    switch (ldap_msgtype(message)) {
    case LDAP_RES_SEARCH_ENTRY:
        return take_entry(run, message, err);
    case LDAP_RES_SEARCH_RESULT:
        ldap_answer_read(run->session, message, &answer);
        ldap_msgfree(message);
        attempt = finish_page(run, &answer, ret_more, err);
        ldap_answer_free(&answer);
        return attempt;
    case LDAP_RES_SEARCH_REFERENCE:
        take_reference(run, message);
        break;
    default:
        break;
    }
    ldap_msgfree(message);
    return LDAP_ATTEMPT_DONE;
}

enum ldap_attempt
ldap_search_run(struct ldap_session *session, const struct ldap_search *search,
                struct ldap_reading *reading, struct error *err)
{
    struct run run = {
        .session = session, .search = search, .filter = search->filter, .reading = reading};
    enum ldap_attempt attempt;
    bool more = true;

    if (reading->next_filter && !next_question(&run))
        return LDAP_ATTEMPT_DONE;
    run.attributes = ldap_search_attributes(names_attributes(reading->names));
    attempt = ask_page(&run, err);
    while (attempt == LDAP_ATTEMPT_DONE && more)
        attempt = take_message(&run, &more, err);
    drop_held(&run);
    arena_free(run.ranges);
    free(run.held);
    ber_memfree(run.cookie.bv_val);
    ldap_search_attributes_free(run.attributes);
    return attempt;
}

enum ldap_attempt
ldap_search_take(struct ldap_session *session, struct ldap_reading *reading, LDAPMessage *message,
                 struct error *err)
{
    struct run run = {.session = session, .reading = reading};
    struct held held = {.message = message};
    enum ldap_attempt attempt;

    if (!ldap_message_find(session->ld, message, &held.entry)) {
        error_set(err, ERROR_UNAVAILABLE, "'%s' sent an entry that cannot be decoded",
                  session->uri);
        return LDAP_ATTEMPT_FAILED;
    }
    attempt = work_on(&run, &held, err);
    arena_free(run.ranges);
    return attempt;
}
