#include "directory/ldap_certificate.h"

#include "base/certificate.h"
#include "base/error.h"
#include "directory/ldap_socket.h"

#include <arpa/inet.h>
#include <ldap.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The StartTLS request with message number 1, and enough of the answer to see success (RFC 4511
 * section 4.14; LDAPMessage { 1, ExtendedRequest { "1.3.6.1.4.1.1466.20037" } }). */
static bool
ask_starttls(int fd, int64_t deadline)
{
    static const unsigned char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                           "1.3.6.1.4.1.1466.20037";
    unsigned char answer[512];
    size_t length = sizeof request - 1;
    ssize_t got;

    if (send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length ||
        !ldap_socket_wait(fd, POLLIN, deadline))
        return false;
    got = recv(fd, answer, sizeof answer, 0);
    return got >= 10 && answer[0] == 0x30;
}

static bool
is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static SSL *
make_session(SSL_CTX *context, const struct certificate_question *question, int fd)
{
    SSL *ssl = SSL_new(context);
    char *host = question->url->lud_host; /* OpenSSL's macro for the name takes no const */

    if (!ssl || SSL_set_fd(ssl, fd) != 1)
        goto fail;
    if (is_address(host)) {
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) != 1)
            goto fail;
    } else if (SSL_set1_host(ssl, host) != 1 || SSL_set_tlsext_host_name(ssl, host) != 1) {
        goto fail;
    }
    return ssl;
fail:
    SSL_free(ssl);
    return NULL;
}

/* OpenSSL reads and writes the socket itself. */
static bool
shake_hands(SSL *ssl, int fd, int64_t deadline)
{
    int result;

    ERR_clear_error(); /* SSL_get_error() looks at whatever is left there */
    while ((result = SSL_connect(ssl)) != 1) {
        int wanted = SSL_get_error(ssl, result);

        if ((wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) ||
            !ldap_socket_wait(fd, wanted == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline))
            return false;
    }
    return true;
}

static bool
look(const struct certificate_question *question, int fd, char *ret_text, size_t size)
{
    int64_t deadline = ldap_socket_deadline(question->timeout_seconds);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    X509 *certificate = NULL;
    bool known = false;

    if (!context || (question->starttls && !ask_starttls(fd, deadline)))
        goto done;
    /* To look at a certificate that is not accepted the handshake has to come to its end. */
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    if (question->authorities)
        SSL_CTX_load_verify_locations(context, question->authorities, NULL);
    ssl = make_session(context, question, fd);
    if (!ssl || !shake_hands(ssl, fd, deadline) || SSL_get_verify_result(ssl) == X509_V_OK)
        goto done;
    certificate = SSL_get_peer_certificate(ssl);
    if (!certificate)
        goto done;
    certificate_reason(certificate, SSL_get_verify_result(ssl), question->url->lud_host, ret_text,
                       size);
    known = true;
done:
    X509_free(certificate);
    SSL_free(ssl);
    SSL_CTX_free(context);
    return known;
}

/* OpenSSL writes without MSG_NOSIGNAL. A SIGPIPE that this causes goes to this thread, where it
 * is held back and thrown away. */
static bool
look_without_signal(const struct certificate_question *question, int fd, char *ret_text,
                    size_t size)
{
    const struct timespec now = {0};
    sigset_t pipe_only, before, pending;
    bool known;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    known = look(question, fd, ret_text, size);
    if (!sigismember(&pending, SIGPIPE))
        (void)sigtimedwait(&pipe_only, NULL, &now);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return known;
}

bool
ldap_certificate_explain(const struct certificate_question *question, char *ret_text, size_t size)
{
    struct error ignored = ERROR_INIT;
    char address[LDAP_ADDRESS_SIZE] = "";
    int fd = ldap_socket_connect(question->url, address, question->timeout_seconds, &ignored);
    bool known;

    if (fd < 0)
        return false;
    known = look_without_signal(question, fd, ret_text, size);
    close(fd);
    return known;
}

bool
ldap_certificate_end(LDAP *ld, time_t *ret_end)
{
    struct berval encoded = {0, NULL};
    const unsigned char *bytes;
    X509 *certificate;
    bool known;

    if (ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &encoded) != LDAP_OPT_SUCCESS)
        return false;
    bytes = (const unsigned char *)encoded.bv_val;
    certificate = d2i_X509(NULL, &bytes, (long)encoded.bv_len);
    known = certificate && certificate_end(certificate, ret_end);
    X509_free(certificate);
    ldap_memfree(encoded.bv_val);
    return known;
}
