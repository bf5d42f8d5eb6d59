/* ldap_session: one connection to one directory server, encrypted and logged in.
 *
 * Order of use: check the options once; open; ask and receive; close, whatever happened. After a
 * failure the session is of no more use: nothing is sent over it any more, and libldap cannot make
 * the connection anew by itself (ldap_socket.h).
 */
#ifndef DIRECTORY_LDAP_SESSION_H
#define DIRECTORY_LDAP_SESSION_H

#include "base/error.h"
#include "base/message.h"
#include "directory/ldap_error.h"
#include "directory/ldap_socket.h"
#include "directory/ldap_tls.h"
#include "directory/source.h"

#include <ldap.h>
#include <stdbool.h>

/* Where a session goes. */
struct ldap_server {
    const char *uri;
    /* Of several addresses of its host the one that is tried first, then the one that is used. "":
     * none is better than another; it has one only. */
    char address[LDAP_ADDRESS_SIZE];
};

struct ldap_session {
    LDAP *ld;
    struct ldap_socket *socket;
    const struct ldap_options *options;
    const struct messenger *messenger;
    const char *uri;
    enum ldap_encryption encryption;
    char login[512]; /* "as 'cn=reader'", "by SASL EXTERNAL"; empty before it */
};

/* What can be known to be wrong before any connection: URIs, TLS mode and files, login. */
bool ldap_session_check(const struct ldap_options *options, struct error *err);

/* Connects, encrypts, logs in. The session is filled in any case; close it. */
enum ldap_attempt ldap_session_open(struct ldap_session *session,
                                    const struct ldap_options *options, struct ldap_server *server,
                                    const struct messenger *messenger, struct error *err);

/* The same step by step, for who wants to know how far it comes. Encrypting is success also where
 * there is nothing to encrypt. */
enum ldap_attempt ldap_session_connect(struct ldap_session *session,
                                       const struct ldap_options *options,
                                       struct ldap_server *server,
                                       const struct messenger *messenger, struct error *err);
enum ldap_attempt ldap_session_encrypt(struct ldap_session *session, struct error *err);
enum ldap_attempt ldap_session_log_in(struct ldap_session *session, struct error *err);

struct ldap_request {
    int id;
    int all;           /* LDAP_MSG_ONE: wait for its next message; LDAP_MSG_ALL: for all of them */
    const char *doing; /* for the error, up to the server's name: "cannot log in to" */
};

/* Waits as long as the answer timeout says. The caller frees the message with ldap_msgfree(). */
enum ldap_attempt ldap_session_receive(struct ldap_session *session,
                                       const struct ldap_request *request,
                                       LDAPMessage **ret_message, struct error *err);

/* The same without waiting: *ret_message is NULL where none has come yet. */
enum ldap_attempt ldap_session_poll(struct ldap_session *session,
                                    const struct ldap_request *request, LDAPMessage **ret_message,
                                    struct error *err);

/* Waits for the one answer to a request that was sent with the result `sent`, and words what it
 * fails with. */
enum ldap_attempt ldap_session_finish(struct ldap_session *session, int sent, int request,
                                      const char *doing, struct error *err);

/* Words what libldap just failed with when a request was made. */
enum ldap_attempt ldap_session_fail(struct ldap_session *session, int result, const char *doing,
                                    struct error *err);

/* A message that ends a request, taken apart. Free with ldap_answer_free(). */
struct ldap_answer {
    int result;
    char *matched;
    char *diagnostic;
    char **referrals;
    LDAPControl **controls;
};

void ldap_answer_read(struct ldap_session *session, LDAPMessage *message,
                      struct ldap_answer *ret_answer);
void ldap_answer_free(struct ldap_answer *answer);

/* Closing twice is harmless. */
void ldap_session_close(struct ldap_session *session);

/* One entry that is known by name: its DN, a filter that it matches, what is asked of it. */
struct ldap_named {
    const char *base, *filter;
    char **attributes; /* NULL behind the last */
};

/* Asks for it and waits for the whole answer; `doing` begins the words of a failure. The caller
 * frees the messages where the attempt is LDAP_ATTEMPT_DONE. */
enum ldap_attempt ldap_session_read_entry(struct ldap_session *session,
                                          const struct ldap_named *named, const char *doing,
                                          LDAPMessage **ret_messages, struct error *err);

#endif
