#include "photos/server.h"

#include "base/certificate.h"
#include "photos/server_sample.h"
#include "photos/url.h"
#include "photos/web.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    ANSWER_BYTES_MOST = 32 * 1024 * 1024, /* more than a photo, or 100,000 names in a list */
    ENDING_SECONDS = 30 * 86400           /* renewals take time */
};

/* What a check shares; `probes` counts the failures. */
struct server_run {
    const struct server_check *check;
    struct probe_sink probes;
    struct web_request request;
    size_t failures;
};

static void
count_probe(void *context, const struct probe *probe)
{
    struct server_run *run = context;

    run->failures += probe->verdict == PROBE_FAILURE;
    run->check->probes->add(run->check->probes->context, probe);
}

static bool
is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    char name[256];

    snprintf(name, sizeof name, "%.*s", (int)strcspn(host, ":"), host);
    return host[0] == '[' || inet_pton(AF_INET, name, bytes) == 1;
}

/* FACTS of Alma's forms: HTTPS, and a '/' at the end, as Alma appends the name. */
static bool
check_url(struct server_run *run)
{
    const char *url = run->check->url, *host = strstr(url, "://");
    struct error err = ERROR_INIT;

    if (strncmp(url, "https://", 8) != 0 || url[strlen(url) - 1] != '/') {
        error_set(&err, ERROR_CONFIG, "the URL '%s' must begin with https:// and end with '/'",
                  url);
        probe_fail(&run->probes, "photos.url", &err);
        return false;
    }
    if (is_address(host + 3))
        probe_warn(&run->probes, "photos.url",
                   "Give the web server a name: authorities make certificates for names.",
                   "the URL '%s' has an address in place of a name", url);
    else
        probe_ok(&run->probes, "photos.url", "the URL '%s' has the form that Alma wants", url);
    return true;
}

static bool
get(struct server_run *run, const char *url, struct error *err)
{
    web_aim(&run->request, url);
    return web_perform(&run->request, err);
}

/* That it is good for the name and of an authority that is known the handshake has shown. */
static void
check_certificate(struct server_run *run)
{
    char issuer[200], day[32] = "an unknown day";
    time_t end = 0;
    struct tm parts;

    if (!run->request.certificate || !certificate_end(run->request.certificate, &end))
        return;
    certificate_issuer(run->request.certificate, issuer, sizeof issuer);
    if (gmtime_r(&end, &parts))
        strftime(day, sizeof day, "%Y-%m-%d", &parts);
    if (certificate_is_self_signed(run->request.certificate))
        probe_warn(&run->probes, "photos.certificate",
                   "Have a certificate made by an authority that everybody knows.",
                   "the certificate of '%s' is signed by itself: this machine trusts it, Alma does "
                   "not",
                   run->request.host);
    else if (end - time(NULL) < ENDING_SECONDS)
        probe_warn(&run->probes, "photos.certificate",
                   "Have it renewed in time: Alma shows no photos from the next day on.",
                   "the certificate of '%s' ends on %s", run->request.host, day);
    else
        probe_ok(&run->probes, "photos.certificate",
                 "the certificate of '%s', by '%s', is good until %s", run->request.host, issuer,
                 day);
}

static bool
holds(const struct buffer *body, const char *text)
{
    return body->length > 0 && memmem(body->data, body->length, text, strlen(text)) != NULL;
}

/* A list has the names themselves, as text or as links. */
static const char *
listed_name(const struct server_run *run)
{
    const struct server_check *check = run->check;
    const char *found = NULL;

    for (size_t i = 0; i < check->count && !found; i++) {
        struct buffer link = BUFFER_INIT;

        url_of_name("", check->photos[i].name, &link);
        buffer_add(&link, "", 1);
        if (holds(&run->request.body, check->photos[i].name) ||
            holds(&run->request.body, link.data))
            found = check->photos[i].name;
        buffer_free(&link);
    }
    return found;
}

/* The folder itself was asked for: whoever can list it has everybody's identifier and face. */
static void
check_listing(struct server_run *run)
{
    const char *url = run->check->url, *name = listed_name(run);
    struct error err = ERROR_INIT;

    if (!name && !holds(&run->request.body, "<title>Index of") &&
        !holds(&run->request.body, "<title>Directory listing")) {
        probe_ok(&run->probes, "photos.listing", "the folder '%s' cannot be listed (%ld)", url,
                 web_status(&run->request));
        return;
    }
    error_set(&err, ERROR_CONFIG, "everybody can list the folder '%s'%s%s%s", url,
              name ? ": '" : "", name ? name : "", name ? "' is named there" : "");
    error_hint(&err, "Switch listings off: 'autoindex off' in nginx, 'Options -Indexes' in "
                     "Apache.");
    probe_fail(&run->probes, "photos.listing", &err);
}

static void
check_nothing(struct server_run *run)
{
    struct error err = ERROR_INIT;
    struct buffer url = BUFFER_INIT;
    long status;

    url_of_name(run->check->url, "ldap2alma-check-nobody.", &url);
    buffer_add(&url, run->check->suffix, strlen(run->check->suffix) + 1);
    if (!get(run, url.data, &err)) {
        probe_fail(&run->probes, "photos.nothing", &err);
        goto done;
    }
    status = web_status(&run->request);
    if (status == 404 || status == 410 || status == 403)
        probe_ok(&run->probes, "photos.nothing", "a photo that is not there is not found (%ld)",
                 status);
    else
        probe_warn(&run->probes, "photos.nothing",
                   "Let the web server answer with 404 where there is no photo: else Alma shows "
                   "whatever it sends.",
                   "a photo that is not there is answered with %ld in place of 404", status);
done:
    buffer_free(&url);
}

static void
check_sample(struct server_run *run)
{
    if (run->check->count == 0)
        probe_warn(&run->probes, "photos.sample",
                   "Run 'ldap2alma photos' and check again: only then is the way seen as a whole.",
                   "no photo has been delivered yet, so none could be looked for");
    else
        server_check_sample(run->check, &run->probes, &run->request);
}

static void
check_all(struct server_run *run)
{
    struct error err = ERROR_INIT;

    if (!get(run, run->check->url, &err)) {
        probe_fail(&run->probes,
                   err.code == ERROR_PERMISSION ? "photos.certificate" : "photos.connection", &err);
        return;
    }
    probe_ok(&run->probes, "photos.connection", "the web server '%s' answers", run->request.host);
    check_certificate(run);
    check_listing(run);
    check_nothing(run);
    check_sample(run);
}

bool
server_check_photos(const struct server_check *check)
{
    const struct web_options web = {check->ca_file, check->timeout_seconds, ANSWER_BYTES_MOST};
    struct server_run run = {.check = check};
    struct error err = ERROR_INIT;

    run.probes = (struct probe_sink){count_probe, &run};
    if (!check_url(&run))
        return false;
    if (!web_begin(&err)) {
        probe_fail(&run.probes, "photos.connection", &err);
        return false;
    }
    if (web_open(&run.request, &web, &err))
        check_all(&run);
    else
        probe_fail(&run.probes, "photos.connection", &err);
    web_close(&run.request);
    web_end();
    return run.failures == 0;
}
