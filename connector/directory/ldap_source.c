#include "directory/source.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "directory/ldap_probe.h"
#include "directory/ldap_schema.h"
#include "directory/ldap_search.h"
#include "directory/ldap_session.h"
#include "directory/source_driver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    CONNECT_SECONDS = 30,
    ANSWER_SECONDS = 60,
    BREAKS_MOST = 2,          /* of one server: it is tried again once */
    RESTART_WAIT_SECONDS = 1, /* a server that is being restarted needs a moment */
    REASONS_CHARACTERS = 900  /* of all servers together in one error */
};

struct ldap_source {
    struct source source;
    struct ldap_options options;
    unsigned *breaks; /* by server: how often it broke off */
    uint64_t *found;  /* by search */
};

/* Why no server could be used, told one by one. */
struct refusals {
    struct buffer text;
    size_t count;
    bool transient;
    struct error last;
};

/* The next server that may be used, from `index` on; uri_count when there is none. */
static size_t
next_server(const struct ldap_source *self, size_t index)
{
    while (index < self->options.uri_count && self->breaks[index] >= BREAKS_MOST)
        index++;
    return index;
}

static void
refusals_add(struct refusals *refusals, const struct ldap_source *self, const struct error *err,
             bool another)
{
    struct slice reason =
        text_take(slice_of(err->text), REASONS_CHARACTERS / self->options.uri_count);

    buffer_format(&refusals->text, "%s%.*s", refusals->count ? "; " : "", SLICE_ARG(reason));
    refusals->count++;
    refusals->transient |= err->transient;
    refusals->last = *err;
    if (another)
        message_say(self->source.messenger, MESSAGE_WARNING, "%s; trying the next server",
                    err->text);
}

/* Opens the first server that can be used. What one of them refuses for good (a login) is not
 * tried on another. */
static enum ldap_attempt
open_any(const struct ldap_source *self, struct ldap_session *session, size_t *ret_index,
         struct error *err)
{
    struct refusals refusals = {.text = BUFFER_INIT};
    enum ldap_attempt attempt = LDAP_ATTEMPT_FAILED;
    size_t index = next_server(self, 0);

    while (index < self->options.uri_count) {
        size_t following = next_server(self, index + 1);

        attempt = ldap_session_open(session, &self->options, self->options.uris[index],
                                    self->source.messenger, err);
        *ret_index = index;
        if (attempt != LDAP_ATTEMPT_LOST)
            break;
        ldap_session_close(session);
        refusals_add(&refusals, self, err, following < self->options.uri_count);
        index = following;
    }
    if (attempt == LDAP_ATTEMPT_LOST && refusals.count > 1) {
        error_set(err, ERROR_UNAVAILABLE, "none of %zu servers can be used: %.*s", refusals.count,
                  (int)refusals.text.length, refusals.text.data);
        error_hint(err, "%s", refusals.last.hint);
        err->transient = refusals.transient;
    }
    buffer_free(&refusals.text);
    return attempt;
}

static enum ldap_attempt
run_search(const struct ldap_source *self, size_t number, struct ldap_session *session,
           struct ldap_reading *reading, struct error *err)
{
    const struct ldap_search *search = &self->options.searches[number];
    const struct source_result *result = reading->result;
    struct source_result before = *result;
    enum ldap_attempt attempt;

    message_say(self->source.messenger, MESSAGE_DEBUG, "searching below '%s' for %s", search->base,
                search->filter);
    attempt = ldap_search_run(session, search, reading, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    self->found[number] = result->entries + result->repeated - before.entries - before.repeated;
    message_say(self->source.messenger, MESSAGE_INFO,
                "search %zu of %zu below '%s': %" PRIu64 " entries", number + 1,
                self->options.search_count, search->base, result->entries - before.entries);
    if (result->repeated > before.repeated)
        message_say(self->source.messenger, MESSAGE_INFO,
                    "%" PRIu64 " more were found by an earlier search already",
                    result->repeated - before.repeated);
    if (result->referrals > before.referrals)
        message_say(self->source.messenger, MESSAGE_INFO,
                    "%" PRIu64 " references to other servers are not followed",
                    result->referrals - before.referrals);
    return LDAP_ATTEMPT_DONE;
}

static void
tell_undefined(const struct ldap_reading *reading, const struct attributes *attributes)
{
    for (size_t i = 0; i < attributes_count(attributes); i++)
        if (names_is_undefined(reading->names, (int)i))
            reading->reader->undefined(reading->reader->context, (int)i);
}

/* All searches over one connection. */
static enum ldap_attempt
read_session(const struct ldap_source *self, struct ldap_session *session,
             struct ldap_reading *reading, const struct attributes *attributes, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    reading->names = names_new(attributes);
    reading->decoder = ldap_decoder_new(reading->names);
    if (reading->reader->undefined || names_need_schema(reading->names))
        attempt = ldap_schema_load(session, reading->names, err);
    if (reading->reader->undefined && attempt == LDAP_ATTEMPT_DONE)
        tell_undefined(reading, attributes);
    for (size_t i = 0; i < self->options.search_count && attempt == LDAP_ATTEMPT_DONE; i++)
        attempt = run_search(self, i, session, reading, err);
    ldap_decoder_free(reading->decoder);
    names_free(reading->names);
    return attempt;
}

/* A connection broke. True when there is a server to begin anew with. */
static bool
begin_again(struct ldap_source *self, struct ldap_reading *reading, size_t index, struct error *err)
{
    const struct timespec wait = {.tv_sec = RESTART_WAIT_SECONDS};
    struct source_result *result = reading->result;

    self->breaks[index]++;
    err->transient = true;
    if (next_server(self, 0) == self->options.uri_count)
        return error_prefix(err, "reading broke off %u times", result->restarts + 1);
    message_say(self->source.messenger, MESSAGE_WARNING,
                "%s; reading everything again from the start", err->text);
    result->entries = result->repeated = result->referrals = 0;
    result->restarts++;
    if (reading->seen)
        dn_set_clear(reading->seen);
    nanosleep(&wait, NULL);
    return reading->reader->restart(reading->reader->context, err);
}

static bool
read_all(struct ldap_source *self, const struct attributes *attributes,
         struct ldap_reading *reading, struct error *err)
{
    enum ldap_attempt attempt;
    size_t index = 0;

    do {
        struct ldap_session session;

        attempt = open_any(self, &session, &index, err);
        snprintf(reading->result->server, sizeof reading->result->server, "%s",
                 self->options.uris[index]);
        if (attempt != LDAP_ATTEMPT_DONE) {
            ldap_session_close(&session);
            return false;
        }
        attempt = read_session(self, &session, reading, attributes, err);
        ldap_session_close(&session);
    } while (attempt == LDAP_ATTEMPT_LOST && begin_again(self, reading, index, err));
    return attempt == LDAP_ATTEMPT_DONE;
}

static bool
ldap_source_read(struct source *source, const struct attributes *attributes,
                 const struct source_reader *reader, struct source_result *ret_result,
                 struct error *err)
{
    struct ldap_source *self = (struct ldap_source *)source;
    struct ldap_reading reading = {
        .reader = reader, .result = ret_result, .page_size = self->options.page_size};
    bool ok;

    if (self->options.uri_count == 0)
        return error_set(err, ERROR_CONFIG, "directory.uri names no server");
    if (!ldap_session_check(&self->options, err))
        return false;
    ret_result->found = self->found;
    ret_result->search_count = self->options.search_count;
    if (self->options.search_count > 1)
        reading.seen = dn_set_new();
    ok = read_all(self, attributes, &reading, err);
    dn_set_free(reading.seen);
    return ok;
}

static void
ldap_source_probe(struct source *source, struct source_probing *probing)
{
    const struct ldap_source *self = (const struct ldap_source *)source;

    ldap_probe(&self->options, source->messenger, probing);
}

static void
ldap_source_close(struct source *source)
{
    struct ldap_source *self = (struct ldap_source *)source;

    free(self->breaks);
    free(self->found);
    free(self);
}

struct source *
source_open_ldap(const struct ldap_options *options, const struct messenger *messenger)
{
    static const struct source_driver driver = {ldap_source_read, ldap_source_probe,
                                                ldap_source_close};
    struct ldap_source *self = memory_zero(1, sizeof *self);

    self->source = (struct source){&driver, messenger};
    self->options = *options;
    if (self->options.connect_timeout_seconds == 0)
        self->options.connect_timeout_seconds = CONNECT_SECONDS;
    if (self->options.answer_timeout_seconds == 0)
        self->options.answer_timeout_seconds = ANSWER_SECONDS;
    self->breaks = memory_zero(options->uri_count, sizeof *self->breaks);
    self->found = memory_zero(options->search_count, sizeof *self->found);
    return &self->source;
}
