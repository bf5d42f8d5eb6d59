#include "run/compare.h"
#include "run/detect_inside.h"
#include "run/identity.h"

#include <stdlib.h>
#include <string.h>

static const unsigned char verdicts[] = {
    [PERSON_FIT] = ROSTER_FIT,           [PERSON_SKIPPED] = ROSTER_SKIPPED,
    [PERSON_REJECTED] = ROSTER_REJECTED, [PERSON_HELD] = ROSTER_HELD,
    [PERSON_TWICE] = ROSTER_VOID,        [PERSON_LEFT] = ROSTER_VOID,
};

/* Not before. When exactly is known of those who were not sent now. */
static uint32_t
due_time(const struct detect *inputs, const struct person *person)
{
    unsigned after = inputs->settings->changes.resend_after_seconds;

    if (person->verdict != PERSON_FIT || after == 0)
        return UINT32_MAX;
    if (person->sending != SENDING_NOT)
        return (uint32_t)(inputs->now + (time_t)(after / 2));
    return compare_due_time(inputs->settings, people_key(inputs->people, person),
                            (time_t)person->delivered);
}

/* False where the person's key is no id by which this directory names anybody: of their leaving it
 * would tell nobody. */
static bool
make_row(const struct detection *detection, size_t number, struct roster_row *ret_row)
{
    const struct detect *inputs = &detection->inputs;
    const struct person *person = &people_items(inputs->people)[number];
    struct directory_id id;

    *ret_row = (struct roster_row){.verdict = verdicts[person->verdict]};
    if (ret_row->verdict == ROSTER_VOID)
        return true;
    if (!identity_id(people_key(inputs->people, person), &id) ||
        (id.kind != detection->changes.kind && !detection->changes.any_kind))
        return false;
    memcpy(ret_row->id, id.bytes, sizeof ret_row->id);
    ret_row->kind = (unsigned char)id.kind;
    ret_row->due = due_time(inputs, person);
    ret_row->search = people_origin(inputs->people, number).search;
    return true;
}

/* Adds the tally's counts of those who are fit after all. */
static bool
add_fit(const struct detect *inputs, const struct fingerprint_tally *tally,
        uint64_t had[USER_FIELDS_MOST], struct error *err)
{
    struct fingerprint_tally unfit;
    struct arena *arena = arena_new();
    bool ok = true;

    fingerprint_tally_begin(&unfit);
    for (size_t i = 0; ok && i < people_count(inputs->people); i++) {
        const struct person *person = &people_items(inputs->people)[i];
        struct person_facts facts;

        if (person->label == 0 ||
            (person->verdict != PERSON_HELD && person->verdict != PERSON_TWICE))
            continue;
        arena_reset(arena);
        ok = people_read_label(person, inputs->spool, arena, &facts, err);
        if (ok)
            fingerprint_tally_add(&unfit, facts.fields);
    }
    for (size_t i = 0; i < user_field_count; i++)
        had[i] += tally->counts[i] - unfit.counts[i];
    arena_free(arena);
    return ok;
}

static const struct membership no_membership;

static uint32_t
add_away(struct roster *roster, struct slice key, bool replaces)
{
    struct roster_row row = {.verdict = ROSTER_AWAY, .due = UINT32_MAX};
    struct directory_id id;

    if (!identity_id(key, &id))
        return ROSTER_NONE;
    memcpy(row.id, id.bytes, sizeof row.id);
    row.kind = (unsigned char)id.kind;
    return replaces ? roster_replace(roster, &row, &no_membership)
                    : roster_append(roster, &row, &no_membership);
}

struct roster *
roster_of_people(const struct detection *detection, const struct detection_end *end,
                 struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    const struct comparison *comparison = end->comparison;
    struct roster *roster = roster_new();
    size_t mark_count;
    uint64_t *marks;
    bool ok = true;

    for (size_t i = 0; ok && i < people_count(inputs->people); i++) {
        const struct people_origin origin = people_origin(inputs->people, i);
        struct roster_row row;

        ok = make_row(detection, i, &row);
        if (ok)
            roster_append(roster, &row, &origin.membership);
    }
    ok = ok && add_fit(inputs, end->tally, roster_facts(roster)->had, err);
    if (!ok) {
        roster_free(roster);
        return NULL;
    }
    marks = people_take_marks(inputs->people, &mark_count);
    roster_take_marks(roster, marks, mark_count);
    for (size_t i = 0; i < comparison->owner_count; i++) {
        const struct compare_owner *owner = &comparison->owners[i];
        uint32_t number = owner->key.data ? add_away(roster, owner->key, false) : owner->person;

        if (number != ROSTER_NONE)
            roster_mark(roster, number, owner->hash);
    }
    return roster;
}

/* Rows of those who were read, by their numbers; the others' are ROSTER_NONE. False as from
 * make_row(). */
static bool
replace_read(struct detection *detection, uint32_t *rows)
{
    const struct detect *inputs = &detection->inputs;

    for (size_t i = 0; i < people_count(inputs->people); i++) {
        const struct people_origin origin = people_origin(inputs->people, i);
        struct roster_row row;

        rows[i] = ROSTER_NONE;
        if (i >= detection->noted && people_items(inputs->people)[i].verdict == PERSON_SKIPPED)
            continue;
        if (!make_row(detection, i, &row))
            return false;
        if (row.verdict != ROSTER_VOID)
            rows[i] = roster_replace(detection->roster, &row, &origin.membership);
    }
    return true;
}

static void
mark_read(struct detection *detection, const uint32_t *rows)
{
    size_t count;
    const uint64_t *marks = people_marks(detection->inputs.people, &count);

    for (size_t i = 0; i < count; i++)
        if (rows[(uint32_t)marks[i]] != ROSTER_NONE)
            roster_mark(detection->roster, rows[(uint32_t)marks[i]],
                        (uint32_t)(marks[i] >> PEOPLE_MARK_SHIFT));
}

/* Who was there and was not found any more. Without a way to be sure they stay as they were. */
static void
replace_gone(struct detection *detection)
{
    struct arena *arena = arena_new();

    for (uint32_t i = 0; detection->changes.deletions && i < detection->row_count; i++) {
        const struct roster_row *row = roster_row(detection->roster, i);
        const struct directory_id id = roster_id(row);

        if (roster_is_here(row) &&
            (detection->fates[i] & (FATE_WANTED | FATE_FOUND)) == FATE_WANTED)
            (void)add_away(detection->roster, identity_key_of_id(&id, arena), true);
    }
    arena_free(arena);
}

/* By what else state knows those who are concerned. Who was away before is so still. */
static void
mark_owners(struct detection *detection, const struct comparison *comparison, const uint32_t *rows)
{
    struct roster *roster = detection->roster;

    for (size_t i = 0; i < comparison->owner_count; i++) {
        const struct compare_owner *owner = &comparison->owners[i];
        struct directory_id id;
        uint32_t number = owner->key.data ? (uint32_t)ROSTER_NONE : rows[owner->person];

        if (owner->key.data && identity_id(owner->key, &id)) {
            number = roster_find(roster, &id);
            if (number == ROSTER_NONE)
                number = add_away(roster, owner->key, true);
            else if (number < detection->row_count)
                continue;
        }
        if (number != ROSTER_NONE)
            roster_mark(roster, number, owner->hash);
    }
}

bool
roster_update(struct detection *detection, const struct detection_end *end, struct error *err)
{
    const struct detect *inputs = &detection->inputs;
    uint64_t *had = roster_facts(detection->roster)->had;
    uint32_t *rows = memory_alloc((people_count(inputs->people) + 1) * sizeof *rows);
    bool ok = replace_read(detection, rows);

    for (size_t i = 0; i < user_field_count; i++) {
        uint64_t before = end->comparison->before.counts[i];

        had[i] -= before < had[i] ? before : had[i];
    }
    ok = ok && add_fit(inputs, end->tally, had, err);
    if (ok) {
        mark_read(detection, rows);
        replace_gone(detection);
        mark_owners(detection, end->comparison, rows);
    }
    free(rows);
    return ok;
}
