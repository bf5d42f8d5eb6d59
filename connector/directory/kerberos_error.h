/* kerberos_error: the wording of what Kerberos fails with, and how far each failure reaches. */
#ifndef DIRECTORY_KERBEROS_ERROR_H
#define DIRECTORY_KERBEROS_ERROR_H

#include "base/error.h"
#include "directory/ldap_error.h"

#include <krb5.h>

/* Sets err for an error code of libkrb5; `doing` says what was being done for whom. The context is
 * NULL where there is none. Never returns LDAP_ATTEMPT_DONE. */
enum ldap_attempt kerberos_error_set(struct error *err, krb5_context context, krb5_error_code code,
                                     const char *doing, ...) __attribute__((format(printf, 4, 5)));

/* What to do about a failure of which only the text of the GSSAPI library is known; NULL where
 * nothing better is known than the text. */
const char *kerberos_error_hint(const char *text);

#endif
