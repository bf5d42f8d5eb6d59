/* web: one GET after the other from web servers that are not to be trusted with more.
 *
 * By HTTPS alone, with a certificate that is good for the name, TLS 1.2 or later; no redirect is
 * followed, no login, cookie or file of the account is used, an answer is never larger than what
 * is asked for. The environment's proxies are used as curl(1) uses them.
 *
 * Order of use: web_begin; open requests; for each URL aim, then perform (or hand `easy` to a
 * multi handle of libcurl's), then look at what is in the request and at web_header(); close;
 * web_end.
 */
#ifndef PHOTOS_WEB_H
#define PHOTOS_WEB_H

#include "base/buffer.h"
#include "base/error.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

struct x509_st;

struct web_options {
    const char *ca_file;      /* PEM; NULL: the system's authorities */
    unsigned timeout_seconds; /* without progress; an answer takes ten times as much at most */
    size_t most_bytes;
};

struct web_request {
    CURL *easy;
    const struct web_options *options;
    char host[256];              /* of the URL, for messages */
    struct buffer body;          /* of the last answer */
    size_t header_bytes;         /* of the last answer */
    bool too_large;              /* it would be larger, and was broken off */
    char said[CURL_ERROR_SIZE];  /* by libcurl, of a failure */
    struct x509_st *certificate; /* of the last handshake; NULL: there was none */
    long verdict;                /* OpenSSL's on it, X509_V_… */
};

/* libcurl's own global state, which counts who uses it. */
bool web_begin(struct error *err);
void web_end(void);

/* The options are borrowed. Where handles are in a multi handle, that is closed first. */
bool web_open(struct web_request *request, const struct web_options *options, struct error *err);
void web_close(struct web_request *request);

/* Forgets the last answer; `url` is copied. */
void web_aim(struct web_request *request, const char *url);

/* Fetches it. Whatever the server says is an answer; false where there is none, or none that is
 * whole: then with web_error(). Of one that is too large the beginning. */
bool web_perform(struct web_request *request, struct error *err);

/* The status of the last answer, 0: there was none. */
long web_status(const struct web_request *request);

/* A header of the last answer; NULL: it has none, or one that is not plain text of at most 500
 * bytes. Lives until the next call of libcurl for this request. */
const char *web_header(const struct web_request *request, const char *name);

/* Words what libcurl failed with (web_error.c): ERROR_UNAVAILABLE for the network, ERROR_PERMISSION
 * for a certificate that is not accepted, ERROR_CONFIG. `transient` where another attempt may
 * succeed. Returns false. */
bool web_error(const struct web_request *request, CURLcode code, struct error *err);

#endif
