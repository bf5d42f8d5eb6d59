#include "base/certificate.h"

#include <openssl/x509v3.h>
#include <stdio.h>

enum { NAME_BYTES = 160, NAMES_BYTES = 240 };

static void
take_text(BIO *from, char *ret_text, size_t size)
{
    char *data = NULL;
    long length = BIO_get_mem_data(from, &data);

    snprintf(ret_text, size, "%.*s", (int)length, data ? data : "");
}

static void
write_name(char *ret_text, size_t size, const X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());

    ret_text[0] = '\0';
    if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253) >= 0)
        take_text(out, ret_text, size);
    BIO_free(out);
}

/* Those that count: "DNS:dc1.example.edu, IP Address:192.0.2.1"; where there are none, the
 * subject's. */
static void
write_names(char ret_text[NAMES_BYTES], X509 *certificate, const char *subject)
{
    int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    BIO *out = BIO_new(BIO_s_mem());

    snprintf(ret_text, NAMES_BYTES, "%s", subject);
    if (out && at >= 0 && X509V3_EXT_print(out, X509_get_ext(certificate, at), 0, 0) == 1)
        take_text(out, ret_text, NAMES_BYTES);
    BIO_free(out);
}

static void
write_day(char *ret_text, size_t size, const ASN1_TIME *time)
{
    struct tm parts;

    if (ASN1_TIME_to_tm(time, &parts) != 1 || strftime(ret_text, size, "%Y-%m-%d", &parts) == 0)
        snprintf(ret_text, size, "an unknown day");
}

void
certificate_reason(X509 *certificate, long result, const char *host, char *ret_text, size_t size)
{
    char subject[NAME_BYTES], issuer[NAME_BYTES], names[NAMES_BYTES], day[32];

    write_name(subject, sizeof subject, X509_get_subject_name(certificate));
    write_name(issuer, sizeof issuer, X509_get_issuer_name(certificate));
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        write_day(day, sizeof day, X509_get0_notAfter(certificate));
        snprintf(ret_text, size, "it expired on %s (it is for '%s')", day, subject);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        write_day(day, sizeof day, X509_get0_notBefore(certificate));
        snprintf(ret_text, size, "it is not good before %s (it is for '%s')", day, subject);
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        write_names(names, certificate, subject);
        snprintf(ret_text, size, "it is for '%s', and not for the host '%s'", names, host);
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

void
certificate_issuer(X509 *certificate, char *ret_text, size_t size)
{
    write_name(ret_text, size, X509_get_issuer_name(certificate));
}

bool
certificate_is_self_signed(X509 *certificate)
{
    return (X509_get_extension_flags(certificate) & EXFLAG_SI) != 0;
}

bool
certificate_end(X509 *certificate, time_t *ret_end)
{
    struct tm parts;

    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return false;
    *ret_end = timegm(&parts);
    return true;
}
