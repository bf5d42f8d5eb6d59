#include "run/photos_run.h"

#include "run/stages.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Changes that state learns of in one transaction. */
enum { CHANGES_AT_ONCE = 500, LONGEST_WAIT_SECONDS = 60 };

/* What is to be done under one name. */
struct change {
    struct photo_person *person; /* whose photo goes out; NULL: `row` is removed */
    struct photo_row *row;       /* that is there; NULL: none is */
    bool given;                  /* the depot has it … */
    bool settled;                /* … and is done with it */
    enum depot_outcome outcome;
};

struct delivering {
    struct photos_run *run;
    struct change *changes;
    size_t count;
    size_t next, noted; /* the next one for the depot; those before are known to state as open */
    size_t *told;       /* settled changes that state does not know of yet */
    size_t told_count;
    uint64_t done, total; /* of all phases */
    uint64_t kept;        /* photos that were to be removed, and could not be */
};

static struct slice
name_of(const struct change *change)
{
    return change->person ? slice_of(change->person->name) : change->row->photo.name;
}

/* Whether the photo under the name is another person's. */
static bool
shows_other(const struct photos_run *run, const struct photo_person *person,
            const struct photo_row *row)
{
    return row && !slice_equal(row->photo.key, photos_key(run, person));
}

static struct state_photo
photo_of(const struct delivering *delivering, const struct change *change, bool open)
{
    struct state_photo photo = {
        .name = name_of(change),
        .key = photos_key(delivering->run, change->person),
        .open = open,
        .doubtful = !change->row && !delivering->run->options->adopt,
        .bytes = change->person->length,
        .delivered = delivering->run->now,
    };

    /* Whom it shows then nobody can say: it must not stay as anybody's. */
    if (open && shows_other(delivering->run, change->person, change->row))
        photo.key = slice_of("");
    memcpy(photo.source, change->person->source, sizeof photo.source);
    memcpy(photo.sha256, change->person->sha256, sizeof photo.sha256);
    return photo;
}

/* A file that was not ours, or that the server never took, is not to become ours by this. */
static bool
write_settled(struct delivering *delivering, const struct change *change, struct error *err)
{
    struct photos_run *run = delivering->run;
    struct state_photo photo;

    if (!change->person || (change->outcome != DEPOT_DONE && !change->row))
        return (!change->person && change->outcome != DEPOT_DONE) ||
               state_photo_remove(run->state, run->depot_id, name_of(change), err);
    if (change->outcome != DEPOT_DONE)
        return true;
    photo = photo_of(delivering, change, false);
    return state_photo_put(run->state, run->depot_id, &photo, err);
}

/* Before the depot gets them state knows that nobody can say what is under their names. */
static bool
write_open(struct delivering *delivering, struct error *err)
{
    struct photos_run *run = delivering->run;
    size_t end = delivering->noted + CHANGES_AT_ONCE;

    if (end > delivering->count)
        end = delivering->count;
    for (; delivering->noted < end; delivering->noted++) {
        const struct change *change = &delivering->changes[delivering->noted];
        struct state_photo photo;

        if (!change->person || change->settled)
            continue;
        photo = photo_of(delivering, change, true);
        if (!state_photo_put(run->state, run->depot_id, &photo, err))
            return false;
    }
    return true;
}

static bool
write_down(struct delivering *delivering, bool open, struct error *err)
{
    struct photos_run *run = delivering->run;
    bool ok = state_photos_begin(run->state, err);

    for (size_t i = 0; ok && i < delivering->told_count; i++)
        ok = write_settled(delivering, &delivering->changes[delivering->told[i]], err);
    ok = ok && (!open || write_open(delivering, err));
    delivering->told_count = 0;
    return state_photos_end(run->state, ok, err) && ok;
}

static enum depot_action
action_of(const struct delivering *delivering, const struct change *change)
{
    if (!change->person)
        return DEPOT_REMOVE;
    return change->row || change->given || delivering->run->options->adopt ? DEPOT_REPLACE
                                                                           : DEPOT_ADD;
}

static bool
give_next(void *context, struct depot_change *ret_change, bool *ret_more, struct error *err)
{
    struct delivering *delivering = context;
    struct change *change;

    while (delivering->next < delivering->count && delivering->changes[delivering->next].settled)
        delivering->next++;
    *ret_more = delivering->next < delivering->count;
    if (!*ret_more)
        return true;
    if (delivering->next >= delivering->noted) {
        delivering->noted = delivering->next;
        if (!write_down(delivering, true, err))
            return false;
    }
    change = &delivering->changes[delivering->next];
    *ret_change = (struct depot_change){
        .action = action_of(delivering, change),
        .name = change->person ? change->person->name
                               : arena_copy(delivering->run->arena, name_of(change).data,
                                            name_of(change).length),
        .tag = delivering->next++,
    };
    change->given = true;
    return true;
}

static bool
load_photo(void *context, uint64_t tag, struct buffer *ret_bytes, struct error *err)
{
    const struct delivering *delivering = context;
    const struct photo_person *person = delivering->changes[tag].person;
    char *bytes = buffer_reserve(ret_bytes, person->length);

    ret_bytes->length = person->length;
    return spool_read(delivering->run->made, person->offset, bytes, person->length, err);
}

static bool
find_trouble(struct delivering *delivering, struct change *change, enum depot_outcome outcome,
             const char *trouble, struct error *err)
{
    struct photos_run *run = delivering->run;
    struct arena *arena = arena_new();
    bool foreign = outcome == DEPOT_FOREIGN, ok = true;
    const char *text =
        foreign ? arena_format(arena, "a file '%.*s' is there already", SLICE_ARG(name_of(change)))
                : arena_format(arena, "'%.*s': %s", SLICE_ARG(name_of(change)),
                               trouble ? trouble : "refused");

    if (change->person) {
        change->person->fate = foreign ? PHOTO_FOREIGN : PHOTO_UNSENT;
        ok = photos_find(run, change->person,
                         foreign ? FINDING_PHOTO_FOREIGN : FINDING_PHOTO_UNSENT, text, err);
    } else {
        const struct finding_sink sink = report_sink(run->report);

        sink.add(sink.context, &(struct finding){.code = FINDING_PHOTO_UNSENT,
                                                 .key = change->row->photo.key,
                                                 .text = slice_of(text)});
    }
    arena_free(arena);
    return ok;
}

static bool
take_settled(void *context, uint64_t tag, enum depot_outcome outcome, const char *trouble,
             struct error *err)
{
    struct delivering *delivering = context;
    struct change *change = &delivering->changes[tag];

    change->settled = true;
    change->outcome = outcome;
    delivering->told[delivering->told_count++] = tag;
    message_progress(delivering->run->messenger, &(struct progress){.phase = "delivering",
                                                                    .done = ++delivering->done,
                                                                    .total = delivering->total,
                                                                    .unit = "photos"});
    if (outcome == DEPOT_DONE && change->person)
        change->person->fate = PHOTO_SENT;
    if (outcome != DEPOT_DONE && !find_trouble(delivering, change, outcome, trouble, err))
        return false;
    return delivering->told_count < CHANGES_AT_ONCE || write_down(delivering, false, err);
}

static bool
work_once(struct delivering *delivering, struct error *err)
{
    const struct depot_work work = {give_next, load_photo, take_settled, delivering};
    struct error unheard = ERROR_INIT;
    bool ok;

    delivering->next = delivering->noted = 0;
    ok = depot_work(delivering->run->depot, &work, err);
    /* What was done is done, whatever came then. */
    return write_down(delivering, false, ok ? err : &unheard) && ok;
}

static bool
connect_depot(struct photos_run *run, struct error *err)
{
    int64_t busy;

    return depot_connect(run->depot, err) &&
           state_get_number(run->state, PHOTOS_BUSY, &busy, err) &&
           (!busy || depot_clean(run->depot, err)) &&
           (busy || state_put_number(run->state, PHOTOS_BUSY, 1, err));
}

/* What was on its way when a connection broke: a file of that length is it, any other was there
 * before. */
static bool
look_for_given(struct delivering *delivering, struct error *err)
{
    for (size_t i = 0; i < delivering->count; i++) {
        struct change *change = &delivering->changes[i];
        bool exists;
        uint64_t bytes;

        if (!change->given || change->settled || !change->person || change->row)
            continue;
        if (!depot_look(delivering->run->depot, change->person->name, &exists, &bytes, err))
            return false;
        change->given = exists && bytes == change->person->length;
    }
    return true;
}

/* A connection that breaks is made anew, and what it left open is done again. */
static bool
work_with_patience(struct delivering *delivering, struct error *err)
{
    struct photos_run *run = delivering->run;
    unsigned wait_seconds = run->settings->first_wait_seconds, attempts = run->settings->attempts;
    bool connected = true;

    for (unsigned attempt = 1;; attempt++) {
        uint64_t before = delivering->done;
        struct timespec wait;

        if ((connected || (connect_depot(run, err) && look_for_given(delivering, err))) &&
            work_once(delivering, err))
            return true;
        connected = false;
        if (delivering->done > before)
            attempt = 1;
        if (!err->transient || attempt >= attempts)
            return false;
        if (wait_seconds > LONGEST_WAIT_SECONDS)
            wait_seconds = LONGEST_WAIT_SECONDS;
        message_say(run->messenger, MESSAGE_WARNING, "%s; another attempt follows in %u s",
                    err->text, wait_seconds);
        wait = (struct timespec){.tv_sec = wait_seconds};
        nanosleep(&wait, NULL);
        wait_seconds *= 2;
        *err = ERROR_INIT;
    }
}

/* First what nobody shall see any more or for somebody else, then what is new, last what has
 * another name now. */
enum phase { REMOVING, CORRECTING, SENDING, RENAMED, PHASE_COUNT };

static void
add_change(struct delivering *delivering, struct photo_person *person, struct photo_row *row)
{
    delivering->changes[delivering->count++] = (struct change){.person = person, .row = row};
}

static bool
is_safe(const struct photos_run *run, const struct photo_row *row)
{
    const struct photo_person *owner = &run->items[row->owner - 1];

    return owner->fate == PHOTO_CURRENT || owner->fate == PHOTO_SENT;
}

static void
list_sent(struct delivering *delivering, enum phase phase)
{
    struct photos_run *run = delivering->run;

    for (size_t i = 0; i < run->count; i++) {
        struct photo_person *person = &run->items[i];
        struct photo_row *row = person->row ? &run->rows[person->row - 1] : NULL;

        if (person->fate == PHOTO_SEND && shows_other(run, person, row) == (phase == CORRECTING))
            add_change(delivering, person, row);
    }
}

static void
list_removed(struct delivering *delivering, enum phase phase)
{
    struct photos_run *run = delivering->run;

    for (size_t i = 0; i < run->row_count; i++) {
        struct photo_row *row = &run->rows[i];

        if (phase == REMOVING ? row->fate == ROW_GOES || row->fate == ROW_MAKES_WAY
                              : row->fate == ROW_GOES_AFTER && is_safe(run, row))
            add_change(delivering, NULL, row);
    }
}

static bool
is_sending(enum phase phase)
{
    return phase == CORRECTING || phase == SENDING;
}

static void
list_changes(struct delivering *delivering, enum phase phase)
{
    delivering->count = 0;
    (is_sending(phase) ? list_sent : list_removed)(delivering, phase);
}

/* What was planned, by what came of it. */
static void
count_outcomes(struct delivering *delivering, enum phase phase, struct report_photo_counts *counts)
{
    for (size_t i = 0; i < delivering->count; i++) {
        const struct change *change = &delivering->changes[i];

        if (!is_sending(phase))
            ++*(change->settled && change->outcome == DEPOT_DONE ? &counts->removed
                                                                 : &delivering->kept);
        else if (change->settled && change->outcome == DEPOT_DONE)
            ++*(change->row ? &counts->replaced : &counts->added);
        else if (change->settled && change->outcome == DEPOT_FOREIGN)
            counts->foreign++;
        else
            counts->unsent++;
    }
}

static uint64_t
count_changes(const struct photos_run *run)
{
    const struct report_photo_counts *counts = &report_counts(run->report)->photos;

    return counts->added + counts->replaced + counts->removed;
}

/* Also of a delivery that fails the report says what was done. */
static bool
go_phases(struct delivering *delivering, struct error *err)
{
    struct report_photo_counts *counts = &report_counts(delivering->run->report)->photos;
    bool ok = stages_check_depot_secrets(delivering->run->settings, err) &&
              connect_depot(delivering->run, err);

    counts->added = counts->replaced = counts->removed = 0;
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        list_changes(delivering, (enum phase)phase);
        if (ok && delivering->count > 0)
            ok = work_with_patience(delivering, err);
        count_outcomes(delivering, (enum phase)phase, counts);
    }
    if (delivering->kept > 0)
        message_say(delivering->run->messenger, MESSAGE_WARNING,
                    "%ju photos that are to be removed are at their server still",
                    (uintmax_t)delivering->kept);
    return ok;
}

bool
photos_deliver(struct photos_run *run, struct error *err)
{
    size_t most = run->count > run->row_count ? run->count : run->row_count;
    struct delivering delivering = {.run = run, .total = count_changes(run)};
    bool ok;

    report_set_target(run->report, depot_name(run->depot));
    if (delivering.total == 0)
        return true;
    if (run->options->rehearse)
        return stages_check_depot_secrets(run->settings, err) && depot_connect(run->depot, err);
    delivering.changes = memory_alloc((most + 1) * sizeof *delivering.changes);
    delivering.told = memory_alloc((most + 1) * sizeof *delivering.told);
    ok = go_phases(&delivering, err) && state_put_number(run->state, PHOTOS_BUSY, 0, err);
    free(delivering.changes);
    free(delivering.told);
    return ok || error_prefix(err, "delivery to '%s' failed", depot_name(run->depot));
}
