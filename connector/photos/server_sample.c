#include "photos/server_sample.h"

#include "photos/url.h"

#include <ctype.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum fault {
    FAULT_NONE,
    FAULT_UNREAD,
    FAULT_MISSING,
    FAULT_OTHER_CASE,
    FAULT_REDIRECTED,
    FAULT_DENIED,
    FAULT_STATUS,
    FAULT_DIFFERENT,
    FAULT_TYPE,
    FAULT_COUNT
};

/* What stands behind "3 of 10 photos ". */
static const struct {
    const char *name;
    enum error_code code;
    const char *text, *hint;
} kinds[FAULT_COUNT] = {
    [FAULT_UNREAD] = {"photos.sample", ERROR_UNAVAILABLE, "could not be fetched", ""},
    [FAULT_MISSING] =
        {"photos.sample", ERROR_CONFIG, "not found",
         "See that 'photos.url' shows the directory of 'photos.delivery', and nothing "
         "else."},
    [FAULT_OTHER_CASE] =
        {"photos.case", ERROR_CONFIG, "found only with the suffix in the other case",
         "Alma asks for name and suffix letter by letter: see that the web server changes neither, "
         "or set 'photos.suffix' as the files are called."},
    [FAULT_REDIRECTED] = {"photos.sample", ERROR_CONFIG, "redirected",
                          "Set 'photos.url' to where the photos themselves are, without a login."},
    [FAULT_DENIED] = {"photos.sample", ERROR_PERMISSION, "denied",
                      "Let the web server give the photos to everybody who asks: Alma does not log "
                      "in."},
    [FAULT_STATUS] = {"photos.sample", ERROR_UNAVAILABLE, "answered with an error",
                      "The web server's own log says more."},
    [FAULT_DIFFERENT] = {"photos.sample", ERROR_DATA, "other than delivered",
                         "See that nothing in between keeps old photos or changes pictures, and "
                         "that 'photos.url' shows the directory of 'photos.delivery'."},
    [FAULT_TYPE] = {"photos.type", ERROR_CONFIG, "sent under a wrong content type",
                    "Let the web server send the type that belongs to the suffix, spelled as it "
                    "is: browsers need not show others."},
};

/* How often each occurred, and the first. */
struct tally {
    size_t count;
    char example[700];
};

const char *
server_type_of(const char *suffix)
{
    return strcasecmp(suffix, "png") == 0 ? "image/png" : "image/jpeg";
}

char *
server_other_case(const char *name)
{
    char *other = memory_alloc(strlen(name) + 1), *suffix;
    bool has_lower = false;

    memcpy(other, name, strlen(name) + 1);
    suffix = strrchr(other, '.');
    for (const char *c = suffix; c && *c; c++)
        has_lower = has_lower || islower((unsigned char)*c);
    for (char *c = suffix; c && *c; c++)
        *c = (char)(has_lower ? toupper((unsigned char)*c) : tolower((unsigned char)*c));
    return other;
}

static bool
is_as_delivered(const struct web_request *request, const struct server_photo *photo)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    if (request->too_large || request->body.length == 0)
        return false;
    SHA256((const unsigned char *)request->body.data, request->body.length, digest);
    return memcmp(digest, photo->sha256, sizeof digest) == 0;
}

static bool
has_type(const struct web_request *request, const char *suffix)
{
    const char *given = web_header(request, "Content-Type"), *type = server_type_of(suffix);

    return given && strcspn(given, "; ") == strlen(type) &&
           strncasecmp(given, type, strlen(type)) == 0;
}

/* Goes to the URL of a name; the URL stays in `url`. */
static bool
get(const struct server_check *check, struct web_request *request, const char *name,
    struct buffer *url, struct error *err)
{
    url->length = 0;
    url_of_name(check->url, name, url);
    buffer_add(url, "", 1);
    web_aim(request, url->data);
    return web_perform(request, err);
}

static enum fault
find_by_other_case(const struct server_check *check, struct web_request *request,
                   const struct server_photo *photo)
{
    struct error ignored = ERROR_INIT;
    struct buffer url = BUFFER_INIT;
    char *other = server_other_case(photo->name);
    bool found = get(check, request, other, &url, &ignored) && web_status(request) == 200 &&
                 is_as_delivered(request, photo);

    free(other);
    buffer_free(&url);
    return found ? FAULT_OTHER_CASE : FAULT_MISSING;
}

/* What the answer shows; `detail` says more. */
static enum fault
judge(const struct server_check *check, const struct web_request *request,
      const struct server_photo *photo, char *detail, size_t size)
{
    long status = web_status(request);
    const char *said = NULL;

    if (status == 200 && !is_as_delivered(request, photo))
        return FAULT_DIFFERENT;
    if (status == 200 && has_type(request, check->suffix))
        return FAULT_NONE;
    if (status == 200) {
        said = web_header(request, "Content-Type");
        snprintf(detail, size, "%s in place of %s", said ? said : "none",
                 server_type_of(check->suffix));
        return FAULT_TYPE;
    }
    said = web_header(request, "Location");
    snprintf(detail, size, "%ld%s%.200s", status, said ? ", to " : "", said ? said : "");
    if (status == 404 || status == 410)
        return FAULT_MISSING;
    if (status >= 300 && status < 400)
        return FAULT_REDIRECTED;
    return status == 401 || status == 403 ? FAULT_DENIED : FAULT_STATUS;
}

static void
look_at(const struct server_check *check, struct web_request *request,
        const struct server_photo *photo, struct tally tallies[FAULT_COUNT])
{
    struct error err = ERROR_INIT;
    struct buffer url = BUFFER_INIT;
    char detail[300] = "";
    enum fault fault = FAULT_UNREAD;
    struct tally *tally;

    if (get(check, request, photo->name, &url, &err))
        fault = judge(check, request, photo, detail, sizeof detail);
    else
        snprintf(detail, sizeof detail, "%.*s", (int)sizeof detail - 1, err.text);
    if (fault == FAULT_MISSING)
        fault = find_by_other_case(check, request, photo);
    tally = &tallies[fault];
    if (tally->count++ == 0)
        snprintf(tally->example, sizeof tally->example, "'%.350s'%s%s%s", url.data,
                 detail[0] ? " (" : "", detail, detail[0] ? ")" : "");
    buffer_free(&url);
}

void
server_check_sample(const struct server_check *check, const struct probe_sink *probes,
                    struct web_request *request)
{
    struct tally tallies[FAULT_COUNT] = {0};

    for (size_t i = 0; i < check->count; i++)
        look_at(check, request, &check->photos[i], tallies);
    if (tallies[FAULT_NONE].count == check->count)
        probe_ok(probes, "photos.sample",
                 "%zu of %zu photos are there as they were delivered, sent as %s", check->count,
                 check->count, server_type_of(check->suffix));
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        struct error err = ERROR_INIT;

        if (tallies[i].count == 0)
            continue;
        error_set(&err, kinds[i].code, "%zu of %zu photos %s, such as %s", tallies[i].count,
                  check->count, kinds[i].text, tallies[i].example);
        error_hint(&err, "%s", kinds[i].hint);
        probe_fail(probes, kinds[i].name, &err);
    }
}
