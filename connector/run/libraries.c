#include "run/libraries.h"

#include <curl/curl.h>
#include <ldap.h>
#include <libssh2.h>
#include <pthread.h>

/* A failure shows again where a connection is made, which says what of. */

static void
begin_ssh(void)
{
    (void)libssh2_init(0);
}

static void
begin_web(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* The first handle reads ldap.conf and loads SASL's mechanisms, the first context of TLS begins
 * TLS. The context is of this handle, and of no file. */
static void
begin_ldap(void)
{
    static const int tls_files[] = {LDAP_OPT_X_TLS_CACERTFILE, LDAP_OPT_X_TLS_CACERTDIR,
                                    LDAP_OPT_X_TLS_CERTFILE, LDAP_OPT_X_TLS_KEYFILE};
    const int client = 0;
    LDAP *ld = NULL;

    if (ldap_initialize(&ld, NULL) != LDAP_SUCCESS)
        return;
    for (size_t i = 0; i < sizeof tls_files / sizeof tls_files[0]; i++)
        (void)ldap_set_option(ld, tls_files[i], NULL);
    (void)ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client);
    (void)ldap_unbind_ext_s(ld, NULL, NULL);
}

void
libraries_begin(const struct settings *settings)
{
    static pthread_once_t ssh = PTHREAD_ONCE_INIT, web = PTHREAD_ONCE_INIT,
                          ldap = PTHREAD_ONCE_INIT;
    const struct settings_directory *directory = &settings->directory;

    if (!directory->ldif && !directory->push.set)
        pthread_once(&ldap, begin_ldap);
    /* A libcurl with SSH begins libssh2, too: never beside us. */
    if (settings->sftp.set || settings->photos.set)
        pthread_once(&ssh, begin_ssh);
    if (settings->photos.set)
        pthread_once(&web, begin_web);
}
