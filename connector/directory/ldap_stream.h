/* ldap_stream: one search with controls of its own, listened to message by message.
 *
 * For questions about changes. People are read by ldap_search.h, which knows pages.
 */
#ifndef DIRECTORY_LDAP_STREAM_H
#define DIRECTORY_LDAP_STREAM_H

#include "directory/ldap_session.h"

struct ldap_question {
    const char *base, *filter;
    enum ldap_search_scope scope;
    char **attributes; /* NULL behind the last */
    LDAPControl **controls;
    const char *doing; /* for the error: "cannot ask for changes at" */
};

struct ldap_listener {
    /* An entry with its controls; NULL: it has none. Who keeps the message sets it to NULL. */
    bool (*entry)(void *context, LDAP *ld, LDAPMessage **message, LDAPControl **controls,
                  struct error *err);
    /* What an intermediate response says (RFC 4511 section 4.13). NULL: nobody listens. */
    bool (*said)(void *context, const char *oid, struct slice value, struct error *err);
    void *context;
};

/* Ends with the answer that ended the search, whatever its result: free it after
 * LDAP_ATTEMPT_DONE. */
enum ldap_attempt ldap_stream_run(struct ldap_session *session,
                                  const struct ldap_question *question,
                                  const struct ldap_listener *listener,
                                  struct ldap_answer *ret_answer, struct error *err);

/* The same in two steps: several are sent, then what they bring is taken, or dropped. */
enum ldap_attempt ldap_stream_send(struct ldap_session *session,
                                   const struct ldap_question *question,
                                   struct ldap_request *ret_request, struct error *err);
enum ldap_attempt ldap_stream_take(struct ldap_session *session, const struct ldap_request *request,
                                   const struct ldap_listener *listener,
                                   struct ldap_answer *ret_answer, struct error *err);
void ldap_stream_drop(struct ldap_session *session, const struct ldap_request *request);

/* The scope as libldap has it. */
int ldap_stream_scope(enum ldap_search_scope scope);

#endif
