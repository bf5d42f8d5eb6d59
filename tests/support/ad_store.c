#include "ad_store.h"

#include <ctype.h>
#include <ldap.h>
#include <stdio.h>
/* ldif.h needs stdio.h before it. */
#include <ldif.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { FIRST_USN = 12000, FIRST_RID = 1104 };

static void *
grow(void *items, size_t *capacity, size_t needed, size_t size)
{
    if (needed <= *capacity)
        return items;
    *capacity = needed * 2;
    items = realloc(items, *capacity * size);
    if (!items)
        abort();
    return items;
}

static struct berval
text(const char *value)
{
    return (struct berval){strlen(value), (char *)(uintptr_t)value};
}

void
ad_now(char now[32])
{
    time_t seconds = time(NULL);
    struct tm tm;

    gmtime_r(&seconds, &tm);
    strftime(now, 32, "%Y%m%d%H%M%S.0Z", &tm);
}

BerElement *
ad_reader(const struct berval *bytes)
{
    /* liblber does not read from nothing at all; this is no element either. */
    char nothing[] = {0};
    struct berval whole = bytes->bv_len > 0 ? *bytes : (struct berval){1, nothing};
    BerElement *reader = ber_init(&whole);

    if (!reader)
        abort();
    return reader;
}

char *
ad_key(const char *dn)
{
    char *normal = NULL, *key = NULL;

    if (ldap_dn_normalize(dn, LDAP_DN_FORMAT_LDAPV3, &normal, LDAP_DN_FORMAT_LDAPV3) !=
        LDAP_SUCCESS)
        return NULL;
    key = strdup(normal ? normal : "");
    for (char *at = key; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    ldap_memfree(normal);
    return key;
}

bool
ad_is_below(const char *key, const char *other)
{
    size_t length = strlen(key), least = strlen(other);

    return least == 0 || strcmp(key, other) == 0 ||
           (length > least && key[length - least - 1] == ',' &&
            strcmp(key + length - least, other) == 0);
}

static struct ad_attribute *
attribute(struct ad_entry *entry, const char *name)
{
    struct ad_attribute *attribute;

    for (size_t i = 0; i < entry->count; i++)
        if (strcasecmp(entry->attributes[i].name, name) == 0)
            return &entry->attributes[i];
    entry->attributes =
        grow(entry->attributes, &entry->capacity, entry->count + 1, sizeof *entry->attributes);
    attribute = &entry->attributes[entry->count++];
    *attribute = (struct ad_attribute){.name = strdup(name)};
    return attribute;
}

const struct ad_attribute *
ad_get(const struct ad_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->count; i++)
        if (strcasecmp(entry->attributes[i].name, name) == 0)
            return entry->attributes[i].count > 0 ? &entry->attributes[i] : NULL;
    return NULL;
}

static void
append(struct ad_attribute *to, const struct berval *value)
{
    to->values = grow(to->values, &to->capacity, to->count + 1, sizeof *to->values);
    to->values[to->count].bv_len = value->bv_len;
    to->values[to->count].bv_val = ber_memalloc(value->bv_len + 1);
    memcpy(to->values[to->count].bv_val, value->bv_val, value->bv_len);
    to->values[to->count++].bv_val[value->bv_len] = '\0';
}

static bool
same_value(const struct berval *one, const struct berval *other)
{
    return one->bv_len == other->bv_len &&
           strncasecmp(one->bv_val, other->bv_val, one->bv_len) == 0;
}

/* Keeps the order of the others. */
static void
drop(struct ad_attribute *from, const struct berval *value)
{
    size_t kept = 0;

    for (size_t i = 0; i < from->count; i++)
        if (value && !same_value(&from->values[i], value))
            from->values[kept++] = from->values[i];
        else
            ber_memfree(from->values[i].bv_val);
    from->count = kept;
}

static void
set(struct ad_entry *entry, const char *name, const char *value)
{
    struct ad_attribute *to = attribute(entry, name);
    struct berval bytes = text(value);

    drop(to, NULL);
    append(to, &bytes);
    to->usn = entry->usn;
}

/* "<GUID=…>" with 32 hexadecimal digits, in the order of the bytes, or in that of the text form. */
static bool
parse_guid(const char *dn, unsigned char guid[AD_GUID_BYTES])
{
    static const int order[AD_GUID_BYTES] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    bool dashed = strchr(dn, '-') != NULL;
    int count = 0;

    for (const char *at = dn + strlen("<GUID="); *at && *at != '>'; at++) {
        unsigned byte;

        if (*at == '-')
            continue;
        if (count == AD_GUID_BYTES || sscanf(at, "%2x", &byte) != 1)
            return false;
        guid[dashed ? order[count] : count] = (unsigned char)byte;
        count++;
        at++;
    }
    return count == AD_GUID_BYTES;
}

struct ad_entry *
ad_find(const struct ad_store *store, const char *dn)
{
    unsigned char guid[AD_GUID_BYTES];
    bool by_guid = strncasecmp(dn, "<GUID=", 6) == 0;
    struct ad_entry *found = NULL;
    char *key;

    if (by_guid && !parse_guid(dn, guid))
        return NULL;
    key = by_guid ? NULL : ad_key(dn);
    for (size_t i = 0; i < store->count && !found; i++) {
        struct ad_entry *entry = store->entries[i];

        if (by_guid ? memcmp(entry->guid, guid, sizeof guid) == 0
                    : key && !entry->deleted && strcmp(entry->key, key) == 0)
            found = entry;
    }
    free(key);
    return found;
}

static void
set_dn(struct ad_entry *entry, const char *dn)
{
    char *normal = ad_key(dn);

    free(entry->dn);
    free(entry->key);
    entry->dn = strdup(dn);
    entry->key = normal ? normal : strdup("");
    entry->configuration = strstr(entry->key, "cn=configuration,") != NULL;
    set(entry, "distinguishedName", dn);
}

static void
set_name(struct ad_entry *entry)
{
    LDAPDN dn = NULL;

    if (ldap_str2dn(entry->dn, &dn, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && dn && dn[0])
        set(entry, "name", dn[0][0]->la_value.bv_val);
    ldap_dnfree(dn);
}

struct ad_entry *
ad_add(struct ad_store *store, const char *dn)
{
    struct ad_entry *entry = calloc(1, sizeof *entry);
    char now[32], usn[32];
    struct berval guid = {AD_GUID_BYTES, NULL};

    if (!entry)
        abort();
    store->entries =
        grow(store->entries, &store->capacity, store->count + 1, sizeof(struct ad_entry *));
    store->entries[store->count++] = entry;
    entry->usn = store->usn + 1;
    for (int i = 0; i < AD_GUID_BYTES; i++)
        entry->guid[i] =
            (unsigned char)(i < 8 ? 0xa0U + (unsigned)i : store->count >> (8 * (15 - i)));
    guid.bv_val = (char *)entry->guid;
    append(attribute(entry, "objectGUID"), &guid);
    attribute(entry, "objectGUID")->usn = entry->usn;
    set_dn(entry, dn);
    set_name(entry);
    ad_now(now);
    snprintf(usn, sizeof usn, "%llu", (unsigned long long)entry->usn);
    set(entry, "instanceType",
        entry->key[0] && strcmp(entry->key, store->base_key) == 0 ? "5" : "4");
    set(entry, "whenCreated", now);
    set(entry, "uSNCreated", usn);
    return entry;
}

/* The back link, which is no change of the entry at its end. */
static void
link_back(struct ad_store *store, const struct ad_entry *group, const struct berval *member,
          bool is_member)
{
    struct ad_entry *entry = ad_find(store, member->bv_val);
    struct berval dn = text(group->dn);
    struct ad_attribute *back;

    if (!entry)
        return;
    back = attribute(entry, "memberOf");
    drop(back, &dn);
    if (is_member)
        append(back, &dn);
}

/* Who comes later than the group that has him. */
static void
link_late(struct ad_store *store, struct ad_entry *entry)
{
    struct berval dn = text(entry->dn);

    for (size_t i = 0; i < store->count; i++) {
        const struct ad_attribute *members = ad_get(store->entries[i], "member");

        for (size_t v = 0; members && v < members->count; v++)
            if (same_value(&members->values[v], &dn))
                link_back(store, store->entries[i], &dn, true);
    }
}

void
ad_put(struct ad_store *store, struct ad_entry *entry, const char *name, const struct berval *value)
{
    struct ad_attribute *to = attribute(entry, name);

    append(to, value);
    to->usn = store->usn + 1;
    if (strcasecmp(name, "objectGUID") == 0 && value->bv_len == AD_GUID_BYTES) {
        memcpy(entry->guid, value->bv_val, AD_GUID_BYTES);
        if (to->count > 1)
            drop(to, &to->values[0]);
    }
    if (strcasecmp(name, "member") == 0)
        link_back(store, entry, value, true);
}

void
ad_take(struct ad_store *store, struct ad_entry *entry, const char *name,
        const struct berval *value)
{
    struct ad_attribute *from = attribute(entry, name);

    if (strcasecmp(name, "member") == 0)
        for (size_t i = 0; i < from->count; i++)
            if (!value || same_value(&from->values[i], value))
                link_back(store, entry, &from->values[i], false);
    drop(from, value);
    from->usn = store->usn + 1;
}

void
ad_commit(struct ad_store *store, struct ad_entry *entry)
{
    char now[32], usn[32];

    entry->usn = ++store->usn;
    ad_now(now);
    snprintf(usn, sizeof usn, "%llu", (unsigned long long)entry->usn);
    set(entry, "whenChanged", now);
    set(entry, "uSNChanged", usn);
}

/* [MS-ADTS] 3.1.1.5.5.1.1 has the list; these are those that the tests' entries have. */
static bool
stays_with_tombstone(const char *name)
{
    static const char *const names[] = {
        "objectClass", "objectGUID",   "objectSid",          "sAMAccountName", "distinguishedName",
        "name",        "instanceType", "userAccountControl", "uSNCreated",     "whenCreated",
        "groupType",   "cn",           "isDeleted",          "lastKnownParent"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

void
ad_delete(struct ad_store *store, struct ad_entry *entry)
{
    const char *comma = strchr(entry->dn, ',');
    struct berval dn = text(entry->dn);
    char name[1024], guid[64];
    int used = 0;

    for (int i = 0; i < AD_GUID_BYTES; i++)
        used += snprintf(guid + used, sizeof guid - (size_t)used, "%02x%s", entry->guid[i],
                         i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
    for (size_t i = 0; i < store->count; i++)
        if (ad_get(store->entries[i], "member"))
            drop(attribute(store->entries[i], "member"), &dn);
    entry->deleted = true;
    set(entry, "isDeleted", "TRUE");
    set(entry, "lastKnownParent", comma ? comma + 1 : "");
    snprintf(name, sizeof name, "%.*s\\0ADEL:%s,CN=Deleted Objects,%s",
             (int)(comma ? comma - entry->dn : (long)strlen(entry->dn)), entry->dn, guid,
             store->base);
    set_dn(entry, name);
    set_name(entry);
    for (size_t i = 0; i < entry->count; i++)
        if (!stays_with_tombstone(entry->attributes[i].name))
            drop(&entry->attributes[i], NULL);
    ad_commit(store, entry);
    for (size_t i = 0; i < entry->count; i++)
        if (strcasecmp(entry->attributes[i].name, "isDeleted") == 0 ||
            strcasecmp(entry->attributes[i].name, "lastKnownParent") == 0)
            entry->attributes[i].usn = entry->usn;
}

/* In links and back links alike, which is no change of those who have them. */
static void
rename_links(struct ad_store *store, const char *old, const char *new)
{
    struct berval before = text(old), after = text(new);

    for (size_t i = 0; i < store->count; i++)
        for (size_t a = 0; a < store->entries[i]->count; a++) {
            struct ad_attribute *links = &store->entries[i]->attributes[a];

            if (strcasecmp(links->name, "member") != 0 && strcasecmp(links->name, "memberOf") != 0)
                continue;
            for (size_t v = 0; v < links->count; v++)
                if (same_value(&links->values[v], &before)) {
                    ber_memfree(links->values[v].bv_val);
                    ber_dupbv(&links->values[v], &after);
                }
        }
}

static void
move(struct ad_store *store, struct ad_entry *entry, const char *dn)
{
    rename_links(store, entry->dn, dn);
    set_dn(entry, dn);
}

/* What is below moves along and does not count as changed. */
void
ad_rename(struct ad_store *store, struct ad_entry *entry, const char *dn)
{
    size_t old_length = strlen(entry->dn);
    char *old_key = strdup(entry->key), name[2048];

    move(store, entry, dn);
    set_name(entry);
    ad_commit(store, entry);
    attribute(entry, "name")->usn = entry->usn;
    for (size_t i = 0; i < store->count; i++) {
        struct ad_entry *below = store->entries[i];
        size_t length = strlen(below->dn);

        if (below == entry || length <= old_length || !ad_is_below(below->key, old_key))
            continue;
        snprintf(name, sizeof name, "%.*s%s", (int)(length - old_length), below->dn, dn);
        move(store, below, name);
    }
    free(old_key);
}

static void
complete(struct ad_store *store, struct ad_entry *entry, unsigned rid)
{
    unsigned char sid[28] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3};
    struct berval bytes = {sizeof sid, (char *)sid};

    for (int i = 0; i < 4; i++)
        sid[24 + i] = (unsigned char)(rid >> (8 * i));
    if (ad_get(entry, "sAMAccountName") && !ad_get(entry, "objectSid"))
        ad_put(store, entry, "objectSid", &bytes);
    ad_commit(store, entry);
    link_late(store, entry);
}

static void
load_record(struct ad_store *store, char *record)
{
    struct ad_entry *entry = NULL;

    for (char *line; (line = ldif_getline(&record)) != NULL;) {
        struct berval name, value;
        int is_copy = 0;

        if (line[0] == '#' || line[0] == '\0' ||
            ldif_parse_line2(line, &name, &value, &is_copy) != 0)
            continue;
        if (strcasecmp(name.bv_val, "dn") == 0)
            entry = ad_add(store, value.bv_val);
        else if (entry)
            ad_put(store, entry, name.bv_val, &value);
        if (is_copy)
            ber_memfree(value.bv_val);
    }
    if (entry)
        complete(store, entry, FIRST_RID + (unsigned)store->count);
}

void
ad_store_open(struct ad_store *store, const char *base)
{
    *store = (struct ad_store){.base = base, .base_key = ad_key(base), .usn = FIRST_USN};
}

void
ad_store_close(struct ad_store *store)
{
    for (size_t i = 0; i < store->count; i++) {
        struct ad_entry *entry = store->entries[i];

        for (size_t a = 0; a < entry->count; a++) {
            drop(&entry->attributes[a], NULL);
            free(entry->attributes[a].values);
            free(entry->attributes[a].name);
        }
        free(entry->attributes);
        free(entry->dn);
        free(entry->key);
        free(entry);
    }
    free(store->entries);
    free(store->base_key);
}

void
ad_store_load(struct ad_store *store, const char *path)
{
    LDIFFP *file = ldif_open(path, "r");
    unsigned long line = 0;
    char *record = NULL;
    int size = 0;

    if (!file) {
        perror(path);
        exit(1);
    }
    while (ldif_read_record(file, &line, &record, &size) > 0)
        load_record(store, record);
    ber_memfree(record);
    ldif_close(file);
}
