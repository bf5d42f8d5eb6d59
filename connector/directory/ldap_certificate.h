/* ldap_certificate: why a server's certificate was not accepted.
 *
 * libldap says no more than that the handshake failed (with GnuTLS even "(unknown error code)").
 * After a failure this looks at the certificate with OpenSSL on a connection of its own, over
 * which nothing is sent but the handshake. It decides nothing: the connection was refused already.
 */
#ifndef DIRECTORY_LDAP_CERTIFICATE_H
#define DIRECTORY_LDAP_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct ldap;
struct ldap_url_desc;

struct certificate_question {
    const struct ldap_url_desc *url;
    bool starttls;
    const char *authorities; /* PEM file; NULL: none */
    unsigned timeout_seconds;
};

/* Writes the reason, such as "it has expired (…)" with subject and issuer. False when there is
 * nothing to say: no connection, or OpenSSL sees no fault. */
bool ldap_certificate_explain(const struct certificate_question *question, char *ret_text,
                              size_t size);

/* The last second for which the certificate of an encrypted connection is good. False where that
 * cannot be known. */
bool ldap_certificate_end(struct ldap *ld, time_t *ret_end);

#endif
