#include "run/compare.h"

#include "run/identity.h"
#include "run/leavers.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct comparing {
    const struct compare *inputs;
    struct comparison *result;
    struct people_index *index;
    struct leavers *leavers;
    struct arena *arena; /* of one person */
    size_t absence_capacity, spared_capacity;
};

/* Whether the last delivery is so long ago that the record is sent again. Nobody waits longer than
 * `resend_after`; people are spread over its second half, so that those who were delivered on one
 * day do not all come back on one. */
static bool
is_due(const struct comparing *comparing, const struct state_person *known)
{
    uint64_t after = comparing->inputs->settings->changes.resend_after_seconds;
    uint64_t half = after / 2;
    uint64_t chance =
        XXH3_64bits_withSeed(known->key.data, known->key.length, (XXH64_hash_t)known->delivered);
    time_t age = comparing->inputs->now - known->delivered;

    return after > 0 && age > 0 && (uint64_t)age >= half + chance % (after - half + 1);
}

static bool
count_changed_fields(struct comparing *comparing, const struct state_person *known,
                     const struct person *person, struct error *err)
{
    bool changed[USER_FIELDS_MOST];
    struct person_facts facts;

    arena_reset(comparing->arena);
    if (!people_read_label(person, comparing->inputs->spool, comparing->arena, &facts, err))
        return false;
    fingerprint_compare(known->fields, facts.fields, changed);
    for (size_t i = 0; i < user_field_count; i++)
        comparing->result->changed_fields[i] += changed[i];
    return true;
}

static bool
compare_person(struct comparing *comparing, const struct state_person *known, struct person *person,
               struct error *err)
{
    struct comparison *result = comparing->result;

    person->delivered = (uint32_t)known->delivered;
    if (known->expired)
        return true; /* who comes back is new */
    if (memcmp(person->digest, known->digest, FINGERPRINT_BYTES) != 0) {
        person->sending = SENDING_CHANGED;
        result->changed++;
        return count_changed_fields(comparing, known, person, err);
    }
    if (comparing->inputs->full || is_due(comparing, known)) {
        person->sending = SENDING_RESENT;
        result->resent++;
    } else {
        person->sending = SENDING_NOT;
        result->unchanged++;
    }
    return true;
}

static void
note_absence(struct comparing *comparing, const struct state_person *known, unsigned absent)
{
    struct comparison *result = comparing->result;

    if (known->absent == absent)
        return;
    memory_grow(&result->absences, &comparing->absence_capacity, result->absence_count + 1,
                sizeof *result->absences);
    result->absences[result->absence_count++] =
        (struct state_absence){arena_slice(comparing->inputs->arena, known->key), absent};
}

static void
note_spared(struct comparing *comparing, const struct state_person *known)
{
    struct comparison *result = comparing->result;

    if (!comparing->inputs->full || known->expired)
        return;
    memory_grow(&result->spared, &comparing->spared_capacity, result->spared_count + 1,
                sizeof *result->spared);
    result->spared[result->spared_count++] = arena_slice(comparing->inputs->arena, known->key);
}

void
comparison_add_succeeded(struct comparison *comparison, struct slice key, struct arena *arena)
{
    memory_grow(&comparison->succeeded, &comparison->succeeded_capacity,
                comparison->succeeded_count + 1, sizeof *comparison->succeeded);
    comparison->succeeded[comparison->succeeded_count++] = arena_slice(arena, key);
}

/* Somebody whom state knows was not read, or is skipped by the mapping now. */
static bool
take_missing(struct comparing *comparing, const struct state_person *known)
{
    struct comparison *result = comparing->result;
    const struct person *successor;
    uint64_t identity;

    result->missing += !known->expired;
    if (!comparing->inputs->complete)
        return true;
    arena_reset(comparing->arena);
    identity = people_identity(known->match_id, comparing->arena);
    successor = people_find_identity(comparing->index, identity);
    if (successor && successor->verdict == PERSON_FIT)
        comparison_add_succeeded(result, known->key, comparing->inputs->arena);
    if (known->expired)
        return true;
    note_absence(comparing, known, known->absent + 1);
    leavers_add(comparing->leavers, known, identity, successor != NULL);
    return true;
}

static bool
take_known(void *context, const struct state_person *known, struct error *err)
{
    struct comparing *comparing = context;
    const struct settings *settings = comparing->inputs->settings;
    struct person *person = people_find_key(comparing->index, known->key);

    comparing->result->known += !known->expired;
    if (!person || person->verdict != PERSON_FIT)
        note_spared(comparing, known);
    if (!person ||
        (person->verdict == PERSON_SKIPPED && settings->leavers.skipped == SETTINGS_LEAVERS_EXPIRE))
        return take_missing(comparing, known);
    if (!known->expired)
        note_absence(comparing, known, 0);
    return person->verdict != PERSON_FIT || compare_person(comparing, known, person, err);
}

static bool
hold(struct comparing *comparing, struct person *person, const struct person *other,
     struct error *err)
{
    const struct compare *inputs = comparing->inputs;
    const struct finding_sink findings = report_sink(inputs->report);
    struct person_facts facts, others;

    if (person->verdict != PERSON_FIT)
        return true;
    arena_reset(comparing->arena);
    if (!people_read_label(person, inputs->spool, comparing->arena, &facts, err) ||
        !people_read_label(other, inputs->spool, comparing->arena, &others, err))
        return false;
    person->verdict = PERSON_HELD;
    comparing->result->held++;
    findings.add(
        findings.context,
        &(struct finding){.code = FINDING_DUPLICATE,
                          .dn = facts.dn,
                          .match_id = facts.match_id,
                          .text = slice_of(arena_format(
                              comparing->arena, "'%s' is also the id of '%.*s'",
                              identity_text(people_key(inputs->people, person), comparing->arena),
                              SLICE_ARG(others.dn)))});
    return true;
}

/* An id that several entries have tells nobody apart. */
static bool
hold_clashes(struct comparing *comparing, struct error *err)
{
    size_t count;
    const struct people_clash *clashes = people_clashes(comparing->index, &count);
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++)
        ok = hold(comparing, clashes[i].second, clashes[i].first, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = hold(comparing, clashes[i].first, clashes[i].second, err);
    return ok;
}

bool
compare_people(const struct compare *compare, struct comparison *ret_comparison, struct error *err)
{
    struct comparing comparing = {
        .inputs = compare,
        .result = ret_comparison,
        .index = people_index_new(compare->people),
        .leavers = leavers_new(compare),
        .arena = arena_new(),
    };
    bool ok;

    *ret_comparison = (struct comparison){0};
    for (size_t i = 0; i < people_count(compare->people); i++)
        people_items(compare->people)[i].sending = SENDING_NEW;
    ok = hold_clashes(&comparing, err) &&
         (!compare->state || state_each_person(compare->state, take_known, &comparing, err));
    people_index_free(comparing.index);
    ret_comparison->fresh = people_count_verdict(compare->people, PERSON_FIT) -
                            ret_comparison->unchanged - ret_comparison->changed -
                            ret_comparison->resent;
    ok = ok && leavers_write(comparing.leavers, ret_comparison, err);
    leavers_free(comparing.leavers);
    arena_free(comparing.arena);
    return ok;
}
