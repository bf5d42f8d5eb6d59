/* certificate: what a server's certificate says, in words for an administrator.
 *
 * It decides nothing: whether a certificate is good was settled by whoever shook hands.
 */
#ifndef BASE_CERTIFICATE_H
#define BASE_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct x509_st; /* OpenSSL's X509 */

/* Why it was refused, such as "it expired on 2026-01-31 (it is for 'CN=…')"; `result` is
 * OpenSSL's X509_V_ERR_…, `host` what was connected to. */
void certificate_reason(struct x509_st *certificate, long result, const char *host, char *ret_text,
                        size_t size);

/* The issuer as RFC 2253 writes it. */
void certificate_issuer(struct x509_st *certificate, char *ret_text, size_t size);

/* Whether it was issued by the one whom it is for, and so is no authority's. */
bool certificate_is_self_signed(struct x509_st *certificate);

/* The last second for which it is good; false where it names none. */
bool certificate_end(struct x509_st *certificate, time_t *ret_end);

#endif
