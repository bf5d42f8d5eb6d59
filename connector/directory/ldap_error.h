/* ldap_error: THE wording of every LDAP failure.
 *
 * What a person reads: what was being done, libldap's text for the result, what that means where
 * the server hides it in a number (Active Directory's login codes), the server's own diagnostic
 * message, and the system's error. And how far the failure reaches.
 */
#ifndef DIRECTORY_LDAP_ERROR_H
#define DIRECTORY_LDAP_ERROR_H

#include "base/error.h"

/* How far a failure reaches. */
enum ldap_attempt {
    LDAP_ATTEMPT_DONE,
    LDAP_ATTEMPT_LOST,  /* this connection is of no more use; another one may be */
    LDAP_ATTEMPT_FAILED /* and no other server or attempt would do better */
};

struct ldap_failure {
    int result;             /* LDAP result code (RFC 4511 section 4.1.9) or libldap's, below 0 */
    const char *diagnostic; /* the server's message, or libldap's; NULL: none */
    const char *matched;    /* the part of a name that exists, with noSuchObject; NULL: none */
    const char *system;     /* the system's text; NULL: none */
};

/* Sets err as the table has it for the result; `doing` says what was being done on what. Never
 * returns LDAP_ATTEMPT_DONE. The server's text is made printable. */
enum ldap_attempt ldap_error_set(struct error *err, const struct ldap_failure *failure,
                                 const char *doing, ...) __attribute__((format(printf, 3, 4)));

/* What Active Directory means by the "data 52e" in the diagnostic message of a refused login, in
 * plain words; NULL when there is none. */
const char *ldap_error_login_words(const char *diagnostic);

#endif
