#include "run/photos_run.h"

#include "run/brakes.h"
#include "run/stages.h"

#include <string.h>

/* So many are never too large a share. */
enum { FEW = 10 };

static bool
is_at_hand(const struct photo_person *person)
{
    return person->fate == PHOTO_CURRENT || person->fate == PHOTO_SEND;
}

/* Nobody shall see it any more, once the time that the settings give is over. */
static enum photo_row_fate
let_go(const struct photos_run *run, struct photo_row *row)
{
    time_t grace = (time_t)run->settings->photos.remove_after_seconds;

    if (row->photo.unwanted == 0 || row->photo.unwanted > run->now) {
        row->photo.unwanted = run->now;
        row->noted = true;
    }
    return run->now - row->photo.unwanted >= grace ? ROW_GOES : ROW_WAITS;
}

/* Of a photo whose name is that of somebody who is fit. */
static enum photo_row_fate
judge_claimed(const struct photos_run *run, struct photo_row *row)
{
    const struct photo_person *person = &run->items[row->claim - 1];

    if (is_at_hand(person))
        return ROW_STAYS;
    if (!slice_equal(row->photo.key, photos_key(run, person)))
        return ROW_GOES; /* it shows somebody else */
    return person->fate == PHOTO_UNREAD ? ROW_STAYS : let_go(run, row);
}

/* Of a photo whose name nobody has who is fit. */
static enum photo_row_fate
judge_unclaimed(const struct photos_run *run, struct photo_row *row)
{
    const struct person *found = people_find_key(run->index, row->photo.key);
    const struct photo_person *person;

    if (row->photo.key.length == 0)
        return ROW_GOES; /* nobody's, or nobody can say whose */
    if (row->like && !slice_equal(row->photo.key, photos_key(run, &run->items[row->like - 1])))
        return ROW_GOES; /* it may be shown for somebody else */
    if (!found)
        return run->complete ? let_go(run, row) : ROW_STAYS;
    if (found->verdict == PERSON_SKIPPED)
        return let_go(run, row);
    if (found->verdict != PERSON_FIT)
        return ROW_STAYS;
    row->owner = run->of_person[found - people_items(run->people)];
    person = &run->items[row->owner - 1];
    if (is_at_hand(person))
        return row->like ? ROW_MAKES_WAY : ROW_GOES_AFTER;
    if (person->fate == PHOTO_UNNAMED)
        return ROW_GOES; /* it may be shown for somebody else */
    return person->fate == PHOTO_UNREAD ? ROW_STAYS : let_go(run, row);
}

static void
judge_row(struct photos_run *run, struct photo_row *row)
{
    row->fate = row->claim ? judge_claimed(run, row) : judge_unclaimed(run, row);
    if (row->fate == ROW_STAYS && row->photo.unwanted != 0) {
        row->photo.unwanted = 0;
        row->noted = true;
    }
    if (row->fate != ROW_GOES)
        return;
    run->removing++;
    examples_add(&run->of_removing, run->arena, row->photo.name);
}

/* Whether the photo that is there will be another one, and only as the picture is. */
static bool
has_new_picture(const struct photos_run *run, const struct photo_person *person)
{
    const struct state_photo *photo = person->row ? &run->rows[person->row - 1].photo : NULL;

    return photo && person->fate == PHOTO_SEND && !photo->open &&
           memcmp(photo->source, person->source, PHOTO_PICTURE_BYTES) != 0 &&
           slice_equal(photo->key, photos_key(run, person));
}

static void
judge_person(struct photos_run *run, const struct photo_person *person)
{
    if (has_new_picture(run, person)) {
        run->replacing++;
        examples_add(&run->of_replacing, run->arena, slice_of(person->name));
    } else if (person->fate == PHOTO_UNREAD) {
        run->unread++;
        examples_add(&run->of_unread, run->arena, slice_of(person->name));
    }
}

static void
count_fates(struct photos_run *run)
{
    struct report_photo_counts *counts = &report_counts(run->report)->photos;
    uint64_t *const by_fate[PHOTO_FATE_COUNT] = {
        [PHOTO_CURRENT] = &counts->current, [PHOTO_WITHOUT] = &counts->without,
        [PHOTO_UNNAMED] = &counts->unnamed, [PHOTO_REFUSED] = &counts->refused,
        [PHOTO_UNREAD] = &counts->unread,
    };

    for (size_t i = 0; i < run->count; i++) {
        const struct photo_person *person = &run->items[i];

        if (person->fate == PHOTO_SEND)
            ++*(person->row ? &counts->replaced : &counts->added);
        else
            ++*by_fate[person->fate];
    }
    for (size_t i = 0; i < run->row_count; i++) {
        counts->removed += run->rows[i].fate >= ROW_GOES;
        counts->waiting += run->rows[i].fate == ROW_WAITS;
    }
}

bool
photos_judge(struct photos_run *run, struct error *err)
{
    for (size_t i = 0; i < run->row_count; i++)
        judge_row(run, &run->rows[i]);
    for (size_t i = 0; i < run->count; i++)
        judge_person(run, &run->items[i]);
    count_fates(run);
    return report_adds_up(run->report) ||
           error_set(err, ERROR_INTERNAL,
                     "the counts of people do not add up: no photo is touched");
}

bool
photos_brake(struct photos_run *run, struct error *err)
{
    const uint64_t there = run->row_count;
    const struct brakes_photos photos = {
        .removing = {run->removing, there, 0, &run->of_removing},
        .replacing = {run->replacing, there, FEW, &run->of_replacing},
        .unread = {run->unread, run->asked_for, FEW, &run->of_unread},
    };
    const struct brakes brakes = {
        .settings = run->settings,
        .releases = run->options->releases,
        .release_count = run->options->release_count,
        .today = stages_time_options(run->now).today,
        .report = run->report,
        .messenger = run->messenger,
        .arena = run->arena,
        .photos = &photos,
    };

    return brakes_hold(&brakes, err);
}

static bool
write_look(const struct photos_run *run, const struct photo_person *person, struct error *err)
{
    const struct state_photo_look look = {
        .key = photos_key(run, person),
        .version = person->version,
        .none = person->fate == PHOTO_WITHOUT,
    };
    struct state_photo_look full = look;

    if (person->looks_same)
        return true;
    if (!person->version.data || person->fate == PHOTO_UNNAMED)
        return !person->remembered || state_photo_look_remove(run->state, look.key, err);
    memcpy(full.source, person->source, sizeof full.source);
    return state_photo_look_put(run->state, &full, err);
}

static bool
write_looks(struct photos_run *run, struct error *err)
{
    bool ok = run->looks_count || state_photo_looks_clear(run->state, err);

    for (size_t i = 0; ok && i < run->gone_look_count; i++)
        ok = state_photo_look_remove(run->state, run->gone_looks[i], err);
    for (size_t i = 0; ok && i < run->count; i++)
        ok = write_look(run, &run->items[i], err);
    return ok && (!run->asks_all ||
                  state_put_number(run->state, PHOTOS_ASKED_ALL, (int64_t)run->now, err));
}

bool
photos_write_plan(struct photos_run *run, struct error *err)
{
    bool ok = state_photos_begin(run->state, err) && write_looks(run, err) &&
              state_put(run->state, PHOTOS_RULES, slice_of(run->asked), err);

    for (size_t i = 0; ok && i < run->row_count; i++)
        if (run->rows[i].noted)
            ok = state_photo_put(run->state, run->depot_id, &run->rows[i].photo, err);
    return state_photos_end(run->state, ok, err) && ok;
}
