#include "run/push_guard.h"

#include "run/moved.h"
#include "state/state.h"

#include <stdlib.h>

struct push_guard {
    const struct settings *settings;
    struct state *state; /* NULL: there is none yet that could be read */
    struct arena *arena; /* of the decisions */
    bool knows_decisions;
    struct state_claim *decisions;
    size_t decision_count;
    struct odd {
        uint64_t hash; /* identifier_hash() of the match identifier */
        struct state_alias owner;
    } * odd; /* by hash */
    size_t odd_count, odd_capacity;
};

static void
add_odd(void *context, const struct state_alias *owner)
{
    struct push_guard *guard = context;

    memory_grow(&guard->odd, &guard->odd_capacity, guard->odd_count + 1, sizeof *guard->odd);
    guard->odd[guard->odd_count++] = (struct odd){
        identifier_hash(owner->match_id, guard->arena),
        {arena_slice(guard->arena, owner->key), arena_slice(guard->arena, owner->match_id)}};
}

static int
compare_odd(const void *a, const void *b)
{
    const struct odd *first = a, *second = b;

    return (first->hash > second->hash) - (first->hash < second->hash);
}

static bool
learn_odd(struct push_guard *guard, struct error *err)
{
    if (!state_each_odd_owner(guard->state, add_odd, guard, err))
        return false;
    if (guard->odd_count > 0)
        qsort(guard->odd, guard->odd_count, sizeof *guard->odd, compare_odd);
    return true;
}

struct push_guard *
push_guard_open(const struct settings *settings, struct error *err)
{
    struct push_guard *guard = memory_zero(1, sizeof *guard);
    struct error trouble = ERROR_INIT;

    guard->settings = settings;
    guard->arena = arena_new();
    if (!state_is_there(settings->state))
        return guard;
    guard->state = state_open(settings->state, settings->name, STATE_GLANCE, &trouble);
    /* One that a run makes, or is yet to bring up to date, tells nothing: the run itself decides.
     */
    if ((guard->state && learn_odd(guard, &trouble)) || trouble.transient)
        return guard;
    *err = trouble;
    push_guard_close(guard);
    return NULL;
}

void
push_guard_close(struct push_guard *guard)
{
    if (!guard)
        return;
    state_close(guard->state);
    arena_free(guard->arena);
    free(guard->odd);
    free(guard);
}

/* Only where there is a claim somebody may have accepted it. */
static bool
is_accepted(struct push_guard *guard, const struct state_claim *claim, bool *ret_accepted,
            struct error *err)
{
    *ret_accepted = false;
    if (!guard->knows_decisions && !state_list_claims(guard->state, guard->arena, &guard->decisions,
                                                      &guard->decision_count, err))
        return false;
    guard->knows_decisions = true;
    for (size_t i = 0; i < guard->decision_count && !*ret_accepted; i++) {
        const struct state_claim *decision = &guard->decisions[i];

        *ret_accepted = decision->accepted != 0 && slice_equal(decision->key, claim->key) &&
                        slice_equal(decision->owner, claim->owner) &&
                        slice_equal(decision->match_id, claim->match_id);
    }
    return true;
}

static bool
judge(struct push_guard *guard, const struct state_claim *claim, struct arena *arena,
      const char **ret_why, struct error *err)
{
    bool accepted;

    if (!is_accepted(guard, claim, &accepted, err))
        return false;
    if (!accepted)
        *ret_why = moved_word(claim, arena);
    return true;
}

static bool
still_has(const struct push_claimant *claimant, struct slice former, struct arena *arena)
{
    for (size_t i = 0; i < claimant->identifiers->count; i++)
        if (!moved_is_other(claimant->identifiers->items[i].value, former, arena))
            return true;
    return false;
}

/* Another one was delivered for this person. */
static bool
look_at_former(struct push_guard *guard, const struct push_claimant *claimant, struct arena *arena,
               const char **ret_why, struct error *err)
{
    struct state_person known;
    bool found;

    if (!state_find_person(guard->state, claimant->id, arena, &known, &found, err))
        return false;
    if (!found || !moved_is_other(claimant->match_id, known.match_id, arena) ||
        guard->settings->identity.moved == SETTINGS_MOVED_SEND ||
        still_has(claimant, known.match_id, arena))
        return true;
    return judge(guard,
                 &(struct state_claim){.key = claimant->id,
                                       .match_id = claimant->match_id,
                                       .owner = claimant->id,
                                       .former = known.match_id,
                                       .dn = claimant->dn},
                 arena, ret_why, err);
}

static bool
judge_owner(struct push_guard *guard, const struct push_claimant *claimant,
            const struct state_alias *owner, struct arena *arena, const char **ret_why,
            struct error *err)
{
    return *ret_why || slice_equal(owner->key, claimant->id) ||
           judge(guard,
                 &(struct state_claim){.key = claimant->id,
                                       .match_id = claimant->match_id,
                                       .owner = owner->key,
                                       .former = owner->match_id,
                                       .dn = claimant->dn},
                 arena, ret_why, err);
}

/* By what is the same but for the case of its letters: whom state finds at once. */
static bool
look_at_alike(struct push_guard *guard, const struct push_claimant *claimant, struct slice match_id,
              struct arena *arena, const char **ret_why, struct error *err)
{
    struct state_alias *owners;
    size_t count;
    bool ok = state_find_owners(guard->state, match_id, arena, &owners, &count, err);

    for (size_t i = 0; ok && i < count; i++)
        ok = judge_owner(guard, claimant, &owners[i], arena, ret_why, err);
    return ok;
}

/* It was delivered for others, perhaps in another spelling. */
static bool
look_at_owners(struct push_guard *guard, const struct push_claimant *claimant, struct arena *arena,
               const char **ret_why, struct error *err)
{
    struct slice folded = identifier_fold(arena, claimant->match_id);
    uint64_t hash = identifier_hash(claimant->match_id, arena);
    size_t at = 0;
    bool ok = look_at_alike(guard, claimant, claimant->match_id, arena, ret_why, err) &&
              (slice_equal_nocase(folded, claimant->match_id) ||
               look_at_alike(guard, claimant, folded, arena, ret_why, err));

    for (size_t end = guard->odd_count; at < end;) {
        size_t middle = at + (end - at) / 2;

        if (guard->odd[middle].hash < hash)
            at = middle + 1;
        else
            end = middle;
    }
    for (; ok && at < guard->odd_count && guard->odd[at].hash == hash; at++)
        ok = judge_owner(guard, claimant, &guard->odd[at].owner, arena, ret_why, err);
    return ok;
}

bool
push_guard_hold(struct push_guard *guard, const struct push_claimant *claimant, struct arena *arena,
                const char **ret_why, struct error *err)
{
    *ret_why = NULL;
    return !guard->state || (look_at_former(guard, claimant, arena, ret_why, err) &&
                             (*ret_why || look_at_owners(guard, claimant, arena, ret_why, err)));
}
