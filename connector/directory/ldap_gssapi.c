#include "directory/ldap_gssapi.h"

#include "base/secret.h"
#include "directory/kerberos.h"
#include "directory/kerberos_error.h"
#include "directory/ldap_socket.h"
#include "directory/shown.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <sasl/sasl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    /* Strength by which SASL tells encryption from mere integrity (1): that of the weakest kind. */
    SEALED_STRENGTH = 56,
    SOON_SECONDS = 3600
};

static const char mechanism[] = "GSSAPI";
static const char sealed[] =
    "noplain,noanonymous,minssf=56,maxssf=2147483647,maxbufsize=65536"; /* SEALED_STRENGTH */
static const char inside_tls[] = "noplain,noanonymous,minssf=0,maxssf=0,maxbufsize=65536";
static const char doing[] = "cannot log in by GSSAPI to";

struct ticket {
    gss_cred_id_t credentials;
    bool taken; /* else SASL would have used whatever this user has */
};

static bool
has_mechanism(void)
{
    char **known = NULL; /* of Cyrus SASL, not to be freed */

    if (ldap_get_option(NULL, LDAP_OPT_X_SASL_MECHLIST, &known) != LDAP_OPT_SUCCESS)
        return false;
    while (known && *known && strcmp(*known, mechanism) != 0)
        known++;
    return known && *known;
}

/* A cache that is no file has no mode, and whether there is a ticket at all Kerberos knows better.
 */
static bool
check_cache(const char *name, struct error *err)
{
    static const char file[] = "FILE:";
    const char *path = strncmp(name, file, sizeof file - 1) == 0 ? name + sizeof file - 1 : name;

    return strchr(path, ':') || access(path, F_OK) != 0 ||
           secret_check_file(path, "the ticket", err);
}

bool
ldap_gssapi_check(const struct ldap_options *options, struct error *err)
{
    if (!has_mechanism()) {
        error_set(err, ERROR_CONFIG,
                  "directory.bind.method is gssapi, but the SASL library of "
                  "this machine has no module for it");
        return error_hint(err, "Install it: libsasl2-modules-gssapi-mit (Debian, Ubuntu), "
                               "cyrus-sasl-gssapi (Red Hat, SUSE).");
    }
    if (options->keytab)
        return secret_check_file(options->keytab, "the keytab", err);
    return !options->ticket_cache || check_cache(options->ticket_cache, err);
}

static enum ldap_attempt
take_credentials(const struct kerberos *kerberos, gss_cred_id_t *ret_credentials, struct error *err)
{
    gss_key_value_element_desc element = {"ccache", kerberos_cache(kerberos)};
    const gss_key_value_set_desc store = {1, &element};
    gss_OID_set_desc mechanisms = {1, (gss_OID)gss_mech_krb5};
    OM_uint32 minor, major;

    major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms,
                                  GSS_C_INITIATE, &store, ret_credentials, NULL, NULL);
    if (!GSS_ERROR(major))
        return LDAP_ATTEMPT_DONE;
    error_set(err, ERROR_INTERNAL, "GSSAPI does not take the tickets of '%s' (%u, %u)",
              kerberos_principal(kerberos), (unsigned)major, (unsigned)minor);
    return LDAP_ATTEMPT_FAILED;
}

/* Called back before the first token is made, when libldap has its SASL handle: the one moment when
 * this takes credentials. To be somebody else than the ticket says is not asked for. */
static int
answer_prompts(LDAP *ld, unsigned flags, void *context, void *prompts)
{
    struct ticket *ticket = context;

    (void)flags;
    for (sasl_interact_t *prompt = prompts; prompt->id != SASL_CB_LIST_END; prompt++) {
        prompt->result = "";
        prompt->len = 0;
    }
    ticket->taken =
        ldap_set_option(ld, LDAP_OPT_X_SASL_GSS_CREDS, ticket->credentials) == LDAP_OPT_SUCCESS;
    return ticket->taken ? LDAP_SUCCESS : LDAP_LOCAL_ERROR;
}

/* All of them, as ldap.conf(5) and the environment may have said other ones. */
static bool
set_options(const struct ldap_session *session)
{
    const int binding = LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT;
    const char *properties = session->encryption == LDAP_SEALED ? sealed : inside_tls;
    LDAP *ld = session->ld;

    return ldap_set_option(ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_SASL_CBINDING, &binding) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_SASL_SECPROPS, properties) == LDAP_OPT_SUCCESS;
}

/* What Cyrus SASL says of itself begins "SASL(-1): generic failure: …". */
static enum ldap_attempt
refuse(struct ldap_session *session, int result, struct error *err)
{
    bool in_tls = session->encryption != LDAP_SEALED;
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    char *said = NULL;

    ldap_get_option(session->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
    if (result > 0 || !said || ldap_socket_trouble(session->socket)) {
        attempt = ldap_session_fail(session, result, doing, err);
    } else {
        error_set(err, ERROR_PERMISSION, "%s '%s': %s", doing, session->uri,
                  shown(slice_of(said)).text);
        error_hint(err, "The login is not tried again.");
    }
    if (kerberos_error_hint(said))
        error_hint(err, "%s", kerberos_error_hint(said));
    else if (in_tls && (result == LDAP_STRONG_AUTH_REQUIRED || result == LDAP_UNWILLING_TO_PERFORM))
        error_hint(err, "The server takes no GSSAPI inside of TLS (Samba: 'ldap server require "
                        "strong auth = allow_sasl_over_tls'). Set directory.tls.mode to none and "
                        "an ldap:// URI: GSSAPI then encrypts by itself.");
    ldap_memfree(said);
    return attempt;
}

/* A server that ends the exchange early with success is none to be believed: libldap would then go
 * on in the clear. */
static enum ldap_attempt
confirm(struct ldap_session *session, const struct ticket *ticket, struct error *err)
{
    ber_len_t strength = 0;

    if (session->encryption == LDAP_SEALED)
        ldap_get_option(session->ld, LDAP_OPT_X_SASL_SSF, &strength);
    if (ticket->taken && (session->encryption != LDAP_SEALED || strength >= SEALED_STRENGTH))
        return LDAP_ATTEMPT_DONE;
    ldap_socket_break(session->socket);
    error_set(err, ERROR_PERMISSION, "%s '%s': %s", doing, session->uri,
              ticket->taken ? "it does not encrypt" : "SASL did not ask for the ticket");
    return LDAP_ATTEMPT_FAILED;
}

static enum ldap_attempt
exchange(struct ldap_session *session, struct ticket *ticket, struct error *err)
{
    struct ldap_request request = {-1, LDAP_MSG_ALL, doing};
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    const char *chosen = NULL;
    LDAPMessage *message = NULL;
    int result;

    do {
        result =
            ldap_sasl_interactive_bind(session->ld, NULL, mechanism, NULL, NULL, LDAP_SASL_QUIET,
                                       answer_prompts, ticket, message, &chosen, &request.id);
        ldap_msgfree(message);
        message = NULL;
        if (result == LDAP_SASL_BIND_IN_PROGRESS)
            attempt = ldap_session_receive(session, &request, &message, err);
    } while (result == LDAP_SASL_BIND_IN_PROGRESS && attempt == LDAP_ATTEMPT_DONE);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    return result == LDAP_SUCCESS ? confirm(session, ticket, err) : refuse(session, result, err);
}

static void
tell_end(const struct ldap_session *session, const struct kerberos *kerberos)
{
    time_t end = kerberos_end(kerberos);
    struct tm parts;
    char text[32];

    if (session->options->keytab || end - time(NULL) >= SOON_SECONDS || !gmtime_r(&end, &parts) ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        return;
    message_say(session->messenger, MESSAGE_WARNING,
                "the ticket of '%s' ends at %s UTC, and no later one could be had",
                kerberos_principal(kerberos), text);
}

enum ldap_attempt
ldap_gssapi_bind(struct ldap_session *session, struct error *err)
{
    struct kerberos_request request = {.keytab = session->options->keytab,
                                       .principal = session->options->principal,
                                       .cache = session->options->ticket_cache};
    struct ticket ticket = {GSS_C_NO_CREDENTIAL, false};
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    struct kerberos *kerberos = NULL;
    LDAPURLDesc *url = NULL;
    OM_uint32 minor;

    /* ldap_session_check() has read it already. */
    if (ldap_url_parse(session->uri, &url) != LDAP_URL_SUCCESS || !set_options(session)) {
        error_set(err, ERROR_INTERNAL, "libldap does not take the options for '%s'", session->uri);
        goto done;
    }
    request.host = url->lud_host;
    attempt = kerberos_open(&request, &kerberos, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = take_credentials(kerberos, &ticket.credentials, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = exchange(session, &ticket, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        goto done;
    snprintf(session->login, sizeof session->login, "by GSSAPI as '%s'",
             kerberos_principal(kerberos));
    tell_end(session, kerberos);
done:
    gss_release_cred(&minor, &ticket.credentials);
    kerberos_close(kerberos);
    ldap_free_urldesc(url);
    return attempt;
}
