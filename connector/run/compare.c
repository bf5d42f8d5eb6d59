#include "run/compare.h"

#include "run/identity.h"
#include "run/leavers.h"
#include "run/moved.h"
#include "state/roster.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct comparing {
    const struct compare *inputs;
    struct comparison *result;
    struct people_index *index;
    struct leavers *leavers;
    struct moved *moved;
    struct arena *arena; /* of one person */
    size_t absence_capacity, spared_capacity, owner_capacity;
    size_t group; /* the row of user_group */
};

/* Nobody waits longer than `resend_after`; people are spread over its second half, so that those
 * who were delivered on one day do not all come back on one. */
uint32_t
compare_due_time(const struct settings *settings, struct slice key, time_t delivered)
{
    uint64_t after = settings->changes.resend_after_seconds, half = after / 2, wait;

    if (after == 0)
        return UINT32_MAX;
    wait = half +
           XXH3_64bits_withSeed(key.data, key.length, (XXH64_hash_t)delivered) % (after - half + 1);
    wait = (uint64_t)delivered + (wait > 0 ? wait : 1);
    return wait < UINT32_MAX ? (uint32_t)wait : UINT32_MAX;
}

/* Whether the last delivery is so long ago that the record is sent again. */
static bool
is_due(const struct comparing *comparing, const struct state_person *known)
{
    const struct compare *inputs = comparing->inputs;
    uint32_t due = compare_due_time(inputs->settings, known->key, known->delivered);

    return due != UINT32_MAX && inputs->now >= (time_t)due;
}

static void
count_changed_fields(struct comparing *comparing, const struct state_person *known,
                     const struct person_facts *facts)
{
    struct comparison *result = comparing->result;
    struct arena *kept = comparing->inputs->arena;
    bool changed[USER_FIELDS_MOST], lost[USER_FIELDS_MOST];

    fingerprint_compare(known->fields, facts->fields, changed);
    fingerprint_compare_lost(known->fields, facts->fields, lost);
    for (size_t i = 0; i < user_field_count; i++) {
        result->changed_fields[i] += changed[i];
        result->lost[i] += lost[i];
        if (lost[i])
            examples_add(&result->of_lost[i], kept, known->match_id);
    }
    if (changed[comparing->group]) {
        result->shifted++;
        examples_add(&result->of_shifted, kept, known->match_id);
    }
    examples_add(&result->of_changed, kept, known->match_id);
}

static bool
compare_changed(struct comparing *comparing, const struct state_person *known,
                struct person *person, struct error *err)
{
    struct person_facts facts;
    bool held;

    arena_reset(comparing->arena);
    if (!people_read_label(person, comparing->inputs->spool, comparing->arena, &facts, err))
        return false;
    held = moved_take(comparing->moved, known, person, &facts, comparing->result);
    if (held || known->expired) /* who comes back is new */
        return true;
    person->sending = SENDING_CHANGED;
    comparing->result->changed++;
    count_changed_fields(comparing, known, &facts);
    return true;
}

static bool
compare_person(struct comparing *comparing, const struct state_person *known, struct person *person,
               struct error *err)
{
    struct comparison *result = comparing->result;

    person->delivered = (uint32_t)known->delivered;
    if (!known->expired)
        fingerprint_tally_add(&result->had, known->fields);
    if (memcmp(person->digest, known->digest, FINGERPRINT_BYTES) != 0)
        return compare_changed(comparing, known, person, err);
    if (known->expired)
        return true;
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
note_spared(struct comparing *comparing, struct slice key)
{
    struct comparison *result = comparing->result;

    if (!comparing->inputs->full)
        return;
    memory_grow(&result->spared, &comparing->spared_capacity, result->spared_count + 1,
                sizeof *result->spared);
    result->spared[result->spared_count++] = arena_slice(comparing->inputs->arena, key);
}

/* Somebody whom state knows was not read, or is skipped by the mapping now. `replaced`: somebody
 * else has the match identifier. */
static void
take_missing(struct comparing *comparing, const struct state_person *known, uint64_t identity,
             bool replaced)
{
    struct comparison *result = comparing->result;

    if (known->expired)
        return;
    result->missing++;
    if (known->absent == 0) {
        result->gone++;
        examples_add(&result->of_gone, comparing->inputs->arena, known->match_id);
    }
    if (!comparing->inputs->complete)
        return;
    note_absence(comparing, known, known->absent + 1);
    leavers_add(comparing->leavers, known, identity, replaced);
}

/* Alma may have the person by other match identifiers, too: whoever gets one of these gets theirs.
 */
static void
take_aliases(struct comparing *comparing, const struct state_person *known,
             const struct person *person, uint64_t identity)
{
    struct state_person as = *known;

    while (moved_next_alias(comparing->moved, known->key, &as.match_id)) {
        uint64_t alias = identifier_hash(as.match_id, comparing->arena);
        struct person *other = people_find_identity(comparing->index, alias);

        if (alias != identity && other && other != person && other->verdict == PERSON_FIT)
            moved_add_owner(comparing->moved, &as, other, false);
    }
}

/* For the roster: everything else by which Alma may know somebody it has marks of. */
static void
note_owner(struct comparing *comparing, const struct state_person *known,
           const struct person *person, uint64_t identity)
{
    struct comparison *result = comparing->result;
    struct people *people = comparing->inputs->people;

    if (!comparing->inputs->for_roster || (person && person->identity == identity))
        return;
    memory_grow(&result->owners, &comparing->owner_capacity, result->owner_count + 1,
                sizeof *result->owners);
    result->owners[result->owner_count++] = (struct compare_owner){
        .key = person ? SLICE_NONE : arena_slice(comparing->inputs->arena, known->key),
        .person = person ? (uint32_t)(person - people_items(people)) : 0,
        .hash = (uint32_t)(identity >> PEOPLE_MARK_SHIFT),
    };
}

/* What counts for everybody is known before: what is counted here are those who are concerned. */
static void
take_part(struct comparing *comparing, const struct state_person *known,
          const struct person *person)
{
    const struct compare_part *part = comparing->inputs->part;
    enum person_verdict verdict;

    comparing->result->with_known_ids -= !known->expired;
    if (!known->expired && (person || detection_tells_leavers(part->detection)) &&
        detection_knows(part->detection, known->key, &verdict) && verdict == PERSON_FIT)
        fingerprint_tally_add(&comparing->result->before, known->fields);
}

static void
count_known(struct comparing *comparing, const struct state_person *known,
            const struct person *person)
{
    struct comparison *result = comparing->result;

    if (comparing->inputs->part) {
        take_part(comparing, known, person);
        return;
    }
    result->known += !known->expired;
    result->expired += known->expired;
    result->present += !known->expired && known->absent == 0;
}

static bool
take_known(void *context, const struct state_person *known, struct error *err)
{
    struct comparing *comparing = context;
    const struct settings *settings = comparing->inputs->settings;
    struct person *person = people_find_key(comparing->index, known->key), *other;
    uint64_t identity;

    arena_reset(comparing->arena);
    identity = identifier_hash(known->match_id, comparing->arena);
    other = people_find_identity(comparing->index, identity);
    if (other && other != person && other->verdict == PERSON_FIT)
        moved_add_owner(comparing->moved, known, other, !person && !known->expired);
    take_aliases(comparing, known, person, identity);
    note_owner(comparing, known, person, identity);
    count_known(comparing, known, person);
    if (!known->expired && (!person || person->verdict != PERSON_FIT))
        note_spared(comparing, known->key);
    comparing->result->with_known_ids += person && !known->expired;
    if (!person || (person->verdict == PERSON_SKIPPED &&
                    settings->leavers.skipped == SETTINGS_LEAVERS_EXPIRE)) {
        take_missing(comparing, known, identity, other != NULL);
        return true;
    }
    if (!known->expired)
        note_absence(comparing, known, 0);
    return person->verdict != PERSON_FIT || compare_person(comparing, known, person, err);
}

static bool
hold(struct comparing *comparing, struct person *person, const struct person *other,
     struct error *err)
{
    const struct compare *inputs = comparing->inputs;
    const struct finding_sink *findings = &inputs->findings;
    struct person_facts facts, others;

    if (person->verdict != PERSON_FIT)
        return true;
    arena_reset(comparing->arena);
    if (!people_read_label(person, inputs->spool, comparing->arena, &facts, err) ||
        !people_read_label(other, inputs->spool, comparing->arena, &others, err))
        return false;
    person->verdict = PERSON_HELD;
    comparing->result->held++;
    findings->add(
        findings->context,
        &(struct finding){.code = FINDING_DUPLICATE,
                          .key = people_key(inputs->people, person),
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

    comparing->result->clashes = count > 0;
    for (size_t i = 0; ok && i < count; i++)
        ok = hold(comparing, clashes[i].second, clashes[i].first, err);
    for (size_t i = 0; ok && i < count; i++)
        ok = hold(comparing, clashes[i].first, clashes[i].second, err);
    return ok;
}

/* Whom state knows and who is held after all: their record stays what it was. */
static void
spare_held(struct comparing *comparing)
{
    const struct people *people = comparing->inputs->people;
    const struct person *items = people_items(comparing->inputs->people);

    for (size_t i = 0; i < people_count(people); i++)
        if (items[i].verdict == PERSON_HELD && items[i].delivered > 0)
            note_spared(comparing, people_key(people, &items[i]));
}

static bool
show_fresh(struct comparing *comparing, struct error *err)
{
    const struct compare *inputs = comparing->inputs;
    struct examples *fresh = &comparing->result->of_fresh;
    bool ok = true;

    for (size_t i = 0; ok && i < people_count(inputs->people) && fresh->count < EXAMPLES_MOST;
         i++) {
        const struct person *person = &people_items(inputs->people)[i];
        struct person_facts facts;

        if (person->verdict != PERSON_FIT || person->sending != SENDING_NEW)
            continue;
        arena_reset(comparing->arena);
        ok = people_read_label(person, inputs->spool, comparing->arena, &facts, err);
        if (ok)
            examples_add(fresh, inputs->arena, facts.match_id);
    }
    return ok;
}

/* Before those who are concerned are counted. */
static void
begin_part(struct comparison *result, const struct compare_part *part)
{
    result->known = part->census.known - part->census.expired;
    result->expired = part->census.expired;
    result->present = result->known - part->census.absent;
    result->with_known_ids = result->known;
    fingerprint_tally_begin(&result->before);
    memcpy(result->had.counts, part->had, sizeof result->had.counts);
}

static bool
each_known(struct comparing *comparing, struct error *err)
{
    const struct compare *inputs = comparing->inputs;
    const struct compare_part *part = inputs->part;
    struct comparison *result = comparing->result;
    bool ok;

    if (!part)
        return state_each_person(inputs->state, take_known, comparing, err);
    begin_part(result, part);
    ok = state_each_of(inputs->state, part->keys, part->count, take_known, comparing, err);
    for (size_t i = 0; i < user_field_count; i++)
        result->had.counts[i] -= result->before.counts[i] < result->had.counts[i]
                                     ? result->before.counts[i]
                                     : result->had.counts[i];
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
        .moved = moved_new(compare),
        .arena = arena_new(),
        .group = (size_t)user_field_find("user_group"),
    };
    bool ok;

    *ret_comparison = (struct comparison){0};
    fingerprint_tally_begin(&ret_comparison->had);
    for (size_t i = 0; i < people_count(compare->people); i++)
        people_items(compare->people)[i].sending = SENDING_NEW;
    ok = hold_clashes(&comparing, err) && moved_begin(comparing.moved, err) &&
         each_known(&comparing, err) && moved_end(comparing.moved, ret_comparison, err);
    spare_held(&comparing);
    people_index_free(comparing.index);
    ret_comparison->fresh = people_count_verdict(compare->people, PERSON_FIT) -
                            ret_comparison->unchanged - ret_comparison->changed -
                            ret_comparison->resent;
    ok = ok && show_fresh(&comparing, err) && leavers_write(comparing.leavers, ret_comparison, err);
    leavers_free(comparing.leavers);
    if (!compare->for_roster)
        people_drop_marks(compare->people);
    moved_free(comparing.moved);
    arena_free(comparing.arena);
    return ok;
}

void
comparison_free(struct comparison *comparison)
{
    free(comparison->absences);
    free(comparison->spared);
    free(comparison->succeeded);
    free(comparison->claims);
    free(comparison->aliases);
    free(comparison->owners);
}
