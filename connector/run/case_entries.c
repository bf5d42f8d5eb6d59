#include "run/case_entries.h"

#include "directory/source.h"

#include <string.h>

/* What one file or one case holds. */
struct batch {
    struct batch *next;
    const char *path; /* NULL: the LDIF stands in a case */
    struct entry *items;
    size_t count, capacity;
    bool bad;
};

struct case_entries {
    struct arena *arena;
    const struct attributes *attributes;
    struct faults *faults;
    struct batch *files;
};

/* One read. */
struct reading {
    struct case_entries *entries;
    struct batch *batch;
    struct position where; /* of what names the LDIF, for faults */
};

struct case_entries *
case_entries_new(struct arena *arena, const struct attributes *attributes, struct faults *faults)
{
    struct case_entries *entries = arena_alloc(arena, sizeof *entries);

    *entries = (struct case_entries){arena, attributes, faults, NULL};
    return entries;
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct reading *reading = context;
    struct batch *batch = reading->batch;

    (void)err;
    if (batch->count == batch->capacity) {
        struct entry *old = batch->items;

        batch->capacity = batch->capacity ? 2 * batch->capacity : 1;
        batch->items = arena_alloc(reading->entries->arena, batch->capacity * sizeof *old);
        if (batch->count)
            memcpy(batch->items, old, batch->count * sizeof *old);
    }
    batch->items[batch->count++] = entry_copy(reading->entries->arena, entry);
    return true;
}

static void
take_finding(void *context, const struct finding *finding)
{
    struct reading *reading = context;

    reading->batch->bad = true;
    faults_add(reading->entries->faults, reading->where, "%.*s", SLICE_ARG(finding->text));
}

static void
read_batch(struct case_entries *entries, struct source *source, struct position where,
           struct batch *batch)
{
    struct reading reading = {entries, batch, where};
    const struct source_reader reader = {
        .entry = take_entry, .context = &reading, .findings = {take_finding, &reading}};
    struct source_result result;
    struct error err = ERROR_INIT;

    if (!source_read(source, entries->attributes, &reader, &result, &err)) {
        batch->bad = true;
        faults_add(entries->faults, where, "%s", err.text);
    }
    source_close(source);
}

/* A text that ends without a line feed is not cut off: it stands whole in the test file. The blank
 * line keeps its record from being the last of a file, whose faults would mean the same. */
static struct batch *
read_text(struct case_entries *entries, const struct test_case *item)
{
    struct batch *batch = arena_alloc(entries->arena, sizeof *batch);
    const char *text = arena_format(entries->arena, "%.*s\n\n", SLICE_ARG(item->entry));

    read_batch(entries, source_open_ldif_text("entry", item->entry_line, slice_of(text), NULL),
               item->entry_where, batch);
    return batch;
}

static struct batch *
read_file(struct case_entries *entries, const struct test_case *item)
{
    struct batch *batch = entries->files;

    while (batch && strcmp(batch->path, item->ldif) != 0)
        batch = batch->next;
    if (batch)
        return batch;
    batch = arena_alloc(entries->arena, sizeof *batch);
    batch->path = item->ldif;
    batch->next = entries->files;
    entries->files = batch;
    read_batch(entries, source_open_ldif(item->ldif, NULL), item->entry_where, batch);
    return batch;
}

const struct entry *
case_entries_find(struct case_entries *entries, const struct test_case *item)
{
    const struct batch *batch =
        item->entry.data ? read_text(entries, item) : read_file(entries, item);
    const struct entry *found = NULL;
    const char *where = item->ldif ? item->ldif : "entry";
    size_t count = 0;

    if (batch->bad)
        return NULL;
    for (size_t i = 0; i < batch->count; i++)
        if (!item->dn || slice_equal_nocase(batch->items[i].dn, slice_of(item->dn))) {
            found = &batch->items[i];
            count++;
        }
    if (count == 1)
        return found;
    if (item->dn && count == 0)
        faults_add(entries->faults, item->entry_where, "'%s' holds no entry '%s'", where, item->dn);
    else if (item->dn)
        faults_add(entries->faults, item->entry_where, "'%s' holds '%s' %zu times", where, item->dn,
                   count);
    else if (count == 0)
        faults_add(entries->faults, item->entry_where,
                   "'%s' holds no entry; one begins with 'dn: '", where);
    else
        faults_add(entries->faults, item->entry_where, "'%s' holds %zu entries; %s", where, count,
                   item->ldif ? "'dn' says which one is meant"
                              : "a case has one, without a blank line in it");
    return NULL;
}
