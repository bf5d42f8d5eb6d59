/* kerberos: a Kerberos ticket for one login at one directory server.
 *
 * With a keytab a ticket is had from the KDC for each login anew, so nothing ends in a long run.
 * Without, the ticket is that of a cache that somebody keeps (kinit(1), k5start(1)); it is copied,
 * and renewed in the copy where it ends soon and may be renewed. The service is named by the host
 * as it is written in directory.uri: another name that DNS gives that host is not followed,
 * whatever krb5.conf(5) says, as a forged answer would lead to another server. That service's
 * ticket is the only one that the login is given.
 *
 * It is in a cache in memory that ends with the login; no file is written and no environment
 * variable is set. The login itself is made by ldap_gssapi.h.
 *
 * Order of use: open, log in with the cache, close.
 */
#ifndef DIRECTORY_KERBEROS_H
#define DIRECTORY_KERBEROS_H

#include "base/arena.h"
#include "base/error.h"
#include "directory/ldap_error.h"

#include <stdbool.h>
#include <time.h>

struct kerberos;

struct kerberos_request {
    const char *keytab;    /* path; NULL: a ticket cache is used */
    const char *principal; /* whose key of the keytab */
    const char *cache;     /* "FILE:/tmp/krb5cc_0"; NULL: the user's own */
    const char *host;      /* of the directory server */
};

/* Has the tickets made or copied, also the one for the service of the host. *ret_kerberos is NULL
 * where the attempt is not LDAP_ATTEMPT_DONE. */
enum ldap_attempt kerberos_open(const struct kerberos_request *request,
                                struct kerberos **ret_kerberos, struct error *err);

/* The name of the cache in memory, and of whom its ticket is. */
const char *kerberos_cache(const struct kerberos *kerberos);
const char *kerberos_principal(const struct kerberos *kerberos);

/* When the tickets end. */
time_t kerberos_end(const struct kerberos *kerberos);

/* Where the files of a ticket cache lie, in the arena; `cache` as in a request. NULL: it has none,
 * but is kept by the kernel or by somebody who is asked. */
char *kerberos_cache_folder(const char *cache, struct arena *arena);

/* NULL is allowed. */
void kerberos_close(struct kerberos *kerberos);

#endif
