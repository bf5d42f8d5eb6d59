#include "directory/ldap_login.h"

#include "base/secret.h"
#include "directory/ldap_gssapi.h"

#include <stdio.h>

static bool
check_simple(const struct ldap_options *options, struct error *err)
{
    struct secret password;

    if (!options->bind_dn || !options->bind_dn[0])
        return error_set(err, ERROR_CONFIG, "directory.bind.dn is empty");
    if (!secret_load(&options->password, "the password of the directory", &password, err))
        return false;
    secret_wipe(&password);
    return true;
}

static bool
check_external(const struct ldap_options *options, bool socket_file, struct error *err)
{
    if (options->tls_cert_file || socket_file)
        return true;
    error_set(err, ERROR_CONFIG,
              "directory.bind.method is external, but there is no client certificate");
    return error_hint(err, "Set directory.tls.cert_file and key_file.");
}

static bool
check_gssapi(const struct ldap_options *options, bool socket_file, struct error *err)
{
    if (!socket_file)
        return ldap_gssapi_check(options, err);
    error_set(err, ERROR_CONFIG, "directory.bind.method is gssapi, but a socket file has no host");
    return error_hint(err, "Log in by the method external there.");
}

bool
ldap_login_check(const struct ldap_options *options, bool socket_file, struct error *err)
{
    switch (options->bind_method) {
    case LDAP_BIND_SIMPLE:
        return check_simple(options, err);
    case LDAP_BIND_EXTERNAL:
        return check_external(options, socket_file, err);
    case LDAP_BIND_ANONYMOUS:
        return true;
    case LDAP_BIND_GSSAPI:
        return check_gssapi(options, socket_file, err);
    }
    return error_set(err, ERROR_INTERNAL, "unknown way to log in");
}

static enum ldap_attempt
bind_simple(struct ldap_session *session, struct error *err)
{
    const char *dn = session->options->bind_dn;
    struct secret password;
    struct berval credential;
    char doing[512];
    int request = -1, sent;

    if (!secret_load(&session->options->password, "the password of the directory", &password, err))
        return LDAP_ATTEMPT_FAILED;
    credential = (struct berval){password.length, password.data};
    sent = ldap_sasl_bind(session->ld, dn, LDAP_SASL_SIMPLE, &credential, NULL, NULL, &request);
    secret_wipe(&password);
    snprintf(doing, sizeof doing, "cannot log in as '%s' to", dn);
    snprintf(session->login, sizeof session->login, "as '%s'", dn);
    return ldap_session_finish(session, sent, request, doing, err);
}

static enum ldap_attempt
bind_nameless(struct ldap_session *session, const char *mechanism, const char *how,
              struct error *err)
{
    char nothing[] = "", doing[64];
    struct berval credential = {0, nothing};
    int request = -1;
    int sent = ldap_sasl_bind(session->ld, "", mechanism, &credential, NULL, NULL, &request);

    snprintf(doing, sizeof doing, "cannot log in %s to", how);
    snprintf(session->login, sizeof session->login, "%s", how);
    return ldap_session_finish(session, sent, request, doing, err);
}

enum ldap_attempt
ldap_login(struct ldap_session *session, struct error *err)
{
    switch (session->options->bind_method) {
    case LDAP_BIND_SIMPLE:
        return bind_simple(session, err);
    case LDAP_BIND_EXTERNAL:
        return bind_nameless(session, "EXTERNAL", "by SASL EXTERNAL", err);
    case LDAP_BIND_ANONYMOUS:
        return bind_nameless(session, LDAP_SASL_SIMPLE, "anonymously", err);
    case LDAP_BIND_GSSAPI:
        return ldap_gssapi_bind(session, err);
    }
    error_set(err, ERROR_INTERNAL, "unknown way to log in");
    return LDAP_ATTEMPT_FAILED;
}
