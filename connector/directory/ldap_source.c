#include "directory/ldap_source.h"

#include "base/arena.h"
#include "directory/group_slots.h"
#include "directory/ldap_changes.h"
#include "directory/ldap_members.h"
#include "directory/ldap_probe.h"
#include "directory/ldap_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    CONNECT_SECONDS = 30,
    ANSWER_SECONDS = 60,
    RESTART_WAIT_SECONDS = 1 /* a server that is being restarted needs a moment */
};

enum ldap_attempt
ldap_source_connect(struct ldap_source *self, struct error *err)
{
    enum ldap_attempt attempt;

    if (self->session.ld)
        return LDAP_ATTEMPT_DONE;
    if (self->options.uri_count == 0 && !self->options.srv) {
        error_set(err, ERROR_CONFIG, "directory.uri names no server");
        return LDAP_ATTEMPT_FAILED;
    }
    if (!ldap_session_check(&self->options, err))
        return LDAP_ATTEMPT_FAILED;
    attempt = ldap_servers_open(self->servers, &self->session, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        ldap_session_close(&self->session);
    return attempt;
}

void
ldap_source_result(const struct ldap_source *self, struct source_result *ret_result)
{
    ret_result->found = self->found;
    ret_result->search_count = self->options.search_count;
    snprintf(ret_result->server, sizeof ret_result->server, "%s", ldap_servers_name(self->servers));
}

static enum ldap_attempt
run_search(struct ldap_source *self, size_t number, struct ldap_reading *reading, struct error *err)
{
    const struct ldap_search *search = &self->options.searches[number];
    const struct source_result *result = reading->result;
    struct source_result before = *result;
    enum ldap_attempt attempt;

    reading->reference[0] = '\0';
    message_say(self->source.messenger, MESSAGE_DEBUG, "searching below '%s' for %s", search->base,
                search->filter);
    reading->search = (unsigned)number;
    attempt = ldap_search_run(&self->session, search, reading, err);
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
                    "%" PRIu64
                    " references to other servers are not followed, the first one to '%s'",
                    result->referrals - before.referrals, reading->reference);
    return LDAP_ATTEMPT_DONE;
}

static void
tell_undefined(const struct ldap_reading *reading, const struct attributes *attributes)
{
    for (size_t i = 0; i < attributes_count(attributes); i++)
        if (names_is_undefined(reading->names, (int)i) &&
            !attributes_is_groups(slice_of(attributes_name(attributes, (int)i))))
            reading->reader->undefined(reading->reader->context, (int)i);
}

/* Of those who are read by their ids the groups need not be known while none has changed: when one
 * does, they are read once more (directory/changes.h). */
static enum ldap_attempt
load_groups(struct ldap_source *self, const struct ldap_reading *reading,
            const struct attributes *attributes, struct error *err)
{
    bool wanted = group_slots_are_wanted(attributes);
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    if (wanted || (self->needs_groups && !reading->part))
        attempt = ldap_groups_load(
            self, !reading->part && self->groups && self->groups->is_remembered, err);
    if (attempt == LDAP_ATTEMPT_DONE && wanted &&
        !ldap_groups_check(self->groups, self->session.uri, err))
        return LDAP_ATTEMPT_FAILED;
    return attempt;
}

enum ldap_attempt
ldap_source_begin(struct ldap_source *self, struct ldap_reading *reading,
                  const struct attributes *attributes, struct error *err)
{
    enum ldap_attempt attempt = load_groups(self, reading, attributes, err);

    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    reading->members = ldap_members_open(self->groups, attributes);
    reading->names =
        names_new(reading->members ? ldap_members_asked(reading->members) : attributes);
    reading->decoder = ldap_decoder_new(reading->names);
    if (reading->reader->undefined || names_need_schema(reading->names))
        attempt = ldap_schema_load(&self->session, reading->names, err);
    if (reading->reader->undefined && attempt == LDAP_ATTEMPT_DONE)
        tell_undefined(reading, attributes);
    return attempt;
}

void
ldap_source_end(struct ldap_reading *reading)
{
    ldap_decoder_free(reading->decoder);
    names_free(reading->names);
    ldap_members_close(reading->members);
    reading->decoder = NULL;
    reading->names = NULL;
    reading->members = NULL;
}

/* All searches over one connection. */
static enum ldap_attempt
read_session(struct ldap_source *self, struct ldap_reading *reading,
             const struct attributes *attributes, struct error *err)
{
    enum ldap_attempt attempt = ldap_source_begin(self, reading, attributes, err);

    for (size_t i = 0; i < self->options.search_count && attempt == LDAP_ATTEMPT_DONE; i++)
        attempt = run_search(self, i, reading, err);
    ldap_source_end(reading);
    return attempt;
}

/* A connection broke. True when there is a server to begin anew with. */
static bool
begin_again(struct ldap_source *self, struct ldap_reading *reading, struct error *err)
{
    const struct timespec wait = {.tv_sec = RESTART_WAIT_SECONDS};
    struct source_result *result = reading->result;

    ldap_session_close(&self->session);
    ldap_groups_free(self->groups);
    self->groups = NULL;
    err->transient = true;
    if (!reading->reader->restart)
        return false;
    if (!ldap_servers_break(self->servers))
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

    do {
        attempt = ldap_source_connect(self, err);
        ldap_source_result(self, reading->result);
        if (attempt != LDAP_ATTEMPT_DONE)
            return false;
        attempt = read_session(self, reading, attributes, err);
    } while (attempt == LDAP_ATTEMPT_LOST && begin_again(self, reading, err));
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

    ldap_session_close(&self->session);
    ldap_servers_free(self->servers);
    ldap_groups_free(self->groups);
    ldap_carried_free(self->carried);
    free(self->found);
    free(self);
}

struct source *
source_open_ldap(const struct ldap_options *options, const struct messenger *messenger)
{
    static const struct source_driver driver = {
        .read = ldap_source_read,
        .probe = ldap_source_probe,
        .changes = ldap_changes,
        .fetch = ldap_fetch,
        .membership = ldap_membership,
        .close = ldap_source_close,
    };
    struct ldap_source *self = memory_zero(1, sizeof *self);

    self->source = (struct source){&driver, messenger, 0};
    self->options = *options;
    if (self->options.connect_timeout_seconds == 0)
        self->options.connect_timeout_seconds = CONNECT_SECONDS;
    if (self->options.answer_timeout_seconds == 0)
        self->options.answer_timeout_seconds = ANSWER_SECONDS;
    self->servers = ldap_servers_new(&self->options, messenger);
    self->found = memory_zero(options->search_count, sizeof *self->found);
    return &self->source;
}
