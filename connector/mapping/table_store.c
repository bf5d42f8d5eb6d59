#include "mapping/table_store.h"

#include <stdlib.h>

/* What a record may add at most: a row of a CSV file, folded, and a number of columns. */
enum { RECORD_BYTES_MOST = 16 * 1024 * 1024 };

void
store_free(struct store *store)
{
    buffer_free(&store->records);
    free(store->buckets);
    *store = (struct store){.records = BUFFER_INIT};
}

static const char *
record_key(const char *record)
{
    return record + sizeof(uint32_t);
}

static bool
has_key(const char *record, struct slice key)
{
    const char *own = record_key(record);

    return strlen(own) == key.length && memcmp(own, key.data, key.length) == 0;
}

/* The bucket of the key, or the free one where it belongs. */
static struct store_bucket *
find_bucket(const struct store *store, struct slice key, uint32_t hash)
{
    size_t mask = store->bucket_count - 1, i = hash & mask;

    for (; store->buckets[i].at; i = (i + 1) & mask)
        if (store->buckets[i].hash == hash &&
            has_key(store->records.data + store->buckets[i].at - 1, key))
            break;
    return &store->buckets[i];
}

/* Three quarters of the buckets may be taken. */
static void
make_room(struct store *store)
{
    struct store_bucket *old = store->buckets;
    size_t old_count = store->bucket_count, mask;

    if (store->record_count * 4 < store->bucket_count * 3)
        return;
    store->bucket_count = old_count ? old_count * 2 : 16;
    store->buckets = memory_zero(store->bucket_count, sizeof *store->buckets);
    mask = store->bucket_count - 1;
    for (size_t i = 0; i < old_count; i++) {
        size_t to = old[i].hash & mask;

        if (!old[i].at)
            continue;
        while (store->buckets[to].at)
            to = (to + 1) & mask;
        store->buckets[to] = old[i];
    }
    free(old);
}

const char *
store_add(struct store *store, struct slice key, uint32_t number, const struct slice *texts,
          size_t count)
{
    uint32_t hash = slice_hash(key);
    struct store_bucket *bucket;

    make_room(store);
    bucket = find_bucket(store, key, hash);
    if (bucket->at)
        return store->records.data + bucket->at - 1;
    *bucket = (struct store_bucket){hash, (uint32_t)store->records.length + 1};
    store->record_count++;
    buffer_add(&store->records, (const char *)&number, sizeof number);
    buffer_add(&store->records, key.data, key.length);
    buffer_add(&store->records, "", 1);
    for (size_t i = 0; i < count; i++) {
        buffer_add(&store->records, texts[i].data, texts[i].length);
        buffer_add(&store->records, "", 1);
    }
    return NULL;
}

bool
store_is_full(const struct store *store)
{
    return store->records.length > UINT32_MAX - RECORD_BYTES_MOST;
}

void
store_seal(struct store *store)
{
    if (store->records.length == 0)
        return;
    store->records.data = memory_resize(store->records.data, store->records.length);
    store->records.capacity = store->records.length;
}

const char *
store_find(const struct store *store, struct slice key)
{
    const struct store_bucket *bucket;

    if (store->bucket_count == 0)
        return NULL;
    bucket = find_bucket(store, key, slice_hash(key));
    return bucket->at ? store->records.data + bucket->at - 1 : NULL;
}

const char *
store_next(const struct store *store, size_t count, size_t *at)
{
    const char *record, *end;

    if (*at >= store->records.length)
        return NULL;
    record = store->records.data + *at;
    end = record_key(record);
    for (size_t i = 0; i <= count; i++)
        end += strlen(end) + 1;
    *at = (size_t)(end - store->records.data);
    return record;
}

uint32_t
store_number(const char *record)
{
    uint32_t number;

    memcpy(&number, record, sizeof number);
    return number;
}

struct slice
store_text(const char *record, size_t index)
{
    const char *text = record_key(record);

    for (size_t i = 0; i <= index; i++)
        text += strlen(text) + 1;
    return slice_of(text);
}
