/* Pictures at URLs, several at a time. */
#include "base/arena.h"
#include "photos/fetch_driver.h"
#include "photos/url.h"
#include "photos/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 8,
    UNANSWERED_MOST = 10,       /* in a row: then it is the server, and not a picture */
    UNCHANGED_SECONDS_MIN = 60, /* RFC 9110 section 8.8.2.2 */
    POLL_MILLISECONDS = 1000,
    VERSION_BYTES = 600
};

struct slot {
    struct web_request request;
    struct curl_slist *condition; /* the request's own headers */
    uint64_t tag;
    char key[FETCH_KEY_BYTES];
    bool busy;
};

struct url_fetch {
    struct web_options web;
    bool begun; /* web_begin() */
    CURLM *multi;
    struct slot slots[SLOTS];
    size_t opened, busy;
    unsigned unanswered;
    struct buffer url;
};

static bool
open_urls(struct fetch *fetch, struct error *err)
{
    struct url_fetch *urls = memory_zero(1, sizeof *urls);

    fetch->inside = urls;
    urls->web = (struct web_options){fetch->options.ca_file, fetch->options.timeout_seconds,
                                     fetch->options.most_bytes};
    urls->begun = web_begin(err);
    if (!urls->begun)
        return false;
    urls->multi = curl_multi_init();
    if (!urls->multi)
        return error_set(err, ERROR_INTERNAL, "libcurl gives no handle");
    curl_multi_setopt(urls->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)SLOTS);
    while (urls->opened < SLOTS)
        if (!web_open(&urls->slots[urls->opened++].request, &urls->web, err))
            return false;
    return true;
}

static void
free_slot(struct url_fetch *urls, struct slot *slot)
{
    curl_multi_remove_handle(urls->multi, slot->request.easy);
    curl_easy_setopt(slot->request.easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(slot->condition);
    slot->condition = NULL;
    slot->busy = false;
    urls->busy--;
}

/* "KEY E\"etag\"" or "KEY Mdate"; "" where the server gives none that holds. What was changed in
 * the minute before the answer may change once more under the same date, of which most servers
 * make the tag, too. */
static void
write_version(const struct slot *slot, char version[VERSION_BYTES])
{
    /* Each call may take away what the one before has returned. */
    const char *date = web_header(&slot->request, "Date");
    time_t now = date ? curl_getdate(date, NULL) : -1, changed;
    const char *modified = web_header(&slot->request, "Last-Modified"), *tag;

    changed = modified ? curl_getdate(modified, NULL) : -1;
    version[0] = '\0';
    if (modified && (now < 0 || changed < 0 || now - changed < UNCHANGED_SECONDS_MIN))
        return;
    if (modified)
        snprintf(version, VERSION_BYTES, "%s M%s", slot->key, modified);
    tag = web_header(&slot->request, "ETag");
    if (tag)
        snprintf(version, VERSION_BYTES, "%s E%s", slot->key, tag);
}

/* Asks for the picture only if it is another one than that of the version, which must be this
 * URL's. */
static void
set_condition(struct slot *slot, struct slice version)
{
    size_t length = strlen(slot->key) + 1;
    char line[VERSION_BYTES + 32];

    if (version.length <= length + 1 || version.length >= VERSION_BYTES ||
        memcmp(version.data, slot->key, length - 1) != 0)
        return;
    snprintf(line, sizeof line, "%s: %.*s",
             version.data[length] == 'E' ? "If-None-Match" : "If-Modified-Since",
             (int)(version.length - length - 1), version.data + length + 1);
    slot->condition = curl_slist_append(NULL, line);
    curl_easy_setopt(slot->request.easy, CURLOPT_HTTPHEADER, slot->condition);
}

/* What an answer means, but for 200. */
static enum fetch_outcome
judge(const struct slot *slot, long status, char *trouble, size_t size)
{
    const char *location;

    if (status == 304 && slot->condition)
        return FETCH_SAME;
    if (status == 404 || status == 410 || status == 204)
        return FETCH_NOTHING;
    location = web_header(&slot->request, "Location");
    if (status >= 300 && status < 400 && location)
        snprintf(trouble, size, "is redirected to '%.200s' (%ld), which is not followed", location,
                 status);
    else
        snprintf(trouble, size, "cannot be fetched: the server answers with %ld", status);
    return FETCH_FAILED;
}

static bool
answer(struct fetch *fetch, const struct slot *slot, struct error *err)
{
    struct fetched fetched = {.tag = slot->tag};
    char trouble[320] = "", version[VERSION_BYTES] = "";
    long status = web_status(&slot->request);

    if (slot->request.too_large && status == 200) {
        snprintf(trouble, sizeof trouble, "is larger than %zu bytes", fetch->options.most_bytes);
        fetched.outcome = FETCH_REFUSED;
    } else if (status == 200) {
        write_version(slot, version);
        fetched.outcome = FETCH_DONE;
        fetched.bytes = slot->request.body.length > 0
                            ? (struct slice){slot->request.body.data, slot->request.body.length}
                            : slice_of("");
        fetched.version = version[0] ? slice_of(version) : SLICE_NONE;
    } else {
        fetched.outcome = judge(slot, status, trouble, sizeof trouble);
    }
    fetched.trouble = trouble[0] ? trouble : NULL;
    return fetch->options.fetched(fetch->options.context, &fetched, err);
}

/* There was no answer. A certificate is everybody's, and so is a server that stays silent. */
static bool
answer_failure(struct fetch *fetch, const struct slot *slot, CURLcode code, struct error *err)
{
    struct url_fetch *urls = fetch->inside;
    struct error failure = ERROR_INIT;

    web_error(&slot->request, code, &failure);
    if (failure.transient && ++urls->unanswered < UNANSWERED_MOST) {
        error_prefix(&failure, "cannot be fetched");
        return fetch_answer(fetch, slot->tag, FETCH_FAILED, failure.text, err);
    }
    *err = failure;
    return error_prefix(err, "the pictures cannot be fetched");
}

static bool
settle(struct fetch *fetch, const CURLMsg *message, struct error *err)
{
    struct url_fetch *urls = fetch->inside;
    CURLcode code = message->data.result;
    struct slot *slot = urls->slots;
    bool ok;

    while (slot->request.easy != message->easy_handle)
        slot++;
    if (code != CURLE_OK && !slot->request.too_large) {
        ok = answer_failure(fetch, slot, code, err);
    } else {
        urls->unanswered = 0;
        ok = answer(fetch, slot, err);
    }
    free_slot(urls, slot);
    return ok;
}

/* Waits until one more is done, where any is under way. */
static bool
work(struct fetch *fetch, struct error *err)
{
    struct url_fetch *urls = fetch->inside;
    size_t before = urls->busy;
    const CURLMsg *message;
    int running, left;

    while (urls->busy > 0 && urls->busy == before) {
        CURLMcode code = curl_multi_perform(urls->multi, &running);

        while ((message = curl_multi_info_read(urls->multi, &left)))
            if (message->msg == CURLMSG_DONE && !settle(fetch, message, err))
                return false;
        if (code == CURLM_OK && urls->busy == before)
            code = curl_multi_poll(urls->multi, NULL, 0, POLL_MILLISECONDS, NULL);
        if (code != CURLM_OK)
            return error_set(err, ERROR_INTERNAL, "the pictures cannot be fetched: %s",
                             curl_multi_strerror(code));
    }
    return true;
}

static bool
begin(struct url_fetch *urls, struct slot *slot, struct slice version, struct error *err)
{
    CURLMcode code;

    set_condition(slot, version);
    web_aim(&slot->request, urls->url.data);
    slot->busy = true;
    urls->busy++;
    code = curl_multi_add_handle(urls->multi, slot->request.easy);
    return code == CURLM_OK || error_set(err, ERROR_INTERNAL, "the pictures cannot be fetched: %s",
                                         curl_multi_strerror(code));
}

static bool
ask_url(struct fetch *fetch, uint64_t tag, struct slice value, struct slice version,
        struct error *err)
{
    struct url_fetch *urls = fetch->inside;
    struct slot *slot = urls->slots;
    const char *trouble;

    urls->url.length = 0;
    if (!url_below(fetch->options.base_url, value, &urls->url, &trouble))
        return fetch_answer(fetch, tag, FETCH_REFUSED, trouble, err);
    while (urls->busy == SLOTS)
        if (!work(fetch, err))
            return false;
    while (slot->busy)
        slot++;
    slot->tag = tag;
    fetch_key((struct slice){urls->url.data, urls->url.length}, slot->key);
    buffer_add(&urls->url, "", 1);
    return begin(urls, slot, version, err);
}

static bool
finish_urls(struct fetch *fetch, struct error *err)
{
    const struct url_fetch *urls = fetch->inside;

    while (urls->busy > 0)
        if (!work(fetch, err))
            return false;
    return true;
}

static void
close_urls(struct fetch *fetch)
{
    struct url_fetch *urls = fetch->inside;

    for (size_t i = 0; i < urls->opened; i++)
        if (urls->slots[i].busy)
            free_slot(urls, &urls->slots[i]);
    curl_multi_cleanup(urls->multi);
    for (size_t i = 0; i < urls->opened; i++)
        web_close(&urls->slots[i].request);
    if (urls->begun)
        web_end();
    buffer_free(&urls->url);
    free(urls);
}

const struct fetch_driver fetch_url_driver = {open_urls, ask_url, finish_urls, close_urls};
