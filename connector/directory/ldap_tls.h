/* ldap_tls: encryption of a directory connection, always verified.
 *
 * The certificate must be trusted, in date and for the host's name, and the protocol TLS 1.2 or
 * later; there is no setting to be less careful, only one to write plain LDAP out
 * (directory.tls.mode: none). ldap.conf(5) and its variables cannot soften it either: all options
 * are set on the handle.
 *
 * Order of use: check once, before any connection; begin on each connection (after the server
 * agreed to StartTLS where that is used).
 */
#ifndef DIRECTORY_LDAP_TLS_H
#define DIRECTORY_LDAP_TLS_H

#include "base/error.h"
#include "directory/ldap_error.h"
#include "directory/source.h"

#include <stdbool.h>

struct ldap;
struct ldap_socket;
struct ldap_url_desc;

enum ldap_encryption {
    LDAP_PLAIN,
    LDAP_ENCRYPTED, /* TLS from the first byte */
    LDAP_STARTTLS,
    LDAP_SEALED /* no TLS, but the login (ldap_gssapi.h) encrypts what follows it */
};

static inline bool
ldap_tls_is_wanted(enum ldap_encryption encryption)
{
    return encryption == LDAP_ENCRYPTED || encryption == LDAP_STARTTLS;
}

/* What the scheme of a URL and the mode of the settings make together. A contradiction, such as
 * ldaps:// with mode none, is ERROR_CONFIG. A socket file (ldapi) needs no encryption. */
bool ldap_tls_plan(const struct ldap_options *options, const char *uri,
                   const struct ldap_url_desc *url, enum ldap_encryption *ret_encryption,
                   struct error *err);

/* The files of certificates and key must be there, readable, and PEM. */
bool ldap_tls_check_files(const struct ldap_options *options, struct error *err);

/* Does the handshake on a connected handle, within the connect timeout. */
enum ldap_attempt ldap_tls_begin(struct ldap *ld, struct ldap_socket *socket,
                                 const struct ldap_options *options, const char *uri,
                                 enum ldap_encryption encryption, struct error *err);

/* The file with the trusted authorities when the settings name none: libldap's own (ldap.conf) or
 * the system's bundle. NULL: there is none. The caller frees it with ldap_memfree(). */
char *ldap_tls_system_authorities(void);

#endif
