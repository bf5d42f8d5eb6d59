#include "photos/web.h"

#include <openssl/ssl.h>
#include <string.h>

enum { HEADER_BYTES_MOST = 500, HEADERS_BYTES_MOST = 256 * 1024, WHOLE_TIMES_TIMEOUT = 10 };

bool
web_begin(struct error *err)
{
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

    return code == CURLE_OK ||
           error_set(err, ERROR_INTERNAL, "libcurl cannot be used: %s", curl_easy_strerror(code));
}

void
web_end(void)
{
    curl_global_cleanup();
}

static size_t
take_body(char *data, size_t size, size_t count, void *context)
{
    struct web_request *request = context;
    size_t length = size * count;

    request->too_large = length > request->options->most_bytes - request->body.length;
    if (request->too_large)
        return CURL_WRITEFUNC_ERROR;
    buffer_add(&request->body, data, length);
    return length;
}

/* libcurl keeps them all, and has no bound for those behind a body that comes in chunks. */
static size_t
count_header(char *data, size_t size, size_t count, void *context)
{
    struct web_request *request = context;
    size_t length = size * count;

    (void)data;
    request->header_bytes += length;
    return request->header_bytes > HEADERS_BYTES_MOST ? CURL_WRITEFUNC_ERROR : length;
}

static struct web_request *
request_of(X509_STORE_CTX *store)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* OpenSSL asks for each certificate of the chain, from the authority down; the first fault counts.
 * Its verdict stands. */
static int
look_at_certificate(int good, X509_STORE_CTX *store)
{
    struct web_request *request = request_of(store);
    X509 *leaf = X509_STORE_CTX_get0_cert(store);

    if (leaf != request->certificate) {
        X509_free(request->certificate);
        request->certificate = X509_up_ref(leaf) == 1 ? leaf : NULL;
        request->verdict = X509_V_OK;
    }
    if (!good && request->verdict == X509_V_OK)
        request->verdict = X509_STORE_CTX_get_error(store);
    return good;
}

static CURLcode
watch_handshake(CURL *easy, void *context, void *request)
{
    (void)easy;
    SSL_CTX_set_app_data(context, request);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, look_at_certificate);
    return CURLE_OK;
}

/* libcurl takes options by type: each kind has its own list. */
static bool
set_options(struct web_request *request)
{
    const struct web_options *options = request->options;
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
        {CURLOPT_PATH_AS_IS, 1},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_CONNECTTIMEOUT, (long)options->timeout_seconds},
        {CURLOPT_LOW_SPEED_LIMIT, 1},
        {CURLOPT_LOW_SPEED_TIME, (long)options->timeout_seconds},
        {CURLOPT_TIMEOUT, (long)options->timeout_seconds * WHOLE_TIMES_TIMEOUT},
    };
    CURL *easy = request->easy;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (curl_easy_setopt(easy, numbers[i].option, numbers[i].value) != CURLE_OK)
            return false;
    if (options->ca_file && (curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) != CURLE_OK ||
                             curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file) != CURLE_OK))
        return false;
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "ldap2alma") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->said) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, request) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, watch_handshake) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, request) == CURLE_OK;
}

bool
web_open(struct web_request *request, const struct web_options *options, struct error *err)
{
    *request = (struct web_request){.options = options, .easy = curl_easy_init()};
    if (!request->easy || !set_options(request))
        return error_set(err, ERROR_INTERNAL, "this libcurl, version %s, lacks what is needed",
                         curl_version_info(CURLVERSION_NOW)->version);
    return true;
}

void
web_close(struct web_request *request)
{
    curl_easy_cleanup(request->easy);
    X509_free(request->certificate);
    buffer_free(&request->body);
    *request = (struct web_request){0};
}

void
web_aim(struct web_request *request, const char *url)
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    snprintf(request->host, sizeof request->host, "%.*s", (int)strcspn(host, "/?#"), host);
    request->body.length = request->header_bytes = 0;
    request->too_large = false;
    request->said[0] = '\0';
    curl_easy_setopt(request->easy, CURLOPT_URL, url);
}

bool
web_perform(struct web_request *request, struct error *err)
{
    CURLcode code = curl_easy_perform(request->easy);

    return code == CURLE_OK || request->too_large || web_error(request, code, err);
}

long
web_status(const struct web_request *request)
{
    long status = 0;

    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool
is_plain(const char *text)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return length <= HEADER_BYTES_MOST;
}

const char *
web_header(const struct web_request *request, const char *name)
{
    struct curl_header *header;

    if (curl_easy_header(request->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return is_plain(header->value) ? header->value : NULL;
}
