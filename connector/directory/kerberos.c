#include "directory/kerberos.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/file.h"
#include "directory/kerberos_error.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RENEW_SECONDS = 3600 }; /* so long before its end a ticket is renewed */

struct kerberos {
    krb5_context context;
    krb5_ccache cache;
    krb5_principal client;
    char *cache_name, *client_name;
    time_t end;
};

/* Its 32 bits are without sign, so that they reach beyond 2038. */
static time_t
time_of(krb5_timestamp at)
{
    return (time_t)(uint32_t)at;
}

static enum ldap_attempt
fail(const struct kerberos *kerberos, const struct kerberos_request *request, krb5_error_code code,
     struct error *err)
{
    if (request->keytab)
        return kerberos_error_set(err, kerberos->context, code,
                                  "cannot get a ticket for '%s' by the keytab '%s'",
                                  request->principal, request->keytab);
    if (request->cache)
        return kerberos_error_set(err, kerberos->context, code, "cannot use the ticket cache '%s'",
                                  request->cache);
    return kerberos_error_set(err, kerberos->context, code,
                              "cannot use the ticket cache of this user ('%s')",
                              krb5_cc_default_name(kerberos->context));
}

/* Takes the ticket-granting ticket over into the cache in memory. */
static krb5_error_code
keep_ticket(struct kerberos *kerberos, krb5_creds *ticket)
{
    krb5_error_code code = krb5_cc_initialize(kerberos->context, kerberos->cache, kerberos->client);

    if (code == 0)
        code = krb5_cc_store_cred(kerberos->context, kerberos->cache, ticket);
    if (code == 0)
        kerberos->end = time_of(ticket->times.endtime);
    return code;
}

static krb5_error_code
take_keytab(struct kerberos *kerberos, const struct kerberos_request *request)
{
    krb5_context context = kerberos->context;
    krb5_keytab keytab = NULL;
    krb5_keytab_entry entry = {0};
    krb5_creds ticket = {0};
    krb5_error_code code;
    struct buffer name = BUFFER_INIT;

    buffer_format(&name, "FILE:%s", request->keytab);
    code = krb5_parse_name(context, request->principal, &kerberos->client);
    if (code == 0)
        code = krb5_kt_resolve(context, name.data, &keytab);
    /* Later the same trouble would look like one of the KDC. */
    if (code == 0)
        code = krb5_kt_get_entry(context, keytab, kerberos->client, 0, 0, &entry);
    if (code == 0)
        code =
            krb5_get_init_creds_keytab(context, &ticket, kerberos->client, keytab, 0, NULL, NULL);
    if (code == 0)
        code = keep_ticket(kerberos, &ticket);
    krb5_free_keytab_entry_contents(context, &entry);
    krb5_free_cred_contents(context, &ticket);
    if (keytab)
        krb5_kt_close(context, keytab);
    buffer_free(&name);
    return code;
}

/* The ticket-granting ticket of the client's own realm. */
static krb5_error_code
find_ticket(const struct kerberos *kerberos, krb5_ccache cache, krb5_creds *ret_ticket)
{
    const krb5_data *realm = &kerberos->client->realm;
    krb5_creds sought = {.client = kerberos->client};
    krb5_error_code code =
        krb5_build_principal(kerberos->context, &sought.server, realm->length, realm->data,
                             KRB5_TGS_NAME, realm->data, (char *)NULL);

    if (code != 0)
        return code;
    code = krb5_cc_retrieve_cred(kerberos->context, cache, 0, &sought, ret_ticket);
    krb5_free_principal(kerberos->context, sought.server);
    return code;
}

/* Where that is refused, the ticket is used as it is. */
static void
renew(struct kerberos *kerberos)
{
    krb5_creds ticket = {0};

    if (krb5_get_renewed_creds(kerberos->context, &ticket, kerberos->client, kerberos->cache,
                               NULL) == 0)
        (void)keep_ticket(kerberos, &ticket);
    krb5_free_cred_contents(kerberos->context, &ticket);
}

static krb5_error_code
take_cache(struct kerberos *kerberos, const struct kerberos_request *request)
{
    krb5_context context = kerberos->context;
    krb5_ccache cache = NULL;
    krb5_creds ticket = {0};
    time_t now = time(NULL);
    krb5_error_code code;

    code = request->cache ? krb5_cc_resolve(context, request->cache, &cache)
                          : krb5_cc_default(context, &cache);
    if (code == 0)
        code = krb5_cc_get_principal(context, cache, &kerberos->client);
    if (code == 0)
        code = find_ticket(kerberos, cache, &ticket);
    if (code == 0)
        code = keep_ticket(kerberos, &ticket);
    if (code == 0 && kerberos->end <= now)
        code = KRB5KRB_AP_ERR_TKT_EXPIRED;
    else if (code == 0 && kerberos->end - now < RENEW_SECONDS &&
             time_of(ticket.times.renew_till) > kerberos->end)
        renew(kerberos);
    krb5_free_cred_contents(context, &ticket);
    if (cache)
        krb5_cc_close(context, cache);
    return code;
}

/* ldap/HOST, of the realm that krb5.conf has for the host; else of the one that the KDC finds. */
static krb5_error_code
name_service(const struct kerberos *kerberos, const char *host, krb5_principal *ret_service)
{
    char *name = memory_alloc(strlen(host) + 1), **realms = NULL;
    krb5_error_code code;
    size_t length = 0;

    for (; host[length]; length++)
        name[length] = (char)tolower((unsigned char)host[length]);
    if (length > 0 && name[length - 1] == '.')
        length--;
    name[length] = '\0';
    code = krb5_get_host_realm(kerberos->context, name, &realms);
    if (code == 0)
        code = krb5_build_principal(kerberos->context, ret_service, (unsigned)strlen(realms[0]),
                                    realms[0], "ldap", name, (char *)NULL);
    if (code == 0)
        (*ret_service)->type = KRB5_NT_SRV_INST;
    krb5_free_host_realm(kerberos->context, realms);
    free(name);
    return code;
}

/* GSSAPI asks for the service by the name that DNS makes of the host at that moment. So the ticket
 * is kept under the name that DNS makes of it now, too, and all other tickets go: whatever DNS says
 * next, no ticket for another service can be had. */
static krb5_error_code
keep_only(struct kerberos *kerberos, const char *host, krb5_creds *ticket)
{
    krb5_context context = kerberos->context;
    krb5_principal own = ticket->server, alias = NULL;
    krb5_error_code code = krb5_cc_initialize(context, kerberos->cache, kerberos->client);

    if (code == 0)
        code = krb5_cc_store_cred(context, kerberos->cache, ticket);
    if (code == 0)
        code = krb5_sname_to_principal(context, host, "ldap", KRB5_NT_SRV_HST, &alias);
    if (code == 0 && !krb5_principal_compare(context, own, alias)) {
        ticket->server = alias;
        code = krb5_cc_store_cred(context, kerberos->cache, ticket);
        ticket->server = own;
    }
    krb5_free_principal(context, alias);
    return code;
}

static enum ldap_attempt
get_service_ticket(struct kerberos *kerberos, const char *host, struct error *err)
{
    krb5_context context = kerberos->context;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    krb5_creds sought = {.client = kerberos->client}, *ticket = NULL;
    krb5_error_code code = name_service(kerberos, host, &sought.server);

    if (code == 0)
        code = krb5_get_credentials(context, 0, kerberos->cache, &sought, &ticket);
    if (code == 0)
        code = keep_only(kerberos, host, ticket);
    if (code != 0)
        attempt = kerberos_error_set(err, context, code,
                                     "cannot get a ticket for the service 'ldap/%s'", host);
    krb5_free_creds(context, ticket);
    krb5_free_principal(context, sought.server);
    return attempt;
}

enum ldap_attempt
kerberos_open(const struct kerberos_request *request, struct kerberos **ret_kerberos,
              struct error *err)
{
    struct kerberos *kerberos = memory_zero(1, sizeof *kerberos);
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    krb5_error_code code = krb5_init_context(&kerberos->context);

    *ret_kerberos = NULL;
    if (code != 0) {
        attempt = kerberos_error_set(err, NULL, code, "cannot set up Kerberos");
        goto done;
    }
    code = krb5_cc_new_unique(kerberos->context, "MEMORY", NULL, &kerberos->cache);
    if (code == 0)
        code = request->keytab ? take_keytab(kerberos, request) : take_cache(kerberos, request);
    if (code == 0)
        code = krb5_unparse_name(kerberos->context, kerberos->client, &kerberos->client_name);
    if (code == 0)
        code = krb5_cc_get_full_name(kerberos->context, kerberos->cache, &kerberos->cache_name);
    attempt = code == 0 ? get_service_ticket(kerberos, request->host, err)
                        : fail(kerberos, request, code, err);
done:
    if (attempt == LDAP_ATTEMPT_DONE)
        *ret_kerberos = kerberos;
    else
        kerberos_close(kerberos);
    return attempt;
}

const char *
kerberos_cache(const struct kerberos *kerberos)
{
    return kerberos->cache_name;
}

const char *
kerberos_principal(const struct kerberos *kerberos)
{
    return kerberos->client_name;
}

time_t
kerberos_end(const struct kerberos *kerberos)
{
    return kerberos->end;
}

/* "FILE:PATH" or a path alone; "DIR:PATH", or "DIR::PATH" of one cache in it. */
static char *
folder_of(const char *cache, struct arena *arena)
{
    const char *path = strchr(cache, '/');
    bool is_folder = strncmp(cache, "DIR:", 4) == 0 && cache + 4 == path;

    if (!path ||
        (path != cache && strncmp(cache, "FILE:", 5) != 0 && strncmp(cache, "DIR:", 4) != 0))
        return NULL;
    return is_folder ? arena_string(arena, path) : file_folder(arena, path);
}

char *
kerberos_cache_folder(const char *cache, struct arena *arena)
{
    krb5_context context = NULL;
    char *folder = NULL;

    if (cache)
        return folder_of(cache, arena);
    if (krb5_init_context(&context) == 0 && krb5_cc_default_name(context))
        folder = folder_of(krb5_cc_default_name(context), arena);
    krb5_free_context(context);
    return folder;
}

void
kerberos_close(struct kerberos *kerberos)
{
    if (!kerberos)
        return;
    if (kerberos->context) {
        krb5_free_string(kerberos->context, kerberos->cache_name);
        krb5_free_unparsed_name(kerberos->context, kerberos->client_name);
        krb5_free_principal(kerberos->context, kerberos->client);
        if (kerberos->cache)
            krb5_cc_destroy(kerberos->context, kerberos->cache);
        krb5_free_context(kerberos->context);
    }
    free(kerberos);
}
