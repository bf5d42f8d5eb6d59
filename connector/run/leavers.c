#include "run/leavers.h"

#include "alma/alma.h"
#include "base/buffer.h"
#include "run/compare.h"
#include "run/last_record.h"
#include "run/stages.h"

#include <inttypes.h>
#include <stdlib.h>

/* Somebody who is to get a last record. */
struct due {
    struct slice key;
    uint64_t identity;
    int64_t package;
    bool again; /* somebody else of that match identifier who is due was delivered later */
};

struct leavers {
    const struct compare *inputs;
    struct arena *arena; /* keys of those who are due */
    struct due *due;
    size_t count, capacity;
    struct last_records last;
    uint64_t unknown; /* people whose last record is not known, and of these … */
    bool unknown_now; /* … somebody who has just become due */
};

struct leavers *
leavers_new(const struct compare *compare)
{
    struct leavers *leavers = memory_zero(1, sizeof *leavers);

    leavers->inputs = compare;
    leavers->arena = arena_new();
    return leavers;
}

void
leavers_free(struct leavers *leavers)
{
    free(leavers->due);
    arena_free(leavers->arena);
    free(leavers);
}

static void
tell(const struct leavers *leavers, const struct state_person *known, bool expired)
{
    report_add_leaver(leavers->inputs->report, &(struct report_leaver){.match_id = known->match_id,
                                                                       .absent = known->absent + 1,
                                                                       .expired = expired});
}

static bool
is_due(const struct settings *settings, const struct state_person *known)
{
    return settings->leavers.policy == SETTINGS_LEAVERS_EXPIRE &&
           settings->mode != SETTINGS_MODE_IMPORT && known->absent + 1 >= settings->leavers.grace;
}

void
leavers_add(struct leavers *leavers, const struct state_person *known, uint64_t identity,
            bool replaced)
{
    if (replaced || !is_due(leavers->inputs->settings, known)) {
        tell(leavers, known, false);
        return;
    }
    memory_grow(&leavers->due, &leavers->capacity, leavers->count + 1, sizeof *leavers->due);
    leavers->due[leavers->count++] = (struct due){.key = arena_slice(leavers->arena, known->key),
                                                  .identity = identity,
                                                  .package = known->package};
}

static int
compare_due(const void *a, const void *b)
{
    const struct due *first = *(struct due *const *)a, *second = *(struct due *const *)b;

    if (first->identity != second->identity)
        return first->identity < second->identity ? -1 : 1;
    return (first->package < second->package) - (first->package > second->package);
}

/* An account that was made anew, and has left before a complete run saw it, is there twice; Alma
 * has what was delivered last. */
static void
mark_again(struct leavers *leavers)
{
    struct due **order = memory_alloc(leavers->count * sizeof(struct due *));

    for (size_t i = 0; i < leavers->count; i++)
        order[i] = &leavers->due[i];
    qsort(order, leavers->count, sizeof(struct due *), compare_due);
    for (size_t i = 1; i < leavers->count; i++)
        order[i]->again = order[i]->identity == order[i - 1]->identity;
    free(order);
}

/* The day a person leaves, and the day after which Alma may purge them. */
static struct alma_leaving
leaving_dates(const struct compare *compare)
{
    unsigned purge_after = compare->settings->leavers.purge_after_seconds;
    struct alma_leaving leaving = {.expiry_date = stages_time_options(compare->now).today};

    if (purge_after > 0)
        leaving.purge_date = date_of_time(date_to_time(leaving.expiry_date) + (time_t)purge_after);
    return leaving;
}

/* A record that is damaged must not keep the others from Alma for ever. */
static void
write_last(const struct leavers *leavers, const struct state_person *known,
           const struct alma_leaving *leaving, struct buffer *record)
{
    struct buffer last = BUFFER_INIT;
    struct error err = ERROR_INIT;

    if (package_inflate(known->record, &last, &err))
        alma_write_leaver((struct slice){last.data, last.length}, leaving, record);
    else
        message_say(leavers->inputs->messenger, MESSAGE_WARNING,
                    "the last record of '%.*s', who has left, is damaged in the state '%s': they "
                    "stay as they are in Alma",
                    SLICE_ARG(known->match_id), state_path(leavers->inputs->state));
    buffer_free(&last);
}

/* Empties the record of somebody who cannot get it. */
static bool
send_last(const struct leavers *leavers, const struct state_person *known, struct buffer *record,
          struct arena *arena, struct comparison *comparison, struct error *err)
{
    const struct compare *compare = leavers->inputs;
    struct person_facts facts = {.key = known->key, .record = {record->data, record->length}};
    enum last_record_verdict verdict;

    if (!last_record_judge(&leavers->last, &facts, arena, &verdict, err))
        return false;
    if (verdict == LAST_RECORD_FIT) {
        comparison->leaving++;
        return people_add(compare->people, compare->spool, &facts, PERSON_LEFT, SENDING_LAST, err);
    }
    record->length = 0;
    /* Once: when they become due. */
    message_say(
        compare->messenger,
        known->absent + 1 == compare->settings->leavers.grace ? MESSAGE_WARNING : MESSAGE_INFO,
        "'%.*s', who has left, stays as they are in Alma: %s", SLICE_ARG(known->match_id),
        verdict == LAST_RECORD_TAKEN ? "an identifier of their last record is somebody else's now"
                                     : "their last record does not have the match identifier");
    return true;
}

/* When the run is done. */
static void
forget_later(struct comparison *comparison, struct slice key, struct arena *arena)
{
    memory_grow(&comparison->succeeded, &comparison->succeeded_capacity,
                comparison->succeeded_count + 1, sizeof *comparison->succeeded);
    comparison->succeeded[comparison->succeeded_count++] = arena_slice(arena, key);
}

static bool
write_one(struct leavers *leavers, struct slice key, const struct alma_leaving *leaving,
          struct buffer *record, struct comparison *comparison, struct error *err)
{
    const struct compare *compare = leavers->inputs;
    struct arena *arena = arena_new();
    struct state_person known;
    bool found, ok = state_find_person(compare->state, key, arena, &known, &found, err);

    record->length = 0;
    if (!ok || !found)
        goto done;
    if (known.record.data) {
        write_last(leavers, &known, leaving, record);
    } else {
        leavers->unknown++;
        leavers->unknown_now |= known.absent + 1 == compare->settings->leavers.grace;
    }
    if (record->length > 0)
        ok = send_last(leavers, &known, record, arena, comparison, err);
    if (ok)
        tell(leavers, &known, record->length > 0);

done:
    arena_free(arena);
    return ok;
}

/* A warning once: when they become due, or when `leavers` has just become 'expire'. */
static bool
tell_unknown(const struct leavers *leavers, struct error *err)
{
    const struct compare *compare = leavers->inputs;
    struct slice records;

    if (leavers->unknown == 0)
        return true;
    if (!state_get(compare->state, "records", compare->arena, &records, err))
        return false;
    message_say(compare->messenger,
                leavers->unknown_now || !slice_equal(records, slice_of("kept")) ? MESSAGE_WARNING
                                                                                : MESSAGE_INFO,
                "the last records of %" PRIu64 " people who have left are not known, as 'leavers' "
                "was not 'expire' when they were delivered: they stay as they are in Alma",
                leavers->unknown);
    return true;
}

bool
leavers_write(struct leavers *leavers, struct comparison *comparison, struct error *err)
{
    const struct alma_leaving leaving = leaving_dates(leavers->inputs);
    struct buffer record = BUFFER_INIT;
    bool ok = true;

    mark_again(leavers);
    leavers->last = (struct last_records){.people = leavers->inputs->people,
                                          .spool = leavers->inputs->spool,
                                          .match_id = leavers->inputs->match_id};
    last_record_begin(&leavers->last);
    for (size_t i = 0; ok && i < leavers->count; i++) {
        const struct due *due = &leavers->due[i];

        if (due->again) {
            comparison->missing--;
            forget_later(comparison, due->key, leavers->inputs->arena);
        } else {
            ok = write_one(leavers, due->key, &leaving, &record, comparison, err);
        }
    }
    buffer_free(&record);
    return ok && tell_unknown(leavers, err);
}
