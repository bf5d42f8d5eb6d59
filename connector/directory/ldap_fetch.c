#include "directory/ldap_changes.h"

#include "base/buffer.h"
#include "directory/entry_id.h"
#include "directory/ldap_source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* In one question, and so few that nobody needs pages: some servers find all entries twice for
 * these. A server looks each of them up in an index. */
enum { IDS_AT_ONCE = 50 };

/* Of those who were carried (ldap_carried.h) so many are held against what a search finds. */
enum { SAMPLE = 8 };

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

/* Those of the ids that the searches find. */
static enum ldap_attempt
fetch_ids(struct fetch *fetch, const struct directory_id *ids, size_t count, struct error *err)
{
    const struct source_result *result = fetch->reading->result;
    struct ldap_source *source = fetch->source;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    fetch->ids = ids;
    fetch->count = count;
    for (size_t i = 0; i < source->options.search_count && attempt == LDAP_ATTEMPT_DONE; i++) {
        uint64_t before = result->entries + result->repeated;

        fetch->next = 0;
        fetch->narrowed = source->options.searches[i].filter;
        fetch->reading->search = (unsigned)i;
        attempt =
            ldap_search_run(&source->session, &source->options.searches[i], fetch->reading, err);
        source->found[i] += result->entries + result->repeated - before;
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

/* What is told to look at what a search hands over. */
struct look {
    const struct source_reader *reader; /* who else is told; NULL: nobody */
    uint64_t sum, count;
};

static void
look_at_value(XXH3_state_t *state, struct slice value)
{
    XXH3_64bits_update(state, &value.length, sizeof value.length);
    if (value.length > 0)
        XXH3_64bits_update(state, value.data, value.length);
}

static bool
look_at_entry(void *context, const struct entry *entry, struct error *err)
{
    struct look *look = context;
    XXH3_state_t *state = XXH3_createState();

    XXH3_64bits_reset(state);
    look_at_value(state, entry->dn);
    for (size_t i = 0; i < attributes_count(entry->attributes); i++) {
        const struct entry_values *values = &entry->slots[i];

        XXH3_64bits_update(state, &values->count, sizeof values->count);
        for (size_t j = 0; j < values->count; j++)
            look_at_value(state, values->values[j]);
    }
    look->sum += XXH3_64bits_digest(state);
    look->count++;
    XXH3_freeState(state);
    return !look->reader || look->reader->entry(look->reader->context, entry, err);
}

/* Hands over those who were carried. */
static enum ldap_attempt
take_all(struct ldap_session *session, struct ldap_reading *reading, struct ldap_carried *carried,
         const struct directory_id *ids, size_t count, struct error *err)
{
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;

    reading->search = 0;
    for (size_t i = 0; i < count && attempt == LDAP_ATTEMPT_DONE; i++)
        attempt = ldap_search_take(session, reading, ldap_carried_find(carried, &ids[i]), err);
    return attempt;
}

/* Some of those who were carried are read by search all the same. *ret_alike: it finds the very
 * same. */
static enum ldap_attempt
fetch_sample(struct fetch *fetch, struct ldap_carried *carried, const struct directory_id *ids,
             size_t count, bool *ret_alike, struct error *err)
{
    struct look found = {.reader = fetch->reading->reader}, brought = {0};
    const struct source_reader look_found = {.entry = look_at_entry, .context = &found},
                               look_brought = {.entry = look_at_entry, .context = &brought};
    struct source_result unheard = {0};
    struct ldap_reading beside = *fetch->reading;
    enum ldap_attempt attempt;

    fetch->reading->reader = &look_found;
    attempt = fetch_ids(fetch, ids, count, err);
    fetch->reading->reader = found.reader;
    beside.reader = &look_brought;
    beside.result = &unheard;
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = take_all(&fetch->source->session, &beside, carried, ids, count, err);
    *ret_alike = found.count == brought.count && found.sum == brought.sum;
    return attempt;
}

/* Those who were carried come to the front. */
static size_t
part(struct ldap_carried *carried, struct directory_id *ids, size_t count)
{
    size_t front = 0;

    for (size_t i = 0; carried && i < count; i++)
        if (ldap_carried_find(carried, &ids[i])) {
            const struct directory_id id = ids[i];

            ids[i] = ids[front];
            ids[front++] = id;
        }
    return front;
}

/* Nothing that was carried is used where the sample is another one: all of them are asked for. */
static enum ldap_attempt
fetch_all(struct fetch *fetch, struct ldap_carried *carried, struct directory_id *ids, size_t count,
          struct error *err)
{
    size_t front = part(carried, ids, count), sample = front < SAMPLE ? front : SAMPLE;
    struct ldap_source *source = fetch->source;
    enum ldap_attempt attempt = LDAP_ATTEMPT_DONE;
    bool alike = false;

    for (size_t i = 0; i < sample; i++) {
        const struct directory_id id = ids[i];
        size_t other = i * (front / sample);

        ids[i] = ids[other];
        ids[other] = id;
    }
    if (sample > 0)
        attempt = fetch_sample(fetch, carried, ids, sample, &alike, err);
    if (attempt == LDAP_ATTEMPT_DONE && alike) {
        uint64_t before = fetch->reading->result->entries;

        attempt =
            take_all(&source->session, fetch->reading, carried, ids + sample, front - sample, err);
        source->found[0] += fetch->reading->result->entries - before;
    } else if (sample > 0) {
        message_say(source->source.messenger, MESSAGE_INFO,
                    "'%s' sends with changes what its search does not find: all who were named are "
                    "read by search",
                    source->session.uri);
        front = sample;
    }
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = fetch_ids(fetch, ids + front, count - front, err);
    return attempt;
}

/* Small pages are set for servers that answer with no more. */
static size_t
at_once(unsigned page_size)
{
    return page_size > 0 && page_size < IDS_AT_ONCE ? page_size : IDS_AT_ONCE;
}

/* Those of an earlier connection are none of this one's. */
static struct ldap_carried *
take_carried(struct ldap_source *self, const struct attributes *attributes)
{
    struct ldap_carried *carried = self->carried;

    self->carried = NULL;
    if (!carried || (self->session.ld && ldap_carried_attributes(carried) == attributes))
        return carried;
    ldap_carried_free(carried);
    return NULL;
}

bool
ldap_fetch(struct source *source, const struct attributes *attributes,
           const struct directory_id *ids, size_t count, const struct source_reader *reader,
           struct source_result *ret_result, struct error *err)
{
    struct ldap_source *self = (struct ldap_source *)source;
    struct ldap_carried *carried = take_carried(self, attributes);
    struct ldap_reading reading = {.reader = reader, .result = ret_result, .part = true};
    struct directory_id *own = sorted(ids, &count);
    struct fetch fetch = {
        .source = self, .reading = &reading, .at_once = at_once(self->options.page_size)};
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
        attempt = fetch_all(&fetch, carried, own, count, err);
    ldap_source_end(&reading);
    if (attempt == LDAP_ATTEMPT_DONE)
        message_say(source->messenger, MESSAGE_INFO,
                    "%" PRIu64 " of %zu people who were asked for by their ids were found",
                    ret_result->entries, count);
    else
        ldap_session_close(&self->session);
    dn_set_free(reading.seen);
    ldap_carried_free(carried);
    buffer_free(&fetch.filter);
    free(own);
    return attempt == LDAP_ATTEMPT_DONE;
}
