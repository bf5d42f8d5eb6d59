#include "directory/ldap_stream.h"

int
ldap_stream_scope(enum ldap_search_scope scope)
{
    static const int scopes[] = {[LDAP_SEARCH_SUBTREE] = LDAP_SCOPE_SUBTREE,
                                 [LDAP_SEARCH_ONE] = LDAP_SCOPE_ONELEVEL,
                                 [LDAP_SEARCH_BASE] = LDAP_SCOPE_BASE};

    return scopes[scope];
}

static bool
take_entry(struct ldap_session *session, const struct ldap_listener *listener,
           LDAPMessage **message, struct error *err)
{
    LDAPControl **controls = NULL;
    bool ok;

    if (ldap_get_entry_controls(session->ld, *message, &controls) != LDAP_SUCCESS)
        return error_set(err, ERROR_UNAVAILABLE, "'%s' sent an entry that cannot be decoded",
                         session->uri);
    ok = listener->entry(listener->context, session->ld, message, controls, err);
    ldap_controls_free(controls);
    return ok;
}

static bool
take_said(struct ldap_session *session, const struct ldap_listener *listener, LDAPMessage *message,
          struct error *err)
{
    struct berval *value = NULL;
    char *oid = NULL;
    bool ok = true;

    if (ldap_parse_intermediate(session->ld, message, &oid, &value, NULL, 0) != LDAP_SUCCESS)
        return error_set(err, ERROR_UNAVAILABLE, "'%s' said something that cannot be decoded",
                         session->uri);
    if (listener->said && oid && value)
        ok = listener->said(listener->context, oid, (struct slice){value->bv_val, value->bv_len},
                            err);
    ldap_memfree(oid);
    ber_bvfree(value);
    return ok;
}

enum ldap_attempt
ldap_stream_send(struct ldap_session *session, const struct ldap_question *question,
                 struct ldap_request *ret_request, struct error *err)
{
    struct ldap_request request = {-1, LDAP_MSG_ONE, question->doing};
    int sent = ldap_search_ext(session->ld, question->base, ldap_stream_scope(question->scope),
                               question->filter, question->attributes, 0, question->controls, NULL,
                               NULL, LDAP_NO_LIMIT, &request.id);

    *ret_request = request;
    return sent == LDAP_SUCCESS ? LDAP_ATTEMPT_DONE
                                : ldap_session_fail(session, sent, question->doing, err);
}

enum ldap_attempt
ldap_stream_take(struct ldap_session *session, const struct ldap_request *request,
                 const struct ldap_listener *listener, struct ldap_answer *ret_answer,
                 struct error *err)
{
    bool ok = true, more = true;

    while (ok && more) {
        LDAPMessage *message = NULL;
        enum ldap_attempt attempt = ldap_session_receive(session, request, &message, err);

        if (attempt != LDAP_ATTEMPT_DONE)
            return attempt;
        switch (ldap_msgtype(message)) {
        case LDAP_RES_SEARCH_ENTRY:
            ok = take_entry(session, listener, &message, err);
            break;
        case LDAP_RES_INTERMEDIATE:
            ok = take_said(session, listener, message, err);
            break;
        case LDAP_RES_SEARCH_RESULT:
            ldap_answer_read(session, message, ret_answer);
            more = false;
            break;
        default:
            break;
        }
        ldap_msgfree(message);
    }
    if (!ok && more)
        ldap_stream_drop(session, request);
    return ok ? LDAP_ATTEMPT_DONE : LDAP_ATTEMPT_FAILED;
}

void
ldap_stream_drop(struct ldap_session *session, const struct ldap_request *request)
{
    ldap_abandon_ext(session->ld, request->id, NULL, NULL);
}

enum ldap_attempt
ldap_stream_run(struct ldap_session *session, const struct ldap_question *question,
                const struct ldap_listener *listener, struct ldap_answer *ret_answer,
                struct error *err)
{
    struct ldap_request request;
    enum ldap_attempt attempt = ldap_stream_send(session, question, &request, err);

    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ldap_stream_take(session, &request, listener, ret_answer, err);
    return attempt;
}
