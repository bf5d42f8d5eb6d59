#include "directory/ldap_changes.h"

#include "base/buffer.h"
#include "directory/entry_id.h"
#include "directory/ldap_source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* In one question, and so few that nobody needs pages: some servers find all entries twice for
 * these. A server looks each of them up in an index. */
enum { IDS_AT_ONCE = 50 };

struct fetch {
    struct ldap_source *source;
    struct ldap_reading *reading;
    const struct directory_id *ids; /* ascending, each once */
    size_t count;
    size_t at_once;
    size_t next;          /* of the ids, in the search that runs */
    const char *narrowed; /* its filter */
    struct buffer filter;
};

/* That of the search, narrowed to the next ids. */
static const char *
next_filter(void *context)
{
    struct fetch *fetch = context;
    struct buffer *filter = &fetch->filter;
    size_t rest = fetch->count - fetch->next,
           end = fetch->next + (rest < fetch->at_once ? rest : fetch->at_once);

    if (fetch->next == end)
        return NULL;
    filter->length = 0;
    buffer_format(filter, fetch->narrowed[0] == '(' ? "(&%s(|" : "(&(%s)(|", fetch->narrowed);
    for (; fetch->next < end; fetch->next++)
        entry_id_add_filter(filter, &fetch->ids[fetch->next]);
    buffer_add(filter, "))", sizeof "))");
    return filter->data;
}

static enum ldap_attempt
fetch_all(struct fetch *fetch, struct error *err)
{
    const struct source_result *result = fetch->reading->result;
    struct ldap_source *source = fetch->source;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    for (size_t i = 0; i < source->options.search_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        uint64_t before = result->entries + result->repeated;

        fetch->next = 0;
        fetch->narrowed = source->options.searches[i].filter;
        fetch->reading->search = (unsigned)i;
        attempt =
            ldap_search_run(&source->session, &source->options.searches[i], fetch->reading, err);
        source->found[i] = result->entries + result->repeated - before;
    }
    return attempt;
}

/* Each once. */
static struct directory_id *
sorted(const struct directory_id *ids, size_t *count)
{
    struct directory_id *copy = memory_zero(*count ? *count : 1, sizeof *copy);
    size_t kept = 0;

    if (*count > 0)
        memcpy(copy, ids, *count * sizeof *copy);
    qsort(copy, *count, sizeof *copy, entry_id_compare);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || entry_id_compare(&copy[kept - 1], &copy[i]) != 0)
            copy[kept++] = copy[i];
    *count = kept;
    return copy;
}

/* Small pages are set for servers that answer with no more. */
static size_t
at_once(unsigned page_size)
{
    return page_size > 0 && page_size < IDS_AT_ONCE ? page_size : IDS_AT_ONCE;
}

bool
ldap_fetch(struct source *source, const struct attributes *attributes,
           const struct directory_id *ids, size_t count, const struct source_reader *reader,
           struct source_result *ret_result, struct error *err)
{
    struct ldap_source *self = (struct ldap_source *)source;
    struct ldap_reading reading = {.reader = reader, .result = ret_result, .part = true};
    struct directory_id *own = sorted(ids, &count);
    struct fetch fetch = {.source = self,
                          .reading = &reading,
                          .ids = own,
                          .count = count,
                          .at_once = at_once(self->options.page_size)};
    enum ldap_attempt attempt = ldap_source_connect(self, err);

    reading.next_filter = next_filter;
    reading.filters = &fetch;
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
    buffer_free(&fetch.filter);
    free(own);
    return attempt == LDAP_ATTEMPT_DONE;
}
