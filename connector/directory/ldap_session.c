#include "directory/ldap_session.h"

#include "base/secret.h"
#include "directory/ldap_socket.h"

#include <openldap.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static bool
parse_uri(const char *uri, LDAPURLDesc **ret_url, struct error *err)
{
    LDAPURLDesc *url = NULL;

    if (ldap_url_parse(uri, &url) != LDAP_URL_SUCCESS)
        goto bad;
    if (strcmp(url->lud_scheme, "ldap") != 0 && strcmp(url->lud_scheme, "ldaps") != 0 &&
        strcmp(url->lud_scheme, "ldapi") != 0)
        goto bad;
    if (!url->lud_host || !url->lud_host[0])
        goto bad;
    if (url->lud_dn && url->lud_dn[0])
        goto bad;
    *ret_url = url;
    return true;
bad:
    if (url)
        ldap_free_urldesc(url);
    error_set(err, ERROR_CONFIG, "'%s' is not the URI of a directory server", uri);
    error_hint(err, "Write directory.uri as ldaps://ldap.example.edu or "
                    "ldap://ldap.example.edu:389, without anything behind it.");
    return false;
}

static bool
check_login(const struct ldap_options *options, bool socket_file, struct error *err)
{
    struct secret password;

    switch (options->bind_method) {
    case LDAP_BIND_SIMPLE:
        if (!options->bind_dn || !options->bind_dn[0])
            return error_set(err, ERROR_CONFIG, "directory.bind.dn is empty");
        if (!secret_load(&options->password, "the password of the directory", &password, err))
            return false;
        secret_wipe(&password);
        return true;
    case LDAP_BIND_EXTERNAL:
        if (options->tls_cert_file || socket_file)
            return true;
        error_set(err, ERROR_CONFIG,
                  "directory.bind.method is external, but there is no client certificate");
        return error_hint(err, "Set directory.tls.cert_file and key_file.");
    case LDAP_BIND_ANONYMOUS:
        return true;
    }
    return error_set(err, ERROR_INTERNAL, "unknown way to log in");
}

bool
ldap_session_check(const struct ldap_options *options, struct error *err)
{
    for (size_t i = 0; i < options->uri_count; i++) {
        enum ldap_encryption encryption;
        LDAPURLDesc *url = NULL;
        bool ok;

        if (!parse_uri(options->uris[i], &url, err))
            return false;
        ok = ldap_tls_plan(options, options->uris[i], url, &encryption, err) &&
             check_login(options, strcmp(url->lud_scheme, "ldapi") == 0, err);
        ldap_free_urldesc(url);
        if (!ok)
            return false;
    }
    return ldap_tls_check_files(options, err);
}

/* libldap's defaults come from ldap.conf and the environment; none of them may change what is
 * read. */
static bool
set_options(LDAP *ld, const struct ldap_options *options)
{
    const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER, none = 0;
    const struct timeval connect = {.tv_sec = options->connect_timeout_seconds};

    return ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_DEREF, &never) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_SIZELIMIT, &none) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_TIMELIMIT, &none) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &connect) == LDAP_OPT_SUCCESS;
}

static enum ldap_attempt
connect_server(struct ldap_session *session, const LDAPURLDesc *url, struct error *err)
{
    const struct ldap_options *options = session->options;
    int fd = ldap_socket_connect(url, options->connect_timeout_seconds, err);

    if (fd < 0)
        return LDAP_ATTEMPT_LOST;
    if (ldap_init_fd(fd, LDAP_PROTO_EXT, session->uri, &session->ld) != LDAP_SUCCESS) {
        close(fd);
        error_set(err, ERROR_INTERNAL, "libldap takes no connection to '%s'", session->uri);
        return LDAP_ATTEMPT_FAILED;
    }
    session->socket = ldap_socket_attach(session->ld, fd, options->answer_timeout_seconds);
    if (set_options(session->ld, options))
        return LDAP_ATTEMPT_DONE;
    error_set(err, ERROR_INTERNAL, "libldap does not take the options for '%s'", session->uri);
    return LDAP_ATTEMPT_FAILED;
}

enum ldap_attempt
ldap_session_fail(struct ldap_session *session, int result, const char *doing, struct error *err)
{
    const char *system = ldap_socket_trouble(session->socket);
    char *diagnostic = NULL;
    struct ldap_failure failure = {.result = result, .system = system};
    enum ldap_attempt attempt;

    if (!system && result == LDAP_DECODING_ERROR)
        failure.system = "the answer is not LDAP";
    ldap_get_option(session->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
    failure.diagnostic = diagnostic;
    attempt = ldap_error_set(err, &failure, "%s '%s'", doing, session->uri);
    ldap_memfree(diagnostic);
    ldap_socket_break(session->socket);
    return attempt;
}

/* Why no message came, as a result code. */
static int
reason_of_silence(const struct ldap_session *session, int kind)
{
    int result = LDAP_TIMEOUT;

    if (kind < 0)
        ldap_get_option(session->ld, LDAP_OPT_RESULT_CODE, &result);
    /* After a notice of disconnection (RFC 4511 section 4.4.1) it is the notice's code. */
    if (result == LDAP_SUCCESS)
        return LDAP_SERVER_DOWN;
    /* With a connection that works, libldap means that it cannot read what came, or that it is
     * larger than ldap_socket.c allows. */
    if (result == LDAP_SERVER_DOWN && !ldap_socket_trouble(session->socket))
        return LDAP_DECODING_ERROR;
    return result;
}

enum ldap_attempt
ldap_session_receive(struct ldap_session *session, const struct ldap_request *request,
                     LDAPMessage **ret_message, struct error *err)
{
    struct timeval limit = {.tv_sec = session->options->answer_timeout_seconds};
    int kind = ldap_result(session->ld, request->id, request->all, &limit, ret_message);

    if (kind > 0)
        return LDAP_ATTEMPT_DONE;
    ldap_session_fail(session, reason_of_silence(session, kind), request->doing, err);
    return LDAP_ATTEMPT_LOST;
}

enum ldap_attempt
ldap_session_poll(struct ldap_session *session, const struct ldap_request *request,
                  LDAPMessage **ret_message, struct error *err)
{
    struct timeval no_time = {0, 0};
    int kind = ldap_result(session->ld, request->id, request->all, &no_time, ret_message);

    if (kind > 0)
        return LDAP_ATTEMPT_DONE;
    *ret_message = NULL;
    if (kind == 0)
        return LDAP_ATTEMPT_DONE;
    ldap_session_fail(session, reason_of_silence(session, kind), request->doing, err);
    return LDAP_ATTEMPT_LOST;
}

void
ldap_answer_read(struct ldap_session *session, LDAPMessage *message, struct ldap_answer *ret_answer)
{
    struct ldap_answer answer = {0};
    int failed = ldap_parse_result(session->ld, message, &answer.result, &answer.matched,
                                   &answer.diagnostic, &answer.referrals, &answer.controls, 0);

    if (failed != LDAP_SUCCESS)
        answer.result = failed;
    *ret_answer = answer;
}

void
ldap_answer_free(struct ldap_answer *answer)
{
    ldap_memfree(answer->matched);
    ldap_memfree(answer->diagnostic);
    ldap_memvfree((void **)answer->referrals);
    ldap_controls_free(answer->controls);
    *answer = (struct ldap_answer){0};
}

/* Waits for the one answer to a request that has no other. */
static enum ldap_attempt
finish_request(struct ldap_session *session, int sent, int request, const char *doing,
               struct error *err)
{
    const struct ldap_request sought = {request, LDAP_MSG_ALL, doing};
    LDAPMessage *message = NULL;
    struct ldap_answer answer;
    enum ldap_attempt attempt;

    if (sent != LDAP_SUCCESS)
        return ldap_session_fail(session, sent, doing, err);
    attempt = ldap_session_receive(session, &sought, &message, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    ldap_answer_read(session, message, &answer);
    ldap_msgfree(message);
    if (answer.result != LDAP_SUCCESS) {
        struct ldap_failure failure = {.result = answer.result, .diagnostic = answer.diagnostic};

        attempt = ldap_error_set(err, &failure, "%s '%s'", doing, session->uri);
    }
    ldap_answer_free(&answer);
    return attempt;
}

static enum ldap_attempt
begin_starttls(struct ldap_session *session, struct error *err)
{
    int request = -1;
    int sent = ldap_start_tls(session->ld, NULL, NULL, &request);

    if (finish_request(session, sent, request, "cannot begin StartTLS with", err) ==
        LDAP_ATTEMPT_DONE)
        return LDAP_ATTEMPT_DONE;
    if (!err->transient)
        error_hint(err, "Use an ldaps:// URI if the server has no StartTLS. Only directory.tls."
                        "mode: none goes without encryption; then the password and all data "
                        "travel in the clear.");
    err->code = ERROR_UNAVAILABLE;
    return LDAP_ATTEMPT_LOST;
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
    return finish_request(session, sent, request, doing, err);
}

static enum ldap_attempt
bind_nameless(struct ldap_session *session, const char *mechanism, const char *doing,
              struct error *err)
{
    char nothing[] = "";
    struct berval credential = {0, nothing};
    int request = -1;
    int sent = ldap_sasl_bind(session->ld, "", mechanism, &credential, NULL, NULL, &request);

    return finish_request(session, sent, request, doing, err);
}

static enum ldap_attempt
bind_as_set(struct ldap_session *session, struct error *err)
{
    switch (session->options->bind_method) {
    case LDAP_BIND_SIMPLE:
        return bind_simple(session, err);
    case LDAP_BIND_EXTERNAL:
        return bind_nameless(session, "EXTERNAL", "cannot log in by SASL EXTERNAL to", err);
    case LDAP_BIND_ANONYMOUS:
        return bind_nameless(session, LDAP_SASL_SIMPLE, "cannot log in anonymously to", err);
    }
    error_set(err, ERROR_INTERNAL, "unknown way to log in");
    return LDAP_ATTEMPT_FAILED;
}

static void
tell_connected(const struct ldap_session *session)
{
    const struct ldap_options *options = session->options;
    char *version = NULL;

    ldap_get_option(session->ld, LDAP_OPT_X_TLS_VERSION, &version);
    message_say(session->messenger, MESSAGE_INFO, "connected to %s (%s, %s%s%s)", session->uri,
                version ? version : "not encrypted",
                options->bind_method == LDAP_BIND_SIMPLE     ? "bound as '"
                : options->bind_method == LDAP_BIND_EXTERNAL ? "bound by SASL EXTERNAL"
                                                             : "anonymous",
                options->bind_method == LDAP_BIND_SIMPLE ? options->bind_dn : "",
                options->bind_method == LDAP_BIND_SIMPLE ? "'" : "");
    ldap_memfree(version);
}

enum ldap_attempt
ldap_session_connect(struct ldap_session *session, const struct ldap_options *options,
                     const char *uri, const struct messenger *messenger, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    LDAPURLDesc *url = NULL;

    *session = (struct ldap_session){.options = options, .messenger = messenger, .uri = uri};
    if (!parse_uri(uri, &url, err))
        return LDAP_ATTEMPT_FAILED;
    if (ldap_tls_plan(options, uri, url, &session->encryption, err)) {
        message_say(messenger, MESSAGE_DEBUG, "connecting to %s", uri);
        attempt = connect_server(session, url, err);
    }
    ldap_free_urldesc(url);
    return attempt;
}

enum ldap_attempt
ldap_session_encrypt(struct ldap_session *session, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    if (session->encryption == LDAP_STARTTLS)
        attempt = begin_starttls(session, err);
    if (attempt == LDAP_ATTEMPT_DONE && session->encryption != LDAP_PLAIN)
        attempt = ldap_tls_begin(session->ld, session->socket, session->options, session->uri,
                                 session->encryption, err);
    return attempt;
}

enum ldap_attempt
ldap_session_log_in(struct ldap_session *session, struct error *err)
{
    enum ldap_attempt attempt = bind_as_set(session, err);

    if (attempt == LDAP_ATTEMPT_DONE)
        tell_connected(session);
    return attempt;
}

enum ldap_attempt
ldap_session_open(struct ldap_session *session, const struct ldap_options *options, const char *uri,
                  const struct messenger *messenger, struct error *err)
{
    enum ldap_attempt attempt = ldap_session_connect(session, options, uri, messenger, err);

    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ldap_session_encrypt(session, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ldap_session_log_in(session, err);
    return attempt;
}

void
ldap_session_close(struct ldap_session *session)
{
    if (session->ld)
        ldap_unbind_ext_s(session->ld, NULL, NULL);
    ldap_socket_free(session->socket);
    session->ld = NULL;
    session->socket = NULL;
}

enum ldap_attempt
ldap_session_read_entry(struct ldap_session *session, const struct ldap_named *named,
                        const char *doing, LDAPMessage **ret_messages, struct error *err)
{
    struct ldap_request sought = {-1, LDAP_MSG_ALL, doing};
    int sent = ldap_search_ext(session->ld, named->base, LDAP_SCOPE_BASE, named->filter,
                               named->attributes, 0, NULL, NULL, NULL, LDAP_NO_LIMIT, &sought.id);

    if (sent != LDAP_SUCCESS)
        return ldap_session_fail(session, sent, doing, err);
    return ldap_session_receive(session, &sought, ret_messages, err);
}
