/* Signing in to the tests' Active Directory, and how it refuses: with a number in the text. */
#include "ad_server.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REFUSAL                                                                                    \
    "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data %s, v4563"

static bool
value_is(const struct ad_entry *entry, const char *name, const char *wanted)
{
    const struct ad_attribute *attribute = ad_get(entry, name);

    return attribute && strcasecmp(attribute->values[0].bv_val, wanted) == 0;
}

/* By DN, by user principal name, or as DOMAIN\user. */
static const struct ad_entry *
find_account(const struct ad_store *store, const char *name)
{
    const char *backslash = strchr(name, '\\');
    const struct ad_entry *entry = strchr(name, '=') ? ad_find(store, name) : NULL;

    for (size_t i = 0; i < store->count && !entry; i++)
        if (value_is(store->entries[i], "userPrincipalName", name) ||
            (backslash && value_is(store->entries[i], "sAMAccountName", backslash + 1)))
            entry = store->entries[i];
    return entry;
}

/* The attribute testRefusal of an account is the number with which it is refused. */
static void
log_in(const struct ad_request *request, const struct berval *name, const struct berval *password,
       struct ad_result *result)
{
    const struct ad_entry *entry = find_account(&request->server->store, name->bv_val);
    const struct ad_attribute *secret = entry ? ad_get(entry, "userPassword") : NULL,
                              *refusal = entry ? ad_get(entry, "testRefusal") : NULL;

    if (request->server->options.need_signing)
        ad_result_set(result, LDAP_STRONG_AUTH_REQUIRED,
                      "00002028: LdapErr: DSID-0C090202, comment: The server requires binds to "
                      "turn on integrity checking if SSL\\TLS are not already active on the "
                      "connection, data 0, v4563");
    else if (!entry)
        ad_result_set(result, LDAP_INVALID_CREDENTIALS, REFUSAL, "525");
    else if (!secret || secret->values[0].bv_len != password->bv_len ||
             memcmp(secret->values[0].bv_val, password->bv_val, password->bv_len) != 0)
        ad_result_set(result, LDAP_INVALID_CREDENTIALS, REFUSAL, "52e");
    else if (refusal)
        ad_result_set(result, LDAP_INVALID_CREDENTIALS, REFUSAL, refusal->values[0].bv_val);
    else
        request->connection->account = strdup(name->bv_val);
}

void
ad_bind(const struct ad_request *request)
{
    struct berval name = {0, NULL}, password = {0, NULL};
    struct ad_result result = {0};
    ber_int_t version;
    ber_len_t length;

    free(request->connection->account);
    request->connection->account = NULL;
    if (ber_scanf(request->body, "{io", &version, &name) == LBER_ERROR)
        ad_result_set(&result, LDAP_PROTOCOL_ERROR, "cannot be decoded");
    else if (ber_peek_tag(request->body, &length) != LDAP_AUTH_SIMPLE)
        ad_result_set(&result, LDAP_AUTH_METHOD_NOT_SUPPORTED,
                      "00002027: LdapErr: DSID-0C0905E2, comment: Invalid Authentication method, "
                      "data 0, v4563");
    else if (ber_scanf(request->body, "o", &password) != LBER_ERROR && password.bv_len > 0)
        log_in(request, &name, &password, &result);
    ad_send_result(request, LDAP_RES_BIND, &result);
    ber_memfree(name.bv_val);
    ber_memfree(password.bv_val);
}
