#include "directory/ldap_changes.h"

#include "base/buffer.h"
#include "directory/entry_id.h"
#include "directory/ldap_source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* In one question. A server looks each of them up in an index. */
enum { IDS_AT_ONCE = 50 };

struct fetch {
    struct ldap_source *source;
    struct ldap_reading *reading;
    const struct directory_id *ids; /* ascending */
    size_t count;
};

/* Those of them that the search finds. */
static enum ldap_attempt
fetch_batch(const struct fetch *fetch, size_t number, size_t first, struct error *err)
{
    const struct ldap_search *search = &fetch->source->options.searches[number];
    const struct source_result *result = fetch->reading->result;
    uint64_t before = result->entries + result->repeated;
    size_t end = first + IDS_AT_ONCE < fetch->count ? first + IDS_AT_ONCE : fetch->count;
    struct ldap_search narrowed = *search;
    struct buffer filter = BUFFER_INIT;
    enum ldap_attempt attempt;

    buffer_format(&filter, search->filter[0] == '(' ? "(&%s(|" : "(&(%s)(|", search->filter);
    for (size_t i = first; i < end; i++)
        if (i == 0 || entry_id_compare(&fetch->ids[i - 1], &fetch->ids[i]) != 0)
            entry_id_add_filter(&filter, &fetch->ids[i]);
    buffer_add(&filter, "))", sizeof "))");
    narrowed.filter = filter.data;
    fetch->reading->search = (unsigned)number;
    attempt = ldap_search_run(&fetch->source->session, &narrowed, fetch->reading, err);
    fetch->source->found[number] += result->entries + result->repeated - before;
    buffer_free(&filter);
    return attempt;
}

static enum ldap_attempt
fetch_all(const struct fetch *fetch, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (size_t number = 0; number < fetch->source->options.search_count; number++)
        for (size_t i = 0; i < fetch->count && attempt == LDAP_ATTEMPT_DONE; i += IDS_AT_ONCE)
            attempt = fetch_batch(fetch, number, i, err);
    return attempt;
}

static struct directory_id *
sorted(const struct directory_id *ids, size_t count)
{
    struct directory_id *copy = memory_zero(count ? count : 1, sizeof *copy);

    if (count > 0)
        memcpy(copy, ids, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, entry_id_compare);
    return copy;
}

bool
ldap_fetch(struct source *source, const struct attributes *attributes,
           const struct directory_id *ids, size_t count, const struct source_reader *reader,
           struct source_result *ret_result, struct error *err)
{
    struct ldap_source *self = (struct ldap_source *)source;
    struct ldap_reading reading = {
        .reader = reader, .result = ret_result, .page_size = self->options.page_size, .part = true};
    struct directory_id *own = sorted(ids, count);
    struct fetch fetch = {self, &reading, own, count};
    enum ldap_attempt attempt = ldap_source_connect(self, err);

    ldap_source_result(self, ret_result);
    if (self->options.search_count > 0)
        memset(self->found, 0, self->options.search_count * sizeof *self->found);
    if (self->options.search_count > 1)
        reading.seen = dn_set_new();
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ldap_source_begin(self, &reading, attributes, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = fetch_all(&fetch, err);
    ldap_source_end(&reading);
    if (attempt == LDAP_ATTEMPT_DONE)
        message_say(source->messenger, MESSAGE_INFO,
                    "%" PRIu64 " of %zu people who were asked for by their ids were found",
                    ret_result->entries, count);
    else
        ldap_session_close(&self->session);
    dn_set_free(reading.seen);
    free(own);
    return attempt == LDAP_ATTEMPT_DONE;
}
