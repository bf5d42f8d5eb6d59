#include "directory/ldap_session.h"

#include "directory/ldap_login.h"
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
             ldap_login_check(options, strcmp(url->lud_scheme, "ldapi") == 0, err);
        ldap_free_urldesc(url);
        if (!ok)
            return false;
    }
    return (!options->srv || ldap_login_check(options, false, err)) &&
           ldap_tls_check_files(options, err);
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
connect_server(struct ldap_session *session, const LDAPURLDesc *url, struct ldap_server *server,
               struct error *err)
{
    const struct ldap_options *options = session->options;
    int fd = ldap_socket_connect(url, server->address, options->connect_timeout_seconds, err);

    if (fd < 0)
        return LDAP_ATTEMPT_LOST;
    if (server->address[0])
        message_say(session->messenger, MESSAGE_INFO, "of the addresses of %s, %s is used",
                    session->uri, server->address);
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

enum ldap_attempt
ldap_session_finish(struct ldap_session *session, int sent, int request, const char *doing,
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

/* A server without certificate refuses StartTLS and stays as it was: a login that encrypts by
 * itself then needs none. */
static bool
may_seal(const struct ldap_session *session)
{
    return session->options->bind_method == LDAP_BIND_GSSAPI &&
           session->options->tls_mode == LDAP_TLS_AUTO && ldap_socket_works(session->socket);
}

static enum ldap_attempt
begin_starttls(struct ldap_session *session, struct error *err)
{
    int request = -1;
    int sent = ldap_start_tls(session->ld, NULL, NULL, &request);
    enum ldap_attempt attempt =
        ldap_session_finish(session, sent, request, "cannot begin StartTLS with", err);

    if (attempt == LDAP_ATTEMPT_DONE)
        return attempt;
    if (may_seal(session)) {
        message_say(session->messenger, MESSAGE_INFO, "%s; GSSAPI encrypts instead", err->text);
        session->encryption = LDAP_SEALED;
        return LDAP_ATTEMPT_DONE;
    }
    if (!err->transient)
        error_hint(err, "Use an ldaps:// URI if the server has no StartTLS. Only directory.tls."
                        "mode: none goes without encryption; then the password and all data "
                        "travel in the clear.");
    err->code = ERROR_UNAVAILABLE;
    return LDAP_ATTEMPT_LOST;
}

static void
tell_connected(const struct ldap_session *session)
{
    const char *unprotected =
        session->encryption == LDAP_SEALED ? "encrypted by GSSAPI" : "not encrypted";
    char *version = NULL;

    ldap_get_option(session->ld, LDAP_OPT_X_TLS_VERSION, &version);
    message_say(session->messenger, MESSAGE_INFO, "connected to %s (%s, bound %s)", session->uri,
                version ? version : unprotected, session->login);
    ldap_memfree(version);
}

enum ldap_attempt
ldap_session_connect(struct ldap_session *session, const struct ldap_options *options,
                     struct ldap_server *server, const struct messenger *messenger,
                     struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    LDAPURLDesc *url = NULL;

    *session =
        (struct ldap_session){.options = options, .messenger = messenger, .uri = server->uri};
    if (!parse_uri(server->uri, &url, err))
        return LDAP_ATTEMPT_FAILED;
    if (ldap_tls_plan(options, server->uri, url, &session->encryption, err)) {
        message_say(messenger, MESSAGE_DEBUG, "connecting to %s", server->uri);
        attempt = connect_server(session, url, server, err);
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
    if (attempt == LDAP_ATTEMPT_DONE && ldap_tls_is_wanted(session->encryption))
        attempt = ldap_tls_begin(session->ld, session->socket, session->options, session->uri,
                                 session->encryption, err);
    return attempt;
}

enum ldap_attempt
ldap_session_log_in(struct ldap_session *session, struct error *err)
{
    enum ldap_attempt attempt = ldap_login(session, err);

    if (attempt == LDAP_ATTEMPT_DONE)
        tell_connected(session);
    return attempt;
}

enum ldap_attempt
ldap_session_open(struct ldap_session *session, const struct ldap_options *options,
                  struct ldap_server *server, const struct messenger *messenger, struct error *err)
{
    enum ldap_attempt attempt = ldap_session_connect(session, options, server, messenger, err);

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
