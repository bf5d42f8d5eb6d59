#include "base/certificate.h"
#include "photos/web.h"

#include <openssl/x509_vfy.h>
#include <string.h>

#define HINT_NETWORK                                                                               \
    "Check the name and port in the URL, that the server runs, and that no firewall is in "        \
    "between."
#define HINT_PROXY                                                                                 \
    "Check the environment variables https_proxy, all_proxy and no_proxy, which are used as curl " \
    "uses them."
#define HINT_TLS "The server has to speak TLS 1.2 or later; its administrator can look at its log."

/* What stands between "the web server 'H' …" and what libcurl says. */
static const struct {
    CURLcode curl;
    enum error_code code;
    bool transient;
    const char *text, *hint;
} kinds[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERROR_UNAVAILABLE, true, "cannot be found in the DNS",
     "Check the name in the URL, and this machine's DNS."},
    {CURLE_COULDNT_RESOLVE_PROXY, ERROR_CONFIG, false, "is behind a proxy that is not in the DNS",
     HINT_PROXY},
    {CURLE_PROXY, ERROR_UNAVAILABLE, true, "cannot be reached by the proxy", HINT_PROXY},
    {CURLE_COULDNT_CONNECT, ERROR_UNAVAILABLE, true, "cannot be reached", HINT_NETWORK},
    {CURLE_OPERATION_TIMEDOUT, ERROR_UNAVAILABLE, true, "did not answer in time", HINT_NETWORK},
    {CURLE_SSL_CONNECT_ERROR, ERROR_UNAVAILABLE, true, "does not come to terms on encryption",
     HINT_TLS},
    {CURLE_SSL_CACERT_BADFILE, ERROR_CONFIG, false, "cannot be judged without the authorities",
     "Check that the file with the authorities' certificates is there and is PEM."},
    {CURLE_PARTIAL_FILE, ERROR_UNAVAILABLE, true, "broke off its answer", ""},
    {CURLE_GOT_NOTHING, ERROR_UNAVAILABLE, true, "closed the connection without an answer", ""},
    {CURLE_RECV_ERROR, ERROR_UNAVAILABLE, true, "broke off its answer", ""},
    {CURLE_SEND_ERROR, ERROR_UNAVAILABLE, true, "broke off the connection", ""},
    {CURLE_HTTP2, ERROR_UNAVAILABLE, true, "broke off its answer", ""},
    {CURLE_HTTP2_STREAM, ERROR_UNAVAILABLE, true, "broke off its answer", ""},
    {CURLE_WEIRD_SERVER_REPLY, ERROR_UNAVAILABLE, true, "does not speak HTTP", HINT_NETWORK},
    {CURLE_UNSUPPORTED_PROTOCOL, ERROR_UNAVAILABLE, true, "does not speak HTTP", HINT_NETWORK},
    {CURLE_WRITE_ERROR, ERROR_UNAVAILABLE, true, "sends more headers than any answer has", ""},
    {CURLE_URL_MALFORMAT, ERROR_CONFIG, false, "has a name that no URL can have",
     "Write a name with other letters than ASCII's in the form that begins with 'xn--'."},
};

/* What to do about a certificate, by OpenSSL's verdict. */
static const struct {
    long verdict;
    const char *hint;
} remedies[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, "Have the certificate renewed, and the server told to use the "
                                  "new one."},
    {X509_V_ERR_CERT_NOT_YET_VALID, "Check the clocks of this machine and of the one where the "
                                    "certificate was made."},
    {X509_V_ERR_HOSTNAME_MISMATCH, "Use the name that the certificate is for in the URL, or have "
                                   "one made for this name."},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, "Use the name that the certificate is for in the URL."},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     "Have the server send its whole chain of certificates, from an authority that is known."},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
     "Have the server send its whole chain of certificates, from an authority that is known."},
};

static const char *
remedy_of(long verdict)
{
    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
        if (remedies[i].verdict == verdict)
            return remedies[i].hint;
    return "Have a certificate made by an authority that is known.";
}

/* libcurl compares the names itself, when OpenSSL has found no fault. */
static bool
word_certificate(const struct web_request *request, struct error *err)
{
    long verdict = request->verdict == X509_V_OK ? X509_V_ERR_HOSTNAME_MISMATCH : request->verdict;
    char reason[600];

    if (request->certificate)
        certificate_reason(request->certificate, verdict, request->host, reason, sizeof reason);
    else
        snprintf(reason, sizeof reason, "%s", request->said);
    error_set(err, ERROR_PERMISSION, "the certificate of the web server '%s' is not accepted: %s",
              request->host, reason);
    return error_hint(err, "%s", remedy_of(verdict));
}

bool
web_error(const struct web_request *request, CURLcode code, struct error *err)
{
    const char *said = request->said[0] ? request->said : curl_easy_strerror(code);

    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return word_certificate(request, err);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].curl != code)
            continue;
        error_set(err, kinds[i].code, "the web server '%s' %s: %s", request->host, kinds[i].text,
                  said);
        err->transient = kinds[i].transient;
        return error_hint(err, "%s", kinds[i].hint);
    }
    error_set(err, ERROR_UNAVAILABLE, "the web server '%s' gives no answer that can be used: %s",
              request->host, said);
    err->transient = true;
    return false;
}
