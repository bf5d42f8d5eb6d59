#include "ad_filter.h"
#include "ad_server.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOW_DELETED "1.2.840.113556.1.4.417"
#define DIRSYNC "1.2.840.113556.1.4.841"

enum { PARTITIONS = 3 };

struct search {
    struct berval base;
    ber_int_t scope, size_limit;
    struct berval filter;
    char **attributes; /* NULL behind the last; none at all: NULL */
    struct ad_entry **found;
    size_t count;
};

static bool
read_attributes(BerElement *body, struct search *search)
{
    struct berval list, name;
    BerElement *names;
    size_t count = 0;

    if (ber_skip_element(body, &list) == LBER_DEFAULT)
        return false;
    if (list.bv_len == 0)
        return true;
    names = ad_reader(&list);
    search->attributes = calloc(list.bv_len + 1, sizeof(char *));
    while (search->attributes && ber_scanf(names, "o", &name) != LBER_ERROR)
        search->attributes[count++] = name.bv_val;
    ber_free(names, 1);
    return search->attributes != NULL;
}

static bool
read_search(const struct ad_request *request, struct search *search)
{
    ber_int_t aliases, time_limit;
    struct berval types_only;

    return ber_scanf(request->body, "{oeeii", &search->base, &search->scope, &aliases,
                     &search->size_limit, &time_limit) != LBER_ERROR &&
           ber_skip_element(request->body, &types_only) != LBER_DEFAULT &&
           ber_skip_raw(request->body, &search->filter) != LBER_DEFAULT &&
           read_attributes(request->body, search);
}

static void
search_free(struct search *search)
{
    for (size_t i = 0; search->attributes && search->attributes[i]; i++)
        ber_memfree(search->attributes[i]);
    free(search->attributes);
    ber_memfree(search->base.bv_val);
    free(search->found);
}

static void
find_all(const struct ad_request *request, struct search *search, const struct ad_entry *base)
{
    const struct ad_store *store = &request->server->store;
    struct berval unused;
    bool deleted_too = ad_control(request, SHOW_DELETED, &unused);

    search->found = calloc(store->count + 1, sizeof(struct ad_entry *));
    if (!search->found)
        abort();
    for (size_t i = 0; i < store->count; i++) {
        struct ad_entry *entry = store->entries[i];
        const char *comma = strchr(entry->key, ',');
        bool in = search->scope == LDAP_SCOPE_BASE ? entry == base
                  : search->scope == LDAP_SCOPE_ONELEVEL
                      ? comma && strcmp(comma + 1, base->key) == 0
                      : ad_is_below(entry->key, base->key);

        if (in && entry->configuration == base->configuration && (!entry->deleted || deleted_too) &&
            ad_filter_matches(entry, &search->filter))
            search->found[search->count++] = entry;
    }
}

static void
send_reference(const struct ad_request *request, const char *host, const char *rdn)
{
    BerElement *message = ber_alloc_t(LBER_USE_DER);
    char uri[1024];

    snprintf(uri, sizeof uri, "ldap://%s/%s,%s", host, rdn, request->server->store.base);
    ber_printf(message, "{it{s}}", request->number, LDAP_RES_SEARCH_REFERENCE, uri);
    ad_send(request, message);
}

/* To the other partitions, which Active Directory holds to be below the domain. */
static void
send_references(const struct ad_request *request, const struct search *search,
                const struct ad_entry *base)
{
    static const char *const partitions[PARTITIONS] = {"DC=ForestDnsZones", "DC=DomainDnsZones",
                                                       "CN=Configuration"};
    const struct ad_options *options = &request->server->options;
    struct berval unused;
    char host[256], rdn[256];

    if (!options->referrals || search->scope == LDAP_SCOPE_BASE ||
        strcmp(base->key, request->server->store.base_key) != 0 ||
        ad_control(request, LDAP_CONTROL_X_DOMAIN_SCOPE, &unused))
        return;
    for (int i = 0; i < PARTITIONS; i++)
        send_reference(request, options->host, partitions[i]);
    if (options->child) {
        snprintf(host, sizeof host, "%s.example.edu", options->child);
        snprintf(rdn, sizeof rdn, "DC=%s", options->child);
        send_reference(request, host, rdn);
    }
}

static void
send_some(const struct ad_request *request, const struct search *search, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ad_send_entry(request, search->found[i], search->attributes);
}

/* The pages of one search belong to one connection, and a new search ends the old one's. */
static void
page_begin(const struct ad_request *request, struct search *search)
{
    struct ad_paging *paging = &request->connection->paging;

    free(paging->left);
    *paging = (struct ad_paging){.left = search->found,
                                 .count = search->count,
                                 .number = ++request->server->cookies,
                                 .empty = request->server->options.empty_pages};
    search->found = NULL;
    search->count = 0;
}

static void
page_send(const struct ad_request *request, const struct search *search, unsigned size)
{
    const struct ad_options *options = &request->server->options;
    struct ad_paging *paging = &request->connection->paging;
    struct ad_result result = {.control = LDAP_CONTROL_PAGEDRESULTS};
    size_t most = size > options->page_size ? options->page_size : size, sent = 0;
    BerElement *value = ber_alloc_t(LBER_USE_DER);
    char cookie[32];

    if (paging->empty > 0)
        paging->empty--;
    else
        for (paging->empty = options->empty_pages; paging->at < paging->count && sent < most;
             sent++)
            ad_send_entry(request, paging->left[paging->at++], search->attributes);
    snprintf(cookie, sizeof cookie, "page-%u", paging->number);
    ber_printf(value, "{is}", 0, paging->at < paging->count ? cookie : "");
    ber_flatten2(value, &result.value, 0);
    ad_send_result(request, LDAP_RES_SEARCH_RESULT, &result);
    ber_free(value, 1);
}

/* To save memory: MaxResultSetSize. */
static bool
forgets(const struct ad_request *request)
{
    unsigned *after = &request->server->options.forget_pages;

    return *after > 0 && --*after == 0;
}

static void
search_paged(const struct ad_request *request, struct search *search, const struct ad_entry *base,
             const struct berval *control)
{
    const struct ad_paging *paging = &request->connection->paging;
    BerElement *ber = ad_reader(control);
    struct berval cookie = {0, NULL};
    char known[32];
    ber_int_t size = 0;

    ber_scanf(ber, "{io}", &size, &cookie);
    ber_free(ber, 1);
    snprintf(known, sizeof known, "page-%u", paging->number);
    if (cookie.bv_len == 0) {
        page_begin(request, search);
        send_references(request, search, base);
    }
    if (cookie.bv_len > 0 &&
        (!paging->left || strcmp(cookie.bv_val, known) != 0 || forgets(request))) {
        struct ad_result result = {0};

        ad_send_result(request, LDAP_RES_SEARCH_RESULT,
                       ad_result_set(&result, LDAP_UNAVAILABLE_CRITICAL_EXTENSION,
                                     "00000057: LdapErr: DSID-0C090753, comment: Error processing "
                                     "control, data 0, v4563"));
    } else {
        page_send(request, search, size > 0 ? (unsigned)size : 1);
    }
    ber_memfree(cookie.bv_val);
}

static void
search_at_once(const struct ad_request *request, struct search *search, const struct ad_entry *base)
{
    size_t most = request->server->options.page_size;
    struct ad_result result = {0};

    if (search->size_limit > 0 && (size_t)search->size_limit < most)
        most = (size_t)search->size_limit;
    send_some(request, search, search->count < most ? search->count : most);
    send_references(request, search, base);
    if (search->count > most)
        ad_result_set(&result, LDAP_SIZELIMIT_EXCEEDED, "%s", "");
    ad_send_result(request, LDAP_RES_SEARCH_RESULT, &result);
}

/* Where the base is none of ours. */
static void
refuse_base(const struct ad_request *request, const struct search *search)
{
    const struct ad_server *server = request->server;
    char *key = ad_key(search->base.bv_val), uri[1024];
    struct ad_result result = {0};

    if (!key) {
        ad_result_set(&result, LDAP_INVALID_DN_SYNTAX,
                      "0000208F: NameErr: DSID-03100225, problem 2006 (BAD_NAME), data 8350, best "
                      "match of:\n\t'%s'\n",
                      search->base.bv_val);
    } else if (!ad_is_below(key, server->store.base_key)) {
        snprintf(uri, sizeof uri, "ldap://elsewhere.example.edu/%s", search->base.bv_val);
        result.referral = uri;
        ad_result_set(&result, LDAP_REFERRAL,
                      "0000202B: RefErr: DSID-03100742, data 0, 1 access points\n\tref 1: "
                      "'elsewhere.example.edu'\n");
    } else {
        result.matched = server->store.base;
        ad_result_set(&result, LDAP_NO_SUCH_OBJECT,
                      "0000208D: NameErr: DSID-0310020A, problem 2001 (NO_OBJECT), data 0, best "
                      "match of:\n\t'%s'\n",
                      server->store.base);
    }
    ad_send_result(request, LDAP_RES_SEARCH_RESULT, &result);
    free(key);
}

/* Attributes that a domain controller works out for one object only. */
static bool
asks_for_base_only(const struct search *search)
{
    static const char *const names[] = {"tokenGroups", "tokenGroupsGlobalAndUniversal",
                                        "tokenGroupsNoGCAcceptable"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t a = 0; search->attributes && search->attributes[a]; a++)
            if (strcasecmp(search->attributes[a], names[i]) == 0)
                return search->scope != LDAP_SCOPE_BASE;
    return false;
}

static void
search_root(const struct ad_request *request, const struct search *search)
{
    struct ad_result result = {0};

    ad_send_root(request, search->attributes);
    ad_send_result(request, LDAP_RES_SEARCH_RESULT, &result);
}

static void
search_domain(const struct ad_request *request, struct search *search)
{
    const struct ad_entry *base = ad_find(&request->server->store, search->base.bv_val);
    struct berval control;
    struct ad_result result = {0};

    if (!request->connection->account)
        ad_send_result(request, LDAP_RES_SEARCH_RESULT,
                       ad_result_set(&result, LDAP_OPERATIONS_ERROR,
                                     "000004DC: LdapErr: DSID-0C0907E9, comment: In order to "
                                     "perform this operation a successful bind must be completed "
                                     "on the connection., data 0, v4563"));
    else if (!base)
        refuse_base(request, search);
    else if (asks_for_base_only(search))
        ad_send_result(request, LDAP_RES_SEARCH_RESULT,
                       ad_result_set(&result, LDAP_OPERATIONS_ERROR,
                                     "00002120: SvcErr: DSID-03140BE4, problem 5012 (DIR_ERROR), "
                                     "data 0"));
    else if (ad_control(request, DIRSYNC, &control))
        ad_dirsync(request, search->base.bv_val, &search->filter, search->attributes, &control);
    else {
        find_all(request, search, base);
        if (ad_control(request, LDAP_CONTROL_PAGEDRESULTS, &control))
            search_paged(request, search, base, &control);
        else
            search_at_once(request, search, base);
    }
}

void
ad_search(const struct ad_request *request)
{
    struct search search = {.attributes = NULL};
    struct ad_result result = {0};

    if (!read_search(request, &search))
        ad_send_result(request, LDAP_RES_SEARCH_RESULT,
                       ad_result_set(&result, LDAP_PROTOCOL_ERROR, "cannot be decoded"));
    else if (search.base.bv_len == 0 && search.scope == LDAP_SCOPE_BASE)
        search_root(request, &search);
    else
        search_domain(request, &search);
    search_free(&search);
}
