#include "directory/ldap_tls.h"

#include "base/arena.h"
#include "base/file.h"
#include "directory/ldap_certificate.h"
#include "directory/ldap_socket.h"

#include <ldap.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PEM_BYTES_MOST = 16 * 1024 * 1024 };

/* Where systems keep the certificates of the authorities they trust. */
static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Red Hat */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",                  /* Alpine, BSD */
};

static bool
contradiction(struct error *err, const char *uri, const char *mode)
{
    error_set(err, ERROR_CONFIG, "directory.tls.mode is %s, but the server is '%s'", mode, uri);
    return error_hint(err, "Leave the mode at auto: ldaps:// is encrypted by itself, and ldap:// "
                           "is then encrypted by StartTLS.");
}

bool
ldap_tls_plan(const struct ldap_options *options, const char *uri, const LDAPURLDesc *url,
              enum ldap_encryption *ret_encryption, struct error *err)
{
    bool ldaps = strcmp(url->lud_scheme, "ldaps") == 0;
    bool ldapi = strcmp(url->lud_scheme, "ldapi") == 0;

    switch (options->tls_mode) {
    case LDAP_TLS_LDAPS:
        if (!ldaps)
            return contradiction(err, uri, "ldaps");
        break;
    case LDAP_TLS_STARTTLS:
        if (ldaps || ldapi)
            return contradiction(err, uri, "starttls");
        break;
    case LDAP_TLS_NONE:
        if (ldaps)
            return contradiction(err, uri, "none");
        *ret_encryption =
            options->bind_method == LDAP_BIND_GSSAPI && !ldapi ? LDAP_SEALED : LDAP_PLAIN;
        return true;
    case LDAP_TLS_AUTO:
        break;
    }
    *ret_encryption = ldaps ? LDAP_ENCRYPTED : ldapi ? LDAP_PLAIN : LDAP_STARTTLS;
    return true;
}

static bool
check_pem(const char *path, const char *what, const char *mark, struct error *err)
{
    struct arena *arena = arena_new();
    struct slice text;
    bool ok = file_read(arena, path, PEM_BYTES_MOST, &text, err);

    if (!ok)
        error_prefix(err, "%s", what);
    else if (!strstr(text.data, mark))
        ok = error_set(err, ERROR_CONFIG, "%s: '%s' holds no '%s' (PEM)", what, path, mark);
    arena_free(arena);
    return ok;
}

bool
ldap_tls_check_files(const struct ldap_options *options, struct error *err)
{
    if (!options->tls_cert_file != !options->tls_key_file)
        return error_set(err, ERROR_CONFIG,
                         "directory.tls.cert_file and key_file go together, but only one is set");
    if (options->tls_ca_file &&
        !check_pem(options->tls_ca_file, "directory.tls.ca_file", "-----BEGIN CERTIFICATE", err))
        return false;
    if (!options->tls_cert_file)
        return true;
    return check_pem(options->tls_cert_file, "directory.tls.cert_file", "-----BEGIN CERTIFICATE",
                     err) &&
           check_pem(options->tls_key_file, "directory.tls.key_file", "PRIVATE KEY-----", err);
}

char *
ldap_tls_system_authorities(void)
{
    char *file = NULL;

    if (ldap_get_option(NULL, LDAP_OPT_X_TLS_CACERTFILE, &file) == LDAP_OPT_SUCCESS && file)
        return file;
    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
        if (access(bundles[i], R_OK) == 0)
            return ber_strdup(bundles[i]);
    return NULL;
}

/* With GnuTLS libldap ignores PROTOCOL_MIN; there the list of ciphers says it. */
static bool
set_version(LDAP *ld)
{
    int version = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    char *package = NULL;
    bool ok = ldap_set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &version) == LDAP_OPT_SUCCESS &&
              ldap_get_option(NULL, LDAP_OPT_X_TLS_PACKAGE, &package) == LDAP_OPT_SUCCESS;

    if (ok && package && strcmp(package, "GnuTLS") == 0)
        ok = ldap_set_option(ld, LDAP_OPT_X_TLS_CIPHER_SUITE,
                             "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2") == LDAP_OPT_SUCCESS;
    ldap_memfree(package);
    return ok;
}

static bool
set_options(LDAP *ld, const struct ldap_options *options, const char *authorities)
{
    const int demand = LDAP_OPT_X_TLS_DEMAND, names = LDAP_OPT_X_TLS_TRY, client = 0;

    return ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_OPT_SUCCESS &&
           /* The subject's name counts only where there are no others (RFC 6125 section 6.4.4). */
           ldap_set_option(ld, LDAP_OPT_X_TLS_REQUIRE_SAN, &names) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, authorities) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_TLS_CERTFILE, options->tls_cert_file) ==
               LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_TLS_KEYFILE, options->tls_key_file) == LDAP_OPT_SUCCESS &&
           set_version(ld) &&
           /* Last: it makes a context of this handle's own from what was set before. */
           ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS;
}

/* "TLS1.3" (GnuTLS) or "TLSv1.3" (OpenSSL); "TLSv1" is 1.0. */
static bool
is_new_enough(const char *version)
{
    const char *minor = version && strncmp(version, "TLS", 3) == 0 ? strchr(version, '.') : NULL;

    return minor && minor[1] >= '2' && minor[1] <= '9';
}

static enum ldap_attempt
check_version(LDAP *ld, const char *uri, struct error *err)
{
    char *version = NULL;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    ldap_get_option(ld, LDAP_OPT_X_TLS_VERSION, &version);
    if (!is_new_enough(version)) {
        error_set(err, ERROR_UNAVAILABLE, "'%s' speaks %s, but TLS 1.2 is the oldest accepted", uri,
                  version ? version : "no known TLS version");
        attempt = LDAP_ATTEMPT_LOST;
    }
    ldap_memfree(version);
    return attempt;
}

static bool
explain(const struct ldap_options *options, const char *uri, const char *authorities,
        enum ldap_encryption encryption, struct error *err)
{
    struct certificate_question question = {.starttls = encryption == LDAP_STARTTLS,
                                            .authorities = authorities,
                                            .timeout_seconds = options->connect_timeout_seconds};
    LDAPURLDesc *url = NULL;
    char reason[512];
    bool known;

    if (ldap_url_parse(uri, &url) != LDAP_URL_SUCCESS)
        return false;
    question.url = url;
    known = ldap_certificate_explain(&question, reason, sizeof reason);
    if (known) {
        error_set(err, ERROR_UNAVAILABLE, "the certificate of '%s' is not accepted: %s", uri,
                  reason);
        error_hint(err, "Name the file of the authority that signed it in directory.tls.ca_file, "
                        "and the server as its certificate names it in directory.uri.");
    } else if (strcmp(url->lud_host, "localhost") == 0) {
        error_set(err, ERROR_UNAVAILABLE, "the certificate of '%s' is not accepted", uri);
        error_hint(err, "For 'localhost' libldap wants this machine's own name in the certificate; "
                        "write that name or 127.0.0.1 in directory.uri.");
        known = true;
    }
    ldap_free_urldesc(url);
    return known;
}

static enum ldap_attempt
handshake_failed(LDAP *ld, const struct ldap_socket *socket, int result, const char *uri,
                 struct error *err)
{
    char *diagnostic = NULL;
    struct ldap_failure failure = {.result = result, .system = ldap_socket_trouble(socket)};

    ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
    if (ldap_socket_timed_out(socket))
        failure = (struct ldap_failure){.result = LDAP_TIMEOUT};
    else if (!failure.system)
        failure.diagnostic = diagnostic;
    ldap_error_set(err, &failure, "cannot begin TLS with '%s'", uri);
    if (!ldap_socket_timed_out(socket))
        error_hint(err, "Check that this port speaks TLS, and TLS 1.2 or later.");
    ldap_memfree(diagnostic);
    return LDAP_ATTEMPT_LOST;
}

enum ldap_attempt
ldap_tls_begin(LDAP *ld, struct ldap_socket *socket, const struct ldap_options *options,
               const char *uri, enum ldap_encryption encryption, struct error *err)
{
    char *found = options->tls_ca_file ? NULL : ldap_tls_system_authorities();
    const char *authorities = options->tls_ca_file ? options->tls_ca_file : found;
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    int result;

    if (!set_options(ld, options, authorities)) {
        error_set(err, ERROR_CONFIG, "cannot set up TLS with the authorities in '%s'%s%s",
                  authorities ? authorities : "(none found)",
                  options->tls_cert_file ? " and the certificate in " : "",
                  options->tls_cert_file ? options->tls_cert_file : "");
        error_hint(err, "Check that the files hold certificates, and that the key belongs to the "
                        "certificate.");
        goto done;
    }
    ldap_socket_set_deadline(socket, options->connect_timeout_seconds);
    result = ldap_install_tls(ld);
    ldap_socket_set_deadline(socket, 0);
    if (result == LDAP_SUCCESS)
        attempt = check_version(ld, uri, err);
    else if (!ldap_socket_timed_out(socket) && explain(options, uri, authorities, encryption, err))
        attempt = LDAP_ATTEMPT_LOST;
    else
        attempt = handshake_failed(ld, socket, result, uri, err);
done:
    ldap_memfree(found);
    return attempt;
}
