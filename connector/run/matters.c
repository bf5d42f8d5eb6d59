#include "run/matters.h"

#include "base/text.h"
#include "run/identity.h"
#include "run/worklist.h"
#include "state/matter.h"

#include <stdlib.h>
#include <string.h>

struct matters {
    struct spool *spool;
    struct report *report;
    struct spool_record *places; /* of the notes in the spool */
    size_t count, capacity;
    struct buffer note;
    struct arena *arena; /* of one note */
    struct error err;    /* why one could not be kept */
};

struct matters *
matters_new(struct spool *spool, struct report *report)
{
    struct matters *matters = memory_zero(1, sizeof *matters);

    matters->spool = spool;
    matters->report = report;
    matters->arena = arena_new();
    return matters;
}

void
matters_free(struct matters *matters)
{
    if (!matters)
        return;
    buffer_free(&matters->note);
    arena_free(matters->arena);
    free(matters->places);
    free(matters);
}

void
matters_restart(struct matters *matters)
{
    matters->count = 0;
    matters->err = ERROR_INIT;
}

/* A note begins with this; the texts follow. */
struct note {
    enum finding_code code;
    uint32_t key_length, dn_length, match_id_length, field_length, text_length;
    uint32_t has_dn, has_match_id; /* no gap, of which the spool would get what lay there */
};

/* Of an entry that could not be read nothing may be known but what is said of it. */
static struct slice
key_of(const struct finding *finding, struct arena *arena)
{
    if (finding->key.data)
        return finding->key;
    return identity_key_of_dn(
        text_cut(arena, finding->dn.length > 0 ? finding->dn : finding->text, REPORT_TEXT_BYTES),
        arena);
}

static void
write_note(struct matters *matters, const struct finding *finding)
{
    struct arena *arena = matters->arena;
    const struct slice parts[] = {
        key_of(finding, arena),
        text_cut(arena, finding->dn, REPORT_TEXT_BYTES),
        text_cut(arena, finding->match_id, REPORT_TEXT_BYTES),
        slice_of(finding->field),
        text_cut(arena, finding->text, REPORT_TEXT_BYTES),
    };
    const struct note note = {
        finding->code,
        (uint32_t)parts[0].length,
        (uint32_t)parts[1].length,
        (uint32_t)parts[2].length,
        (uint32_t)parts[3].length,
        (uint32_t)parts[4].length,
        finding->dn.data != NULL,
        finding->match_id.data != NULL,
    };

    matters->note.length = 0;
    buffer_add(&matters->note, (const char *)&note, sizeof note);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        buffer_add(&matters->note, parts[i].data, parts[i].length);
}

static void
add_finding(void *context, const struct finding *finding)
{
    struct matters *matters = context;
    const struct finding_sink report = report_sink(matters->report);
    struct spool_record place;

    report.add(report.context, finding);
    if (finding_kind(finding->code)->severity == FINDING_WARNING || matters->err.code != ERROR_NONE)
        return;
    arena_reset(matters->arena);
    write_note(matters, finding);
    if (!spool_append(matters->spool, (struct slice){matters->note.data, matters->note.length},
                      &place, &matters->err))
        return;
    memory_grow(&matters->places, &matters->capacity, matters->count + 1, sizeof *matters->places);
    matters->places[matters->count++] = place;
}

struct finding_sink
matters_sink(struct matters *matters)
{
    return (struct finding_sink){add_finding, matters};
}

static struct slice
take_part(const char **at, uint32_t length, bool is_there)
{
    struct slice part = {*at, length};

    *at += length;
    return is_there ? part : SLICE_NONE;
}

static bool
read_note(struct matters *matters, size_t index, struct state_matter *ret_matter, struct error *err)
{
    const struct spool_record *place = &matters->places[index];
    char *text;
    const char *at;
    struct note note;

    arena_reset(matters->arena);
    text = arena_bytes(matters->arena, place->length);
    if (!spool_read(matters->spool, place->offset, text, place->length, err))
        return false;
    memcpy(&note, text, sizeof note);
    at = text + sizeof note;
    *ret_matter = (struct state_matter){.code = finding_kind(note.code)->name};
    ret_matter->key = take_part(&at, note.key_length, true);
    ret_matter->dn = take_part(&at, note.dn_length, note.has_dn);
    ret_matter->match_id = take_part(&at, note.match_id_length, note.has_match_id);
    ret_matter->field = arena_copy(matters->arena, at, note.field_length);
    at += note.field_length;
    ret_matter->text = take_part(&at, note.text_length, true);
    return true;
}

/* One settling at work. */
struct settler {
    const struct matters_settling *inputs;
    struct matters *matters;
    struct people_index *index; /* made when it is asked first */
    bool ok;                    /* nothing has failed yet */
    struct error *err;
};

static bool
meet_all(struct settler *settler, struct error *err)
{
    const struct matters_settling *inputs = settler->inputs;
    struct state_matter matter;

    for (size_t i = 0; i < settler->matters->count; i++) {
        if (!read_note(settler->matters, i, &matter, err))
            return false;
        matter.since = inputs->started;
        if (!state_matter_meet(inputs->state, inputs->run, &matter, err))
            return false;
    }
    return true;
}

static const enum state_solved solved_by[] = {
    [PERSON_FIT] = STATE_SOLVED_FIT,         [PERSON_TWICE] = STATE_SOLVED_FIT,
    [PERSON_SKIPPED] = STATE_SOLVED_SKIPPED, [PERSON_LEFT] = STATE_SOLVED_GONE,
    [PERSON_REJECTED] = STATE_UNSOLVED,      [PERSON_HELD] = STATE_UNSOLVED,
};

/* Somebody who was held or rejected, and whom this run has met without a matter. */
static enum state_solved
how_solved(void *context, const struct state_matter *matter)
{
    struct settler *settler = context;
    const struct person *person;
    enum person_verdict verdict;

    if (!settler->index)
        settler->index = people_index_new(settler->inputs->people);
    person = people_find_key(settler->index, matter->key);
    if (!person && detection_knows(settler->inputs->detection, matter->key, &verdict))
        return solved_by[verdict];
    if (!person && strcmp(matter->code, finding_kind(FINDING_BAD_ENTRY)->name) == 0)
        return STATE_SOLVED_OVER; /* it is known by another key since it can be read */
    if (!person)
        return settler->inputs->complete ? STATE_SOLVED_GONE : STATE_UNSOLVED;
    return solved_by[person->verdict];
}

static time_t
since_when(void *context, const struct report_finding *finding)
{
    struct settler *settler = context;
    const struct matters_settling *inputs = settler->inputs;
    const struct finding same = {.key = finding->key, .dn = finding->dn, .text = finding->text};
    time_t since = 0;

    arena_reset(settler->matters->arena);
    if (!settler->ok)
        return 0;
    settler->ok = state_matter_since(
        inputs->state, key_of(&same, settler->matters->arena), finding_kind(finding->code)->name,
        finding->field.data
            ? arena_copy(settler->matters->arena, finding->field.data, finding->field.length)
            : "",
        &since, settler->err);
    return since ? since : inputs->started;
}

static bool
report_solved(void *context, const struct state_matter *matter, struct error *err)
{
    struct settler *settler = context;

    (void)err;
    if (matter->solved != STATE_UNSOLVED)
        report_add_solved(settler->matters->report,
                          &(struct report_solved){.code = matter->code,
                                                  .field = matter->field,
                                                  .key = matter->key,
                                                  .dn = matter->dn,
                                                  .match_id = matter->match_id,
                                                  .text = matter->text,
                                                  .since = matter->since,
                                                  .how = worklist_how(matter->solved)});
    return true;
}

static bool
note_time(const struct matters_settling *inputs, struct error *err)
{
    return state_put_number(inputs->state, "matters", inputs->started, err);
}

static bool
settle_in_state(struct settler *settler, struct error *err)
{
    const struct matters_settling *inputs = settler->inputs;
    bool ok = state_matters_begin(inputs->state, err);

    ok = ok && meet_all(settler, err) &&
         (!inputs->solve ||
          (state_matters_solve(inputs->state, inputs->run, how_solved, settler, err) &&
           state_each_matter(inputs->state, report_solved, settler, err))) &&
         note_time(inputs, err);
    return state_matters_end(inputs->state, ok, err) && ok;
}

bool
matters_settle(struct matters *matters, const struct matters_settling *settling, struct error *err)
{
    struct settler settler = {.inputs = settling, .matters = matters, .err = err};

    settler.ok = matters->err.code == ERROR_NONE;
    if (!settler.ok)
        *err = matters->err;
    if (settler.ok)
        settler.ok = settle_in_state(&settler, err);
    report_date_findings(matters->report, since_when, &settler);
    people_index_free(settler.index);
    return settler.ok;
}
