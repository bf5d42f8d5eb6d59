#include "run/photos_make.h"

#include "base/file.h"
#include "photos/pictures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Another number makes all photos anew: for a version that makes other ones of the same pictures.
 */
enum { RULES_GENERATION = 1 };

/* Who is asked before it is told how much room all will need, and again how often. */
enum { ROOM_FIRST = 200, ROOM_EVERY = 2000 };

struct photos_make {
    struct photos_run *run;
    uint64_t asked, expected; /* people who were, and who will be in all */
    struct pictures *pictures;
    struct picture_rules rules;
    struct picture_sink sink;
};

static enum picture_format
format_of(const char *suffix)
{
    return suffix[0] == 'P' || suffix[0] == 'p' ? PICTURE_PNG : PICTURE_JPEG;
}

const char *
photos_rules(const struct settings_photos *photos, struct arena *arena)
{
    return arena_format(arena, "%d %s %ux%u %ju %s", RULES_GENERATION,
                        format_of(photos->suffix) == PICTURE_PNG ? "png" : "jpeg", photos->width,
                        photos->height, (uintmax_t)photos->max_bytes,
                        photos->several == SETTINGS_PHOTO_NEWEST ? "newest" : "largest");
}

static int
compare_values(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static void
digest_values(struct photos_run *run, const struct slice *values, size_t count,
              unsigned char ret_sum[DIGEST_BYTES])
{
    digest_begin(run->digest);
    for (size_t i = 0; i < count; i++) {
        const uint64_t length = values[i].length;

        digest_add(run->digest, (struct slice){(const char *)&length, sizeof length});
        digest_add(run->digest, values[i]);
    }
    digest_end(run->digest, ret_sum);
}

/* Servers give values in any order. */
static void
digest_source(struct photos_run *run, struct photo_person *person, const struct slice *values,
              size_t count)
{
    struct slice *sorted = arena_alloc(run->scratch, count * sizeof *sorted);
    unsigned char picture[DIGEST_BYTES], made[DIGEST_BYTES];

    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_values);
    digest_values(run, sorted, count, picture);
    digest_begin(run->digest);
    digest_add(run->digest, (struct slice){(const char *)picture, sizeof picture});
    digest_add(run->digest, slice_of(run->rules));
    digest_end(run->digest, made);
    memcpy(person->source, picture, PHOTO_PICTURE_BYTES);
    memcpy(person->source + PHOTO_PICTURE_BYTES, made, PHOTO_SOURCE_BYTES - PHOTO_PICTURE_BYTES);
}

static bool
refuse(struct photos_run *run, struct photo_person *person, const char *trouble, struct error *err)
{
    person->fate = PHOTO_REFUSED;
    person->version = SLICE_NONE; /* the next run looks again */
    arena_reset(run->scratch);
    return photos_find(run, person, FINDING_PHOTO_REFUSED,
                       arena_format(run->scratch, "the picture %s", trouble), err);
}

static bool
take_made(void *context, const struct picture *picture, struct error *err)
{
    struct photos_make *make = context;
    struct photos_run *run = make->run;
    struct photo_person *person = &run->items[picture->tag];
    struct spool_record record;

    if (!picture->bytes.data)
        return refuse(run, person, picture->trouble, err);
    if (!spool_append(run->made, picture->bytes, &record, err))
        return false;
    person->fate = PHOTO_SEND;
    person->offset = record.offset;
    person->length = record.length;
    digest_begin(run->digest);
    digest_add(run->digest, picture->bytes);
    digest_end(run->digest, person->sha256);
    return true;
}

struct photos_make *
photos_make_begin(struct photos_run *run, struct error *err)
{
    const struct settings_photos *photos = &run->settings->photos;
    struct photos_make *make = memory_zero(1, sizeof *make);

    make->run = run;
    for (size_t i = 0; i < run->count; i++)
        make->expected += run->items[i].fate == PHOTO_ASK;
    run->asked_for = make->expected;
    make->rules = (struct picture_rules){
        .format = format_of(photos->suffix),
        .several = photos->several == SETTINGS_PHOTO_NEWEST ? PICTURE_NEWEST : PICTURE_LARGEST,
        .width = photos->width,
        .height = photos->height,
        .max_bytes = photos->max_bytes,
    };
    make->sink = (struct picture_sink){take_made, make};
    run->made = spool_open(workshop_folder(run->workshop), err);
    if (run->made)
        return make;
    free(make);
    return NULL;
}

/* A disk that would be full after an hour of work is told at once, by what the first photos take.
 */
static bool
check_room(struct photos_make *make, struct error *err)
{
    const char *folder = workshop_folder(make->run->workshop);
    uint64_t wanted, space;
    bool ok;
    int fd;

    if (make->asked < ROOM_FIRST || (make->asked - ROOM_FIRST) % ROOM_EVERY != 0)
        return true;
    wanted = spool_bytes(make->run->made) / make->asked * (make->expected - make->asked);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERROR_WRITE, "cannot open '%s': %s", folder, strerror(errno));
    ok = file_space(fd, folder, &space, err);
    close(fd);
    if (!ok || space >= wanted)
        return ok;
    error_set(err, ERROR_WRITE,
              "the new photos need about %.1f MB more in '%s', where only %.1f MB are free",
              (double)wanted / 1e6, folder, (double)space / 1e6);
    return error_hint(err, "Make room there, or name another folder as 'spool'. No photo was "
                           "touched.");
}

static bool
start(struct photos_make *make, struct error *err)
{
    if (!make->pictures)
        make->pictures = pictures_open(&make->rules, &make->sink, make->run->messenger, err);
    return make->pictures != NULL;
}

/* What is wrong with the values before anybody looks into them; NULL: nothing. */
static const char *
find_trouble(const struct slice *values, size_t count)
{
    if (count > PICTURE_SOURCES_MOST)
        return "is one of more than 16 of the entry, which are too many to choose from";
    for (size_t i = 0; i < count; i++)
        if (values[i].length > PICTURE_SOURCE_BYTES_MOST)
            return "is larger than 20 MiB";
    return NULL;
}

bool
photos_make_one(struct photos_make *make, struct photo_person *person, const struct slice *values,
                size_t count, struct error *err)
{
    struct photos_run *run = make->run;
    const char *trouble = find_trouble(values, count);

    make->asked++;
    if (!check_room(make, err))
        return false;
    if (count == 0) {
        run->asked_for--;
        person->fate = PHOTO_WITHOUT;
        return true;
    }
    if (trouble)
        return refuse(run, person, trouble, err);
    arena_reset(run->scratch);
    digest_source(run, person, values, count);
    if (photos_is_there(run, person, person->source)) {
        person->fate = PHOTO_CURRENT;
        return true;
    }
    person->fate = PHOTO_MAKING;
    return start(make, err) &&
           pictures_make(make->pictures, (uint64_t)(person - run->items), values, count, err);
}

bool
photos_make_end(struct photos_make *make, bool ok, struct error *err)
{
    if (ok && make->pictures)
        ok = pictures_finish(make->pictures, err);
    pictures_close(make->pictures);
    free(make);
    return ok;
}
