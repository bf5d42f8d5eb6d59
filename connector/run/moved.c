#include "run/moved.h"

#include "base/text.h"
#include "run/identity.h"

#include <stdlib.h>

/* Somebody who has the match identifier by which state knows somebody else. */
struct heir {
    struct person *person;
    struct slice owner, former; /* as in struct state_claim */
    bool gone;                  /* the owner, see moved_add_owner() */
};

struct moved {
    const struct compare *inputs;
    struct state_claim *decisions; /* what people have decided so far, by key and owner */
    size_t decision_count;
    struct state_alias *aliases;                    /* by key */
    size_t alias_count, next_alias, alias_capacity; /* the last one: of those to add */
    struct heir *heirs;
    size_t heir_count, heir_capacity;
    struct stay {
        struct person *person;
        struct slice former;
    } * stays; /* who go out, and are known by the old identifier still */
    size_t stay_count, stay_capacity;
    struct person **movers; /* who are to be held, but are fit until everybody was seen */
    size_t mover_count, mover_capacity;
    size_t claim_capacity;
    struct arena *arena; /* of one claim */
};

struct moved *
moved_new(const struct compare *compare)
{
    struct moved *moved = memory_zero(1, sizeof *moved);

    moved->inputs = compare;
    moved->arena = arena_new();
    return moved;
}

void
moved_free(struct moved *moved)
{
    arena_free(moved->arena);
    free(moved->heirs);
    free(moved->movers);
    free(moved->stays);
    free(moved);
}

bool
moved_is_other(struct slice match_id, struct slice known, struct arena *arena)
{
    return !slice_equal(match_id, known) &&
           !slice_equal(text_fold(arena, match_id), text_fold(arena, known));
}

bool
moved_begin(struct moved *moved, struct error *err)
{
    return state_list_claims(moved->inputs->state, moved->inputs->arena, &moved->decisions,
                             &moved->decision_count, err) &&
           state_list_aliases(moved->inputs->state, moved->inputs->arena, &moved->aliases,
                              &moved->alias_count, err);
}

bool
moved_next_alias(struct moved *moved, struct slice key, struct slice *ret_match_id)
{
    int order = -1;

    while (moved->next_alias < moved->alias_count &&
           (order = slice_compare(moved->aliases[moved->next_alias].key, key)) < 0)
        moved->next_alias++;
    if (order != 0)
        return false;
    *ret_match_id = moved->aliases[moved->next_alias++].match_id;
    return true;
}

static void
add_alias(struct moved *moved, struct slice key, struct slice match_id,
          struct comparison *comparison)
{
    struct arena *arena = moved->inputs->arena;

    if (match_id.length == 0)
        return;
    memory_grow(&comparison->aliases, &moved->alias_capacity, comparison->alias_count + 1,
                sizeof *comparison->aliases);
    comparison->aliases[comparison->alias_count++] =
        (struct state_alias){arena_slice(arena, key), arena_slice(arena, match_id)};
}

static int
compare_claims(const void *a, const void *b)
{
    const struct state_claim *first = a, *second = b;
    int order = slice_compare(first->key, second->key);

    return order != 0 ? order : slice_compare(first->owner, second->owner);
}

static time_t
accepted_when(const struct moved *moved, const struct state_claim *claim)
{
    const struct state_claim *found = moved->decision_count > 0
                                          ? bsearch(claim, moved->decisions, moved->decision_count,
                                                    sizeof *moved->decisions, compare_claims)
                                          : NULL;

    return found && slice_equal(found->match_id, claim->match_id) ? found->accepted : 0;
}

static bool
is_moved(const struct state_claim *claim)
{
    return slice_equal(claim->key, claim->owner);
}

const char *
moved_word(const struct state_claim *claim, struct arena *arena)
{
    if (is_moved(claim) && claim->former.length == 0)
        return arena_format(arena,
                            "was delivered with an identifier that is another person's now: Alma "
                            "would add '%.*s' as a new user",
                            SLICE_ARG(claim->match_id));
    if (is_moved(claim))
        return arena_format(
            arena, "was delivered as '%.*s' before: Alma would add '%.*s' as a second user",
            SLICE_ARG(claim->former), SLICE_ARG(claim->match_id));
    if (identity_is_dn(claim->key) && identity_is_dn(claim->owner))
        return arena_format(arena,
                            "'%.*s' was delivered for '%s': without an immutable id nobody can "
                            "tell whether that entry was renamed or this is another person, who "
                            "would get the other's loans and fines",
                            SLICE_ARG(claim->former), identity_text(claim->owner, arena));
    return arena_format(arena,
                        "'%.*s' was delivered for another person (%s), whose loans and fines this "
                        "one would get",
                        SLICE_ARG(claim->former), identity_text(claim->owner, arena));
}

static void
keep_claim(struct moved *moved, const struct state_claim *claim, struct comparison *comparison)
{
    struct arena *arena = moved->inputs->arena;

    memory_grow(&comparison->claims, &moved->claim_capacity, comparison->claim_count + 1,
                sizeof *comparison->claims);
    comparison->claims[comparison->claim_count++] = (struct state_claim){
        .key = arena_slice(arena, claim->key),
        .owner = arena_slice(arena, claim->owner),
        .match_id = arena_slice(arena, claim->match_id),
        .former = arena_slice(arena, claim->former),
        .dn = arena_slice(arena, claim->dn),
        .accepted = claim->accepted,
    };
}

/* True when the claim was not accepted: there is a finding now, and the person has to be held. */
static bool
refuse_claim(struct moved *moved, struct state_claim *claim, struct comparison *comparison)
{
    const struct finding_sink *findings = &moved->inputs->findings;

    claim->accepted = accepted_when(moved, claim);
    keep_claim(moved, claim, comparison);
    if (claim->accepted != 0)
        return false;
    findings->add(findings->context,
                  &(struct finding){.code = is_moved(claim) ? FINDING_MOVED : FINDING_REUSED,
                                    .key = claim->key,
                                    .dn = claim->dn,
                                    .match_id = claim->match_id,
                                    .text = slice_of(moved_word(claim, moved->arena))});
    return true;
}

/* False where the person was held already. */
static bool
hold(struct person *person, struct comparison *comparison)
{
    if (person->verdict != PERSON_FIT)
        return false;
    person->verdict = PERSON_HELD;
    comparison->held++;
    return true;
}

static bool
still_has(const struct identifiers *identifiers, struct slice former, struct arena *arena)
{
    for (size_t i = 0; i < identifiers->count; i++)
        if (!moved_is_other(identifiers->items[i].value, former, arena))
            return true;
    return false;
}

bool
moved_take(struct moved *moved, const struct state_person *known, struct person *person,
           const struct person_facts *facts, struct comparison *comparison)
{
    struct state_claim claim = {
        .key = known->key,
        .match_id = facts->match_id,
        .owner = known->key,
        .former = known->match_id,
        .dn = facts->dn,
    };

    arena_reset(moved->arena);
    if (!moved_is_other(facts->match_id, known->match_id, moved->arena))
        return false;
    if (moved->inputs->settings->identity.moved == SETTINGS_MOVED_SEND) {
        add_alias(moved, known->key, known->match_id, comparison);
        return false;
    }
    if (still_has(&facts->identifiers, known->match_id, moved->arena)) {
        memory_grow(&moved->stays, &moved->stay_capacity, moved->stay_count + 1,
                    sizeof *moved->stays);
        moved->stays[moved->stay_count++] =
            (struct stay){person, arena_slice(moved->inputs->arena, known->match_id)};
        add_alias(moved, known->key, facts->match_id, comparison);
        return false;
    }
    if (!refuse_claim(moved, &claim, comparison))
        return false;
    memory_grow(&moved->movers, &moved->mover_capacity, moved->mover_count + 1,
                sizeof(struct person *));
    moved->movers[moved->mover_count++] = person;
    return true;
}

void
moved_add_owner(struct moved *moved, const struct state_person *known, struct person *person,
                bool gone)
{
    struct arena *arena = moved->inputs->arena;

    memory_grow(&moved->heirs, &moved->heir_capacity, moved->heir_count + 1, sizeof *moved->heirs);
    moved->heirs[moved->heir_count++] = (struct heir){person, arena_slice(arena, known->key),
                                                      arena_slice(arena, known->match_id), gone};
}

/* Takes somebody who is held after all out of the number that they were counted in. */
static bool
uncount(struct moved *moved, const struct person *person, const struct person_facts *facts,
        struct comparison *comparison, struct error *err)
{
    bool changed[USER_FIELDS_MOST], found;
    struct state_person known;

    comparison->unchanged -= person->sending == SENDING_NOT;
    comparison->resent -= person->sending == SENDING_RESENT;
    if (person->sending != SENDING_CHANGED)
        return true;
    if (!state_find_person(moved->inputs->state, people_key(moved->inputs->people, person),
                           moved->arena, &known, &found, err))
        return false;
    fingerprint_compare(known.fields, facts->fields, changed);
    comparison->changed--;
    for (size_t i = 0; i < user_field_count; i++)
        comparison->changed_fields[i] -= changed[i];
    return true;
}

static bool
judge_heir(struct moved *moved, const struct heir *heir, struct comparison *comparison,
           struct error *err)
{
    struct person_facts facts;
    struct state_claim claim;

    arena_reset(moved->arena);
    if (!people_read_label(heir->person, moved->inputs->spool, moved->arena, &facts, err))
        return false;
    claim = (struct state_claim){
        .key = people_key(moved->inputs->people, heir->person),
        .match_id = facts.match_id,
        .owner = heir->owner,
        .former = heir->former,
        .dn = facts.dn,
    };
    return !refuse_claim(moved, &claim, comparison) || !hold(heir->person, comparison) ||
           uncount(moved, heir->person, &facts, comparison, err);
}

/* Whether that is somebody whom state does not know, in place of somebody who is nowhere. */
static bool
has_new_id(const struct heir *heir)
{
    return heir->gone && heir->person->delivered == 0;
}

static void
hold_everybody(struct moved *moved, struct comparison *comparison)
{
    for (size_t i = 0; i < moved->heir_count; i++)
        if (has_new_id(&moved->heirs[i]))
            (void)hold(moved->heirs[i].person, comparison);
}

bool
moved_end(struct moved *moved, struct comparison *comparison, struct error *err)
{
    for (size_t i = 0; i < moved->mover_count; i++)
        (void)hold(moved->movers[i], comparison);
    for (size_t i = 0; i < moved->heir_count; i++)
        comparison->with_new_ids += has_new_id(&moved->heirs[i]);
    comparison->rebuilt = comparison->with_new_ids > comparison->with_known_ids;
    if (comparison->rebuilt)
        hold_everybody(moved, comparison);
    else
        for (size_t i = 0; i < moved->heir_count; i++)
            if (!judge_heir(moved, &moved->heirs[i], comparison, err))
                return false;
    for (size_t i = 0; i < moved->stay_count; i++)
        if (!people_know_as(moved->inputs->people, moved->stays[i].person, moved->inputs->spool,
                            moved->stays[i].former, err))
            return false;
    return true;
}
