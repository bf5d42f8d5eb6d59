#include "run/relink.h"

#include "run/moved.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct relinking {
    const struct relink *inputs;
    struct people_index *index;
    struct state_link *links;
    size_t count, capacity;
    uint64_t same;    /* of these, people whose record is as it was delivered */
    uint64_t present; /* people whose id is in the directory */
    uint64_t lost;    /* people who were found by neither */
    struct arena *arena, *scratch;
};

/* Whether the person, whom state does not know by the key, has that match identifier. */
static bool
is_same(struct relinking *relinking, const struct state_person *known, const struct person *person,
        bool *ret_same, struct error *err)
{
    struct slice key = people_key(relinking->inputs->people, person);
    struct state_person other;
    struct person_facts facts;
    bool found;

    *ret_same = false;
    if (!state_find_person(relinking->inputs->state, key, relinking->scratch, &other, &found, err))
        return false;
    if (found)
        return true;
    if (!people_read_label(person, relinking->inputs->spool, relinking->scratch, &facts, err))
        return false;
    *ret_same = !moved_is_other(facts.match_id, known->match_id, relinking->scratch);
    return true;
}

static void
link_person(struct relinking *relinking, const struct state_person *known, struct person *person)
{
    memory_grow(&relinking->links, &relinking->capacity, relinking->count + 1,
                sizeof *relinking->links);
    relinking->links[relinking->count++] = (struct state_link){
        arena_slice(relinking->arena, known->key), people_key(relinking->inputs->people, person)};
    relinking->same += memcmp(person->digest, known->digest, FINGERPRINT_BYTES) == 0;
    person->delivered = 1; /* of several with the match identifier one is linked */
}

static bool
take_known(void *context, const struct state_person *known, struct error *err)
{
    struct relinking *relinking = context;
    struct person *person;
    bool same = false;

    if (known->expired)
        return true;
    if (people_find_key(relinking->index, known->key)) {
        relinking->present++;
        return true;
    }
    arena_reset(relinking->scratch);
    person = people_find_identity(relinking->index,
                                  identifier_hash(known->match_id, relinking->scratch));
    if (person && person->verdict == PERSON_FIT && person->delivered == 0 &&
        !is_same(relinking, known, person, &same, err))
        return false;
    if (same)
        link_person(relinking, known, person);
    else
        relinking->lost++;
    return true;
}

static void
tell(const struct relinking *relinking)
{
    const struct messenger *messenger = relinking->inputs->messenger;

    message_say(messenger, MESSAGE_NOTICE,
                "%zu people %s linked to the new ids that they have in the directory; the records "
                "of %" PRIu64 " of them are as they were delivered",
                relinking->count, relinking->inputs->rehearsal ? "would be" : "are",
                relinking->same);
    if (relinking->present > 0)
        message_say(messenger, MESSAGE_NOTICE, "%" PRIu64 " people have the ids that they had",
                    relinking->present);
    if (relinking->lost > 0)
        message_say(messenger, MESSAGE_NOTICE,
                    "%" PRIu64 " people whom state knows were found neither by id nor by match "
                    "identifier: they count as gone",
                    relinking->lost);
}

bool
relink_people(const struct relink *relink, struct error *err)
{
    struct relinking relinking = {
        .inputs = relink,
        .index = people_index_new(relink->people),
        .arena = arena_new(),
        .scratch = arena_new(),
    };
    bool ok = state_each_person(relink->state, take_known, &relinking, err);

    if (ok && relinking.count > 0)
        ok = state_relink(relink->state, relinking.links, relinking.count, err);
    if (ok)
        tell(&relinking);
    free(relinking.links);
    people_index_free(relinking.index);
    arena_free(relinking.scratch);
    arena_free(relinking.arena);
    return ok;
}
