#include "run/photos_run.h"

#include "run/photos_make.h"
#include "run/stages.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* People who are asked for at once: a connection that breaks costs no more than these. */
enum { ASKED_AT_ONCE = 2000 };

struct asking {
    struct photos_run *run;
    struct photos_make *make;
    struct attributes *attributes;
    struct identity_slots identity;
    struct photo_version_slots versions;
    int picture;
    struct arena *arena; /* of one entry */
    uint64_t done, total;
};

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct asking *asking = context;
    struct photos_run *run = asking->run;
    const struct entry_values *values = &entry->slots[asking->picture];
    const struct person *found;
    struct photo_person *person;
    struct slice key;
    uint32_t item;
    uint64_t version;

    arena_reset(asking->arena);
    key = identity_key(&asking->identity, entry, asking->arena);
    found = people_find_key(run->index, key);
    item = found ? run->of_person[found - people_items(run->people)] : 0;
    if (!item || run->items[item - 1].fate != PHOTO_ASK)
        return true;
    person = &run->items[item - 1];
    /* Of this read, which may be another server's than the first one. */
    version = settings_have_servers(run->settings)
                  ? photo_version(&asking->versions, entry, run->now)
                  : 0;
    person->looks_same = false;
    person->version =
        version ? arena_slice(run->arena, (struct slice){(const char *)&version, sizeof version})
                : SLICE_NONE;
    message_progress(run->messenger, &(struct progress){.phase = "reading photos",
                                                        .done = ++asking->done,
                                                        .total = asking->total,
                                                        .unit = "people"});
    return photos_make_one(asking->make, person, values->values, values->count, err);
}

/* Who was read stays read: nobody is asked for twice. */
static bool
go_on(void *context, struct error *err)
{
    (void)context;
    (void)err;
    return true;
}

static bool
read_everybody(struct asking *asking, const struct source_reader *reader, struct error *err)
{
    struct photos_run *run = asking->run;
    struct source *source = stages_open_source(run->arena, run->settings, run->messenger);
    struct source_result result;
    bool ok = source_read(source, asking->attributes, reader, &result, err);

    source_close(source);
    return ok;
}

/* The ids of the next people to ask for, from *from on. */
static size_t
list_ids(const struct photos_run *run, size_t *from, struct directory_id *ids)
{
    size_t count = 0;

    for (; *from < run->count && count < ASKED_AT_ONCE; ++*from)
        if (run->items[*from].fate == PHOTO_ASK)
            count += identity_id(photos_key(run, &run->items[*from]), &ids[count]);
    return count;
}

static bool
fetch_with_patience(struct asking *asking, struct source **source, const struct directory_id *ids,
                    size_t count, const struct source_reader *reader, struct error *err)
{
    struct photos_run *run = asking->run;
    struct source_result result = {0};

    for (unsigned attempt = 1;; attempt++) {
        const struct timespec wait = {.tv_sec = run->settings->first_wait_seconds};

        if (source_fetch(*source, asking->attributes, ids, count, reader, &result, err))
            return true;
        if (!err->transient || attempt >= run->settings->attempts)
            return false;
        message_say(run->messenger, MESSAGE_WARNING, "%s; asking again", err->text);
        nanosleep(&wait, NULL);
        *err = ERROR_INIT;
        source_close(*source);
        *source = stages_open_source(run->arena, run->settings, run->messenger);
    }
}

static bool
fetch_by_ids(struct asking *asking, const struct source_reader *reader, struct error *err)
{
    struct photos_run *run = asking->run;
    struct source *source = stages_open_source(run->arena, run->settings, run->messenger);
    struct directory_id *ids = memory_alloc(ASKED_AT_ONCE * sizeof *ids);
    size_t from = 0, count;
    bool ok = true;

    while (ok && (count = list_ids(run, &from, ids)) > 0)
        ok = fetch_with_patience(asking, &source, ids, count, reader, err);
    free(ids);
    source_close(source);
    return ok;
}

/* LDIF can only be read as a whole, and so can people without an immutable id. */
static bool
can_fetch(struct asking *asking)
{
    const struct photos_run *run = asking->run;
    struct directory_id id;

    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].fate != PHOTO_ASK)
            continue;
        asking->total++;
        if (run->settings->directory.ldif || !identity_id(photos_key(run, &run->items[i]), &id))
            asking->done = 1;
    }
    return asking->done == 0;
}

/* Who was there a moment ago may have left since: the next run knows. */
static bool
tell_unread(struct photos_run *run, struct error *err)
{
    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].fate != PHOTO_ASK)
            continue;
        run->items[i].fate = PHOTO_UNREAD;
        if (!photos_find(run, &run->items[i], FINDING_PHOTO_UNREAD,
                         "the entry was not found again when its picture was to be read", err))
            return false;
    }
    return true;
}

static bool
ask(struct asking *asking, struct error *err)
{
    const struct source_reader reader = {
        .entry = take_entry, .restart = go_on, .context = asking, .findings = {NULL, NULL}};
    bool by_ids = can_fetch(asking);

    asking->done = 0;
    if (asking->total == 0)
        return true;
    message_say(asking->run->messenger, MESSAGE_INFO, "the pictures of %ju people are read",
                (uintmax_t)asking->total);
    return by_ids ? fetch_by_ids(asking, &reader, err) : read_everybody(asking, &reader, err);
}

static bool
ask_directory(struct photos_run *run, struct photos_make *make, struct error *err)
{
    struct asking asking = {
        .run = run, .make = make, .attributes = attributes_new(), .arena = arena_new()};
    bool ok;

    asking.picture = attributes_add(asking.attributes, slice_of(run->settings->photos.attribute));
    asking.identity = identity_add_attributes(asking.attributes);
    asking.versions = photo_version_add_attributes(asking.attributes);
    ok = ask(&asking, err);
    arena_free(asking.arena);
    attributes_free(asking.attributes);
    return ok;
}

bool
photos_ask(struct photos_run *run, struct error *err)
{
    struct photos_make *make = photos_make_begin(run, err);
    bool elsewhere = run->settings->photos.from != SETTINGS_PHOTO_ATTRIBUTE;
    bool ok = make && (elsewhere ? photos_fetch : ask_directory)(run, make, err);

    ok = make && photos_make_end(make, ok, err) && ok;
    return ok && tell_unread(run, err);
}
