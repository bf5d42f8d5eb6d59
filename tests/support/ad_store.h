/* ad_store: the entries of the tests' Active Directory, with what a domain controller keeps of
 * them: update sequence numbers by entry and by attribute, back links, tombstones.
 */
#ifndef SUPPORT_AD_STORE_H
#define SUPPORT_AD_STORE_H

#include <lber.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AD_GUID_BYTES = 16 };

struct ad_attribute {
    char *name;
    struct berval *values; /* owned */
    size_t count, capacity;
    uint64_t usn; /* of its last change; one without values was taken away */
};

struct ad_entry {
    char *dn;
    char *key; /* the DN in one spelling, for comparing */
    unsigned char guid[AD_GUID_BYTES];
    uint64_t usn;
    bool deleted;
    bool configuration; /* of that partition, not of the domain */
    struct ad_attribute *attributes;
    size_t count, capacity;
};

struct ad_store {
    const char *base; /* the domain: "DC=example,DC=edu" */
    char *base_key;
    struct ad_entry **entries;
    size_t count, capacity;
    uint64_t usn; /* highestCommittedUSN */
};

void ad_store_open(struct ad_store *store, const char *base);
void ad_store_close(struct ad_store *store);

/* Exits with a message where the file cannot be read. */
void ad_store_load(struct ad_store *store, const char *path);

/* For reading an encoding; to be freed with ber_free(…, 1). */
BerElement *ad_reader(const struct berval *bytes);

/* A DN in the spelling of `key`; NULL where it is none. The caller frees it. */
char *ad_key(const char *dn);

/* True when the entry of this key is the other or below it. */
bool ad_is_below(const char *key, const char *other);

/* By DN, or by the form "<GUID=…>"; tombstones only by the latter. NULL: there is none. */
struct ad_entry *ad_find(const struct ad_store *store, const char *dn);

/* NULL: it has none, or has lost all values. */
const struct ad_attribute *ad_get(const struct ad_entry *entry, const char *name);

/* What a client asks for; each is one transaction with its own update sequence number. */
struct ad_entry *ad_add(struct ad_store *store, const char *dn);
void ad_put(struct ad_store *store, struct ad_entry *entry, const char *name,
            const struct berval *value);
/* One value, or all of them (NULL). */
void ad_take(struct ad_store *store, struct ad_entry *entry, const char *name,
             const struct berval *value);
void ad_commit(struct ad_store *store, struct ad_entry *entry);
void ad_delete(struct ad_store *store, struct ad_entry *entry);
void ad_rename(struct ad_store *store, struct ad_entry *entry, const char *dn);

/* "2026-09-01 …" as generalizedTime, of now. */
void ad_now(char text[32]);

#endif
