/* Adding, modifying, renaming and deleting entries of the tests' Active Directory. */
#include "ad_server.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS_TO_RESPONSES = 1 }; /* by their tags: add is 0x68, its response 0x69 */

static void
refuse_missing(struct ad_result *result, const char *dn)
{
    ad_result_set(result, LDAP_NO_SUCH_OBJECT,
                  "0000208D: NameErr: DSID-0310028B, problem 2001 (NO_OBJECT), data 0, best match "
                  "of:\n\t'%s'\n",
                  dn);
}

/* A list of attributes or modifications, inside its element: { name, SET OF value }. */
static void
put_all(struct ad_store *store, struct ad_entry *entry, BerElement *list, const char *operation)
{
    struct berval name, set, value;
    bool any = false;

    if (ber_scanf(list, "{o", &name) == LBER_ERROR || ber_skip_element(list, &set) == LBER_DEFAULT)
        return;
    if (strcmp(operation, "replace") == 0)
        ad_take(store, entry, name.bv_val, NULL);
    if (set.bv_len > 0) {
        BerElement *values = ad_reader(&set);

        for (; ber_scanf(values, "o", &value) != LBER_ERROR; any = true) {
            if (strcmp(operation, "delete") == 0)
                ad_take(store, entry, name.bv_val, &value);
            else
                ad_put(store, entry, name.bv_val, &value);
            ber_memfree(value.bv_val);
        }
        ber_free(values, 1);
    }
    if (!any && strcmp(operation, "delete") == 0)
        ad_take(store, entry, name.bv_val, NULL);
    ber_memfree(name.bv_val);
}

static void
add(const struct ad_request *request, struct ad_result *result)
{
    struct ad_store *store = &request->server->store;
    struct berval dn = {0, NULL}, list, part;
    struct ad_entry *entry;

    if (ber_scanf(request->body, "{o", &dn) == LBER_ERROR ||
        ber_skip_element(request->body, &list) == LBER_DEFAULT) {
        ad_result_set(result, LDAP_PROTOCOL_ERROR, "cannot be decoded");
    } else if (ad_find(store, dn.bv_val)) {
        ad_result_set(result, LDAP_ALREADY_EXISTS,
                      "00002071: UpdErr: DSID-03050328, problem 6005 (ENTRY_EXISTS), data 0");
    } else {
        BerElement *all = ad_reader(&list);

        entry = ad_add(store, dn.bv_val);
        while (ber_skip_raw(all, &part) != LBER_DEFAULT) {
            BerElement *one = ad_reader(&part);

            put_all(store, entry, one, "add");
            ber_free(one, 1);
        }
        ber_free(all, 1);
        ad_commit(store, entry);
    }
    ber_memfree(dn.bv_val);
}

static void
modify(const struct ad_request *request, struct ad_result *result)
{
    static const char *const operations[] = {"add", "delete", "replace"};
    struct ad_store *store = &request->server->store;
    struct berval dn = {0, NULL}, list, part;
    struct ad_entry *entry;
    ber_int_t operation;

    if (ber_scanf(request->body, "{o", &dn) == LBER_ERROR ||
        ber_skip_element(request->body, &list) == LBER_DEFAULT) {
        ad_result_set(result, LDAP_PROTOCOL_ERROR, "cannot be decoded");
    } else if (!(entry = ad_find(store, dn.bv_val))) {
        refuse_missing(result, store->base);
    } else {
        BerElement *all = ad_reader(&list);

        while (ber_skip_raw(all, &part) != LBER_DEFAULT) {
            BerElement *one = ad_reader(&part);

            if (ber_scanf(one, "{e", &operation) != LBER_ERROR && operation >= 0 && operation < 3)
                put_all(store, entry, one, operations[operation]);
            ber_free(one, 1);
        }
        ber_free(all, 1);
        ad_commit(store, entry);
    }
    ber_memfree(dn.bv_val);
}

static void
rename_entry(const struct ad_request *request, struct ad_result *result)
{
    struct ad_store *store = &request->server->store;
    struct berval dn = {0, NULL}, rdn = {0, NULL}, above = {0, NULL};
    struct ad_entry *entry;
    ber_int_t delete_old;
    char name[2048];

    if (ber_scanf(request->body, "{oob", &dn, &rdn, &delete_old) == LBER_ERROR) {
        ad_result_set(result, LDAP_PROTOCOL_ERROR, "cannot be decoded");
    } else if (!(entry = ad_find(store, dn.bv_val))) {
        refuse_missing(result, store->base);
    } else {
        ber_len_t length;
        const char *comma = strchr(entry->dn, ',');

        if (ber_peek_tag(request->body, &length) == LDAP_TAG_NEWSUPERIOR)
            ber_scanf(request->body, "o", &above);
        snprintf(name, sizeof name, "%s,%s", rdn.bv_val,
                 above.bv_val ? above.bv_val : (comma ? comma + 1 : ""));
        ad_rename(store, entry, name);
    }
    ber_memfree(dn.bv_val);
    ber_memfree(rdn.bv_val);
    ber_memfree(above.bv_val);
}

static void
delete_entry(const struct ad_request *request, struct ad_result *result)
{
    struct ad_store *store = &request->server->store;
    struct berval dn = {0, NULL};
    struct ad_entry *entry = NULL;

    if (ber_scanf(request->body, "o", &dn) != LBER_ERROR)
        entry = ad_find(store, dn.bv_val);
    if (entry)
        ad_delete(store, entry);
    else
        refuse_missing(result, store->base);
    ber_memfree(dn.bv_val);
}

void
ad_change(const struct ad_request *request)
{
    struct ad_result result = {0};
    ber_tag_t response =
        request->kind == LDAP_REQ_DELETE ? LDAP_RES_DELETE : request->kind + REQUESTS_TO_RESPONSES;

    if (!request->connection->account)
        ad_result_set(&result, LDAP_INSUFFICIENT_ACCESS,
                      "00000005: SecErr: DSID-031A11ED, problem 4003 "
                      "(INSUFF_ACCESS_RIGHTS), data 0");
    else if (request->kind == LDAP_REQ_ADD)
        add(request, &result);
    else if (request->kind == LDAP_REQ_MODIFY)
        modify(request, &result);
    else if (request->kind == LDAP_REQ_MODRDN)
        rename_entry(request, &result);
    else
        delete_entry(request, &result);
    ad_send_result(request, response, &result);
}
