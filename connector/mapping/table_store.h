/* table_store: a table's rows in little memory: records of texts, found by their key.
 *
 * A record is a number, the key and a fixed count of texts, one after the other in one piece of
 * memory; a hash table points into it. A row costs its text and about 20 to 30 bytes.
 *
 * Only for table*.c. Zeroed memory is an empty store.
 */
#ifndef MAPPING_TABLE_STORE_H
#define MAPPING_TABLE_STORE_H

#include "base/buffer.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_bucket {
    uint32_t hash;
    uint32_t at; /* where the record begins + 1; 0: free */
};

struct store {
    struct buffer records;
    struct store_bucket *buckets;
    size_t bucket_count, record_count;
};

void store_free(struct store *store);

/* Adds a record, unless there is one with this key: then it is left as it is and returned. Keys
 * are compared byte by byte; neither they nor texts hold a NUL. */
const char *store_add(struct store *store, struct slice key, uint32_t number,
                      const struct slice *texts, size_t count);

/* True when no other record has room: a store takes 4 GB. */
bool store_is_full(const struct store *store);

/* Gives back the memory that no record uses. */
void store_seal(struct store *store);

/* The record with this key, or NULL. */
const char *store_find(const struct store *store, struct slice key);

/* The record at *at, which is 0 at first, when each has so many texts; NULL behind the last one. */
const char *store_next(const struct store *store, size_t count, size_t *at);

uint32_t store_number(const char *record);

/* One of the record's texts; length 0 where it has none. */
struct slice store_text(const char *record, size_t index);

#endif
