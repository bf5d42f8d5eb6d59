#include "run/photos_run.h"

#include "run/identifiers.h"

#include <stdlib.h>
#include <string.h>

static bool
take_row(void *context, const struct state_photo *photo, struct error *err)
{
    struct photos_run *run = context;
    struct photo_row *row;
    size_t capacity = run->row_count;

    (void)err;
    if ((capacity & (capacity - 1)) == 0)
        run->rows = memory_resize(run->rows, (capacity ? 2 * capacity : 1) * sizeof *run->rows);
    row = &run->rows[run->row_count++];
    *row = (struct photo_row){.photo = *photo};
    row->photo.name = arena_slice(run->arena, photo->name);
    row->photo.key = arena_slice(run->arena, photo->key);
    return true;
}

static int
compare_name(const void *name, const void *row)
{
    return slice_compare(*(const struct slice *)name, ((const struct photo_row *)row)->photo.name);
}

/* Who has which of the photos that are there; returns how many of these somebody has. */
static size_t
claim_rows(struct photos_run *run)
{
    size_t claimed = 0;

    for (size_t i = 0; i < run->count; i++) {
        struct photo_person *person = &run->items[i];
        struct slice name = slice_of(person->name);
        struct photo_row *row =
            name.data && run->row_count > 0
                ? bsearch(&name, run->rows, run->row_count, sizeof *run->rows, compare_name)
                : NULL;

        if (!row)
            continue;
        row->claim = (uint32_t)i + 1;
        person->row = (uint32_t)(row - run->rows) + 1;
        claimed++;
    }
    return claimed;
}

struct like {
    uint64_t hash;
    uint32_t item;
};

static int
compare_like(const void *a, const void *b)
{
    const struct like *first = a, *second = b;

    return (first->hash > second->hash) - (first->hash < second->hash);
}

static struct like
like_of(struct photos_run *run, struct slice name, size_t item)
{
    arena_reset(run->scratch);
    return (struct like){identifier_hash(name, run->scratch), (uint32_t)item};
}

/* To some web servers and disks names that differ by case alone are one. */
static void
find_likes(struct photos_run *run)
{
    struct like *likes = memory_alloc((run->count + 1) * sizeof *likes);
    size_t count = 0;

    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].name)
            likes[count++] = like_of(run, slice_of(run->items[i].name), i);
    qsort(likes, count, sizeof *likes, compare_like);
    for (size_t i = 0; i < run->row_count; i++) {
        struct photo_row *row = &run->rows[i];
        const struct like like = like_of(run, row->photo.name, 0);
        const struct like *found =
            row->claim ? NULL : bsearch(&like, likes, count, sizeof *likes, compare_like);

        row->like = found ? found->item + 1 : 0;
    }
    free(likes);
}

/* Whether the photo is there, of these values and this person. */
bool
photos_is_there(const struct photos_run *run, const struct photo_person *person,
                const unsigned char source[PHOTO_SOURCE_BYTES])
{
    const struct state_photo *photo = person->row ? &run->rows[person->row - 1].photo : NULL;

    return photo && !photo->open && memcmp(photo->source, source, PHOTO_SOURCE_BYTES) == 0 &&
           slice_equal(photo->key, photos_key(run, person));
}

static bool
is_same_entry(const struct photos_run *run, const struct photo_person *person, struct slice version)
{
    uint64_t now = run->versions[person->person];

    return now != 0 && version.length == sizeof now && memcmp(version.data, &now, sizeof now) == 0;
}

static void
drop_look(struct photos_run *run, struct slice key)
{
    memory_grow(&run->gone_looks, &run->gone_look_capacity, run->gone_look_count + 1,
                sizeof *run->gone_looks);
    run->gone_looks[run->gone_look_count++] = arena_slice(run->arena, key);
}

static bool
take_look(void *context, const struct state_photo_look *look, struct error *err)
{
    struct photos_run *run = context;
    const struct person *found = people_find_key(run->index, look->key);
    size_t number = found ? (size_t)(found - people_items(run->people)) : 0;
    uint32_t item = found ? run->of_person[number] : 0;
    struct photo_person *person = item ? &run->items[item - 1] : NULL;

    (void)err;
    if (!person || person->fate != PHOTO_ASK) {
        drop_look(run, look->key);
        return true;
    }
    person->remembered = true;
    memcpy(person->source, look->source, sizeof person->source);
    if (run->settings->photos.from != SETTINGS_PHOTO_ATTRIBUTE) {
        person->version = arena_slice(run->arena, look->version);
        person->looks_same = photos_is_there(run, person, look->source);
        return true;
    }
    if (!is_same_entry(run, person, look->version))
        return true;
    person->looks_same = true;
    if (look->none)
        person->fate = PHOTO_WITHOUT;
    else if (photos_is_there(run, person, look->source))
        person->fate = PHOTO_CURRENT;
    return true;
}

/* A run that was cut short gave the depot a photo where there was none of ours. Whether the file
 * that is there now is that one is told by its length: else it was there before. */
static bool
settle_row(struct photos_run *run, struct photo_row *row, bool *ret_ours, struct error *err)
{
    const char *name = arena_copy(run->arena, row->photo.name.data, row->photo.name.length);
    bool exists;
    uint64_t bytes;

    if (!depot_connect(run->depot, err) || !depot_look(run->depot, name, &exists, &bytes, err))
        return false;
    *ret_ours = exists && bytes == row->photo.bytes;
    row->photo.doubtful = false;
    return *ret_ours || state_photo_remove(run->state, run->depot_id, row->photo.name, err);
}

static bool
settle_rows(struct photos_run *run, struct error *err)
{
    size_t kept = 0;
    bool ok = true;

    for (size_t i = 0; ok && i < run->row_count; i++) {
        bool ours = true;

        if (run->rows[i].photo.doubtful)
            ok = settle_row(run, &run->rows[i], &ours, err);
        if (ours)
            run->rows[kept++] = run->rows[i];
    }
    run->row_count = kept;
    return ok;
}

bool
photos_look(struct photos_run *run, struct error *err)
{
    uint64_t elsewhere;

    if (!state_photo_depot(run->state, depot_name(run->depot), &run->depot_id, &elsewhere, err) ||
        !state_each_photo(run->state, run->depot_id, take_row, run, err) || !settle_rows(run, err))
        return false;
    if (elsewhere > 0)
        message_say(run->messenger, MESSAGE_NOTICE,
                    "%ju photos that were delivered to another place than '%s' stay there; remove "
                    "them by hand",
                    (uintmax_t)elsewhere, depot_name(run->depot));
    if (claim_rows(run) < run->row_count)
        find_likes(run);
    return !run->looks_count || state_each_photo_look(run->state, take_look, run, err);
}
