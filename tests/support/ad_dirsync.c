/* DirSync ([MS-ADTS] 3.1.1.3.4.1.3): the entries of a partition that changed since the cookie, in
 * the order of their changes, as many a round as the options say. The cookie is
 * "MSDS", the invocation id, the number of the last change that was sent whole, and how many
 * attributes of the next entry were sent already. */
#include "ad_filter.h"
#include "ad_server.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIRSYNC "1.2.840.113556.1.4.841"

enum { OBJECT_SECURITY = 1, COOKIE_BYTES = 128, ATTRIBUTES_MOST = 512 };

struct round {
    const struct ad_request *request;
    char *const *attributes;
    uint64_t since; /* of the last whole answer: what is newer is sent */
    uint64_t sent;  /* of this answer */
    unsigned skip;  /* attributes of the next entry */
    int more;
};

static int
by_usn(const void *one, const void *other)
{
    const struct ad_entry *a = *(struct ad_entry *const *)one,
                          *b = *(struct ad_entry *const *)other;

    return (a->usn > b->usn) - (a->usn < b->usn);
}

/* Back links and what each controller has for itself are not; what comes in any case counts as
 * such. */
static bool
is_replicated(const char *name)
{
    static const char *const others[] = {"memberOf",          "objectGUID", "instanceType",
                                         "distinguishedName", "uSNChanged", "uSNCreated",
                                         "whenChanged"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcasecmp(name, others[i]) == 0)
            return false;
    return true;
}

/* Which attributes of the entry changed since then. Where none of those that are asked for did, the
 * entry is not sent. */
static size_t
changed_attributes(const struct round *round, const struct ad_entry *entry,
                   const struct ad_attribute **ret_list)
{
    size_t count = 0;

    for (size_t i = 0; i < entry->count && count < ATTRIBUTES_MOST; i++) {
        const struct ad_attribute *attribute = &entry->attributes[i];

        if (attribute->usn > round->since && is_replicated(attribute->name) &&
            ad_is_asked(round->attributes, attribute->name))
            ret_list[count++] = attribute;
    }
    return count;
}

static void
put(BerElement *message, const struct ad_attribute *attribute)
{
    ber_printf(message, "{s[", attribute->name);
    for (size_t i = 0; i < attribute->count; i++)
        ber_printf(message, "O", &attribute->values[i]);
    ber_printf(message, "]}");
}

/* False: attributes of the entry are left for the next round. */
static bool
send_entry(struct round *round, const struct ad_entry *entry)
{
    const struct ad_attribute *list[ATTRIBUTES_MOST];
    size_t count = changed_attributes(round, entry, list), last = count;
    unsigned most = round->request->server->options.dirsync_attributes;
    BerElement *message = ber_alloc_t(LBER_USE_DER);

    if (most > 0 && count > round->skip + most)
        last = round->skip + most;
    ber_printf(message, "{it{s{", round->request->number, LDAP_RES_SEARCH_ENTRY, entry->dn);
    put(message, ad_get(entry, "objectGUID"));
    put(message, ad_get(entry, "instanceType"));
    for (size_t i = round->skip; i < last; i++)
        put(message, list[i]);
    ber_printf(message, "}}}");
    ad_send(round->request, message);
    round->skip = last < count ? (unsigned)last : 0;
    return last == count;
}

static void
send_round(struct round *round, const struct berval *filter, const char *base_key)
{
    const struct ad_store *store = &round->request->server->store;
    const struct ad_attribute *list[ATTRIBUTES_MOST];
    struct ad_entry **entries = calloc(store->count + 1, sizeof(struct ad_entry *));
    unsigned most = round->request->server->options.dirsync_objects, objects = 0;

    if (!entries)
        abort();
    memcpy(entries, store->entries, store->count * sizeof(struct ad_entry *));
    qsort(entries, store->count, sizeof(struct ad_entry *), by_usn);
    for (size_t i = 0; i < store->count && !round->more; i++) {
        const struct ad_entry *entry = entries[i];

        if (entry->usn <= round->sent)
            continue;
        if (most > 0 && objects == most) {
            round->more = 1;
            break;
        }
        if (!entry->configuration && ad_is_below(entry->key, base_key) &&
            ad_filter_matches(entry, filter) && changed_attributes(round, entry, list) > 0) {
            objects++;
            round->more = !send_entry(round, entry);
        }
        if (!round->more)
            round->sent = entry->usn;
    }
    if (!round->more)
        round->since = round->sent = store->usn;
    free(entries);
}

static void
send_done(const struct round *round)
{
    const struct ad_request *request = round->request;
    struct ad_result result = {.control = DIRSYNC};
    BerElement *value = ber_alloc_t(LBER_USE_DER);
    char cookie[COOKIE_BYTES];
    struct berval bytes = {0, cookie};

    bytes.bv_len = (ber_len_t)snprintf(
        cookie, sizeof cookie, "MSDS%s %llu %llu %u", request->server->options.invocation,
        (unsigned long long)round->since, (unsigned long long)round->sent, round->skip);
    ber_printf(value, "{iiO}", round->more, 0, &bytes);
    ber_flatten2(value, &result.value, 0);
    ad_send_result(request, LDAP_RES_SEARCH_RESULT, &result);
    ber_free(value, 1);
}

static bool
read_cookie(struct round *round, const struct berval *cookie)
{
    unsigned long long since, sent;
    char invocation[33];

    if (cookie->bv_len == 0)
        return true;
    if (sscanf(cookie->bv_val, "MSDS%32s %llu %llu %u", invocation, &since, &sent, &round->skip) !=
            4 ||
        strcmp(invocation, round->request->server->options.invocation) != 0)
        return false;
    round->since = since;
    round->sent = sent;
    return sent <= round->request->server->store.usn;
}

static void
refuse(const struct ad_request *request, int code, const char *number)
{
    struct ad_result result = {0};

    ad_send_result(request, LDAP_RES_SEARCH_RESULT,
                   ad_result_set(&result, code,
                                 "%s: LdapErr: DSID-0C0907BC, comment: Error processing control, "
                                 "data 0, v4563",
                                 number));
}

void
ad_dirsync(const struct ad_request *request, const char *base, const struct berval *filter,
           char *const *attributes, const struct berval *control)
{
    struct round round = {.request = request, .attributes = attributes};
    struct berval cookie = {0, NULL};
    BerElement *ber = ad_reader(control);
    ber_int_t flags = 0, bytes;
    char *key = ad_key(base);

    if (ber_scanf(ber, "{iio}", &flags, &bytes, &cookie) == LBER_ERROR ||
        !read_cookie(&round, &cookie))
        refuse(request, LDAP_PROTOCOL_ERROR, "0000203D");
    else if (!key || strcmp(key, request->server->store.base_key) != 0)
        refuse(request, LDAP_UNWILLING_TO_PERFORM, "00002035");
    else if (!request->server->options.replication_right && !(flags & OBJECT_SECURITY))
        refuse(request, LDAP_INSUFFICIENT_ACCESS, "00002105");
    else {
        send_round(&round, filter, key);
        send_done(&round);
    }
    ber_free(ber, 1);
    ber_memfree(cookie.bv_val);
    free(key);
}
