#include "directory/ldap_certificate.h"

#include "base/error.h"
#include "directory/ldap_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ldap.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { NAME_BYTES = 160 };

/* OpenSSL reads and writes the socket itself: blocking, but no longer than this. */
static bool
make_blocking(int fd, unsigned seconds)
{
    struct timeval limit = {.tv_sec = seconds};

    return fcntl(fd, F_SETFL, 0) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0;
}

/* The StartTLS request with message number 1, and enough of the answer to see success (RFC 4511
 * section 4.14; LDAPMessage { 1, ExtendedRequest { "1.3.6.1.4.1.1466.20037" } }). */
static bool
ask_starttls(int fd)
{
    static const unsigned char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                           "1.3.6.1.4.1.1466.20037";
    unsigned char answer[512];
    size_t length = sizeof request - 1;
    ssize_t got;

    if (send(fd, request, length, MSG_NOSIGNAL) != (ssize_t)length)
        return false;
    got = recv(fd, answer, sizeof answer, 0);
    return got >= 10 && answer[0] == 0x30;
}

static void
write_name(char *ret_text, const X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *data = NULL;
    long length = 0;

    if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253) >= 0)
        length = BIO_get_mem_data(out, &data);
    snprintf(ret_text, NAME_BYTES, "%.*s", (int)length, data ? data : "");
    BIO_free(out);
}

static void
write_day(char *ret_text, size_t size, const ASN1_TIME *time)
{
    struct tm parts;

    if (ASN1_TIME_to_tm(time, &parts) != 1 || strftime(ret_text, size, "%Y-%m-%d", &parts) == 0)
        snprintf(ret_text, size, "an unknown day");
}

static void
write_reason(SSL *ssl, X509 *certificate, const char *host, char *ret_text, size_t size)
{
    long result = SSL_get_verify_result(ssl);
    char subject[NAME_BYTES], issuer[NAME_BYTES], day[32];

    write_name(subject, X509_get_subject_name(certificate));
    write_name(issuer, X509_get_issuer_name(certificate));
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        write_day(day, sizeof day, X509_get0_notAfter(certificate));
        snprintf(ret_text, size, "it expired on %s (it is for '%s')", day, subject);
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        snprintf(ret_text, size, "it is for '%s', and not for the host '%s'", subject, host);
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        snprintf(ret_text, size, "it is signed by itself ('%s') and not among the trusted ones",
                 subject);
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        snprintf(ret_text, size, "its issuer '%s' is not trusted (it is for '%s')", issuer,
                 subject);
        break;
    default:
        snprintf(ret_text, size, "%s (it is for '%s', from '%s')",
                 X509_verify_cert_error_string(result), subject, issuer);
    }
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

static bool
look(const struct certificate_question *question, int fd, char *ret_text, size_t size)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = NULL;
    X509 *certificate = NULL;
    bool known = false;

    if (!context)
        goto done;
    /* To look at a certificate that is not accepted the handshake has to come to its end. */
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    if (question->authorities)
        SSL_CTX_load_verify_locations(context, question->authorities, NULL);
    ssl = make_session(context, question, fd);
    if (!ssl || SSL_connect(ssl) != 1 || SSL_get_verify_result(ssl) == X509_V_OK)
        goto done;
    certificate = SSL_get_peer_certificate(ssl);
    if (!certificate)
        goto done;
    write_reason(ssl, certificate, question->url->lud_host, ret_text, size);
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
    int fd = ldap_socket_connect(question->url, question->timeout_seconds, &ignored);
    bool known;

    if (fd < 0)
        return false;
    known = make_blocking(fd, question->timeout_seconds) &&
            (!question->starttls || ask_starttls(fd)) &&
            look_without_signal(question, fd, ret_text, size);
    close(fd);
    return known;
}

bool
ldap_certificate_end(LDAP *ld, time_t *ret_end)
{
    struct berval encoded = {0, NULL};
    const unsigned char *bytes;
    X509 *certificate;
    struct tm parts;
    bool known = false;

    if (ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &encoded) != LDAP_OPT_SUCCESS)
        return false;
    bytes = (const unsigned char *)encoded.bv_val;
    certificate = d2i_X509(NULL, &bytes, (long)encoded.bv_len);
    if (certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) == 1) {
        *ret_end = timegm(&parts);
        known = true;
    }
    X509_free(certificate);
    ldap_memfree(encoded.bv_val);
    return known;
}
