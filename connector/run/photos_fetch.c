#include "run/photos_make.h"

#include "base/buffer.h"
#include "photos/fetch.h"
#include "photos/pictures.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* How long to wait for a server that sends nothing. */
enum { FETCH_SECONDS = 60, HASH_BYTES = sizeof(uint64_t) };

/* The pictures of somebody, while they come in. */
struct gathered {
    struct buffer bytes[PICTURE_SOURCES_MOST];
    size_t count;   /* that are there */
    size_t waiting; /* for so many more */
    const char *refused, *failed;
    bool same;
};

struct fetching {
    struct photos_run *run;
    struct photos_make *make;
    struct fetch *fetch;
    struct gathered **gathered; /* by number in `items`; NULL: nothing is on its way */
    uint64_t done, total;
};

static void
free_gathered(struct gathered *gathered)
{
    for (size_t i = 0; i < PICTURE_SOURCES_MOST; i++)
        buffer_free(&gathered->bytes[i]);
    free(gathered);
}

/* A picture that is another one counts as such only where the value is the same: it begins with its
 * hash. */
static struct slice
version_of(struct photos_run *run, struct slice value, struct slice version)
{
    const uint64_t hash = XXH3_64bits(value.data, value.length);
    char *bytes = arena_bytes(run->arena, HASH_BYTES + version.length);

    memcpy(bytes, &hash, HASH_BYTES);
    memcpy(bytes + HASH_BYTES, version.data, version.length);
    return (struct slice){bytes, HASH_BYTES + version.length};
}

static struct slice
known_version(const struct photo_person *person, const struct photo_values *places)
{
    const struct slice version = person->version;
    uint64_t hash;

    if (!person->looks_same || places->count != 1 || version.length <= HASH_BYTES)
        return SLICE_NONE;
    hash = XXH3_64bits(places->values[0].data, places->values[0].length);
    if (memcmp(version.data, &hash, HASH_BYTES) != 0)
        return SLICE_NONE;
    return (struct slice){version.data + HASH_BYTES, version.length - HASH_BYTES};
}

static bool
tell_trouble(struct fetching *fetching, struct photo_person *person,
             const struct gathered *gathered, struct error *err)
{
    bool failed = gathered->failed != NULL;

    person->fate = failed ? PHOTO_UNREAD : PHOTO_REFUSED;
    person->version = SLICE_NONE;
    return photos_find(fetching->run, person, failed ? FINDING_PHOTO_UNREAD : FINDING_PHOTO_REFUSED,
                       failed ? gathered->failed : gathered->refused, err);
}

/* All of somebody's pictures are there that ever will be. */
static bool
finish_person(struct fetching *fetching, size_t item, struct error *err)
{
    struct photos_run *run = fetching->run;
    struct photo_person *person = &run->items[item];
    struct gathered *gathered = fetching->gathered[item];
    struct slice values[PICTURE_SOURCES_MOST];
    bool ok;

    fetching->gathered[item] = NULL;
    for (size_t i = 0; i < gathered->count; i++)
        values[i] = (struct slice){gathered->bytes[i].data ? gathered->bytes[i].data : "",
                                   gathered->bytes[i].length};
    if (gathered->same) {
        person->fate = PHOTO_CURRENT;
        ok = true;
    } else if (gathered->failed || (gathered->count == 0 && gathered->refused)) {
        ok = tell_trouble(fetching, person, gathered, err);
    } else {
        person->looks_same = false;
        ok = photos_make_one(fetching->make, person, values, gathered->count, err);
    }
    free_gathered(gathered);
    return ok;
}

static void
take_bytes(struct fetching *fetching, struct photo_person *person, struct gathered *gathered,
           const struct fetched *fetched)
{
    struct photos_run *run = fetching->run;
    const struct photo_values *places = &run->places[person->person];

    buffer_add(&gathered->bytes[gathered->count++], fetched->bytes.data, fetched->bytes.length);
    person->version = fetched->version.data && places->count == 1
                          ? version_of(run, places->values[0], fetched->version)
                          : SLICE_NONE;
}

static bool
take_fetched(void *context, const struct fetched *fetched, struct error *err)
{
    struct fetching *fetching = context;
    struct photos_run *run = fetching->run;
    size_t item = (size_t)fetched->tag;
    struct gathered *gathered = fetching->gathered[item];

    switch (fetched->outcome) {
    case FETCH_DONE:
        take_bytes(fetching, &run->items[item], gathered, fetched);
        break;
    case FETCH_SAME:
        gathered->same = true;
        break;
    case FETCH_NOTHING:
        break;
    case FETCH_REFUSED:
        gathered->refused = arena_string(run->arena, fetched->trouble);
        break;
    case FETCH_FAILED:
        gathered->failed = arena_string(run->arena, fetched->trouble);
        break;
    }
    return --gathered->waiting > 0 || finish_person(fetching, item, err);
}

static bool
ask_person(struct fetching *fetching, size_t item, struct error *err)
{
    struct photos_run *run = fetching->run;
    struct photo_person *person = &run->items[item];
    const struct photo_values *places = &run->places[person->person];
    struct slice version = known_version(person, places);
    bool ok = true;

    message_progress(run->messenger, &(struct progress){.phase = "reading photos",
                                                        .done = ++fetching->done,
                                                        .total = fetching->total,
                                                        .unit = "people"});
    if (places->count == 0 || places->count > PICTURE_SOURCES_MOST) {
        person->version = SLICE_NONE;
        person->looks_same = false;
        return photos_make_one(fetching->make, person, places->values, places->count, err);
    }
    fetching->gathered[item] = memory_zero(1, sizeof *fetching->gathered[item]);
    fetching->gathered[item]->waiting = places->count;
    for (size_t i = 0; ok && i < places->count; i++)
        ok = fetch_ask(fetching->fetch, item, places->values[i], version, err);
    return ok;
}

static bool
ask_all(struct fetching *fetching, struct error *err)
{
    struct photos_run *run = fetching->run;
    bool ok = true;

    fetching->gathered = memory_zero(run->count + 1, sizeof(void *));
    for (size_t i = 0; i < run->count; i++)
        fetching->total += run->items[i].fate == PHOTO_ASK;
    for (size_t i = 0; ok && i < run->count; i++)
        if (run->items[i].fate == PHOTO_ASK)
            ok = ask_person(fetching, i, err);
    ok = ok && fetch_finish(fetching->fetch, err);
    for (size_t i = 0; i < run->count; i++)
        if (fetching->gathered[i])
            free_gathered(fetching->gathered[i]);
    free(fetching->gathered);
    return ok;
}

bool
photos_fetch(struct photos_run *run, struct photos_make *make, struct error *err)
{
    const struct settings_photos *photos = &run->settings->photos;
    struct fetching fetching = {.run = run, .make = make};
    const struct fetch_options options = {
        .base_url = photos->base_url,
        .folder = photos->folder,
        .ca_file = photos->ca_file,
        .most_bytes = PICTURE_SOURCE_BYTES_MOST,
        .timeout_seconds = FETCH_SECONDS,
        .fetched = take_fetched,
        .context = &fetching,
    };
    bool ok;

    fetching.fetch = fetch_open(&options, run->messenger, err);
    ok = fetching.fetch && ask_all(&fetching, err);
    fetch_close(fetching.fetch);
    return ok;
}
