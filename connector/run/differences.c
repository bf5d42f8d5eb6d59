#include "run/differences.h"

#include "run/difference.h"
#include "run/identity.h"
#include "run/naming.h"

#include <stdlib.h>

struct telling {
    const struct differences *inputs;
    struct naming naming;
    const struct person **found;
    size_t count, capacity;
    uint64_t told;         /* with those whom only state knows */
    struct arena *arena;   /* of the naming */
    struct arena *scratch; /* of one person */
};

static const char *
fate_of(const struct person *person)
{
    static const char *const sendings[] = {
        [SENDING_NOT] = "unchanged", [SENDING_NEW] = "new",     [SENDING_CHANGED] = "changed",
        [SENDING_RESENT] = "resent", [SENDING_LAST] = "leaver",
    };
    static const char *const verdicts[] = {
        [PERSON_FIT] = NULL,    [PERSON_SKIPPED] = "skipped", [PERSON_REJECTED] = "rejected",
        [PERSON_HELD] = "held", [PERSON_TWICE] = "repeated",  [PERSON_LEFT] = NULL,
    };

    return verdicts[person->verdict] ? verdicts[person->verdict] : sendings[person->sending];
}

/* Somebody who was read, or whose last record goes out. */
static bool
tell_person(struct telling *telling, const struct person *person, struct error *err)
{
    const struct differences *inputs = telling->inputs;
    struct arena *kept = report_arena(inputs->report);
    struct slice key = people_key(inputs->people, person), record;
    struct difference difference = {.fate = fate_of(person), .old_known = true};
    struct person_facts facts = {.match_id = SLICE_NONE};
    struct state_person known;
    bool found;

    arena_reset(telling->scratch);
    if (!state_find_person(inputs->state, key, telling->scratch, &known, &found, err) ||
        (person->identity != 0 &&
         !people_read_label(person, inputs->spool, telling->scratch, &facts, err)))
        return false;
    if (!facts.match_id.data && found)
        facts.match_id = known.match_id;
    difference.id = identity_text(key, kept);
    difference.dn = arena_slice(kept, facts.dn);
    difference.match_id = arena_slice(kept, facts.match_id);
    if (person->identity != 0 &&
        (!people_read_record(person, inputs->spool, telling->scratch, &record, err) ||
         /* Who comes back is new: what Alma has is a last record, which nobody keeps. */
         !difference_make(found && !known.expired ? &known : NULL, record, facts.fields, kept,
                          &difference, err)))
        return false;
    report_add_difference(inputs->report, &difference);
    telling->told++;
    return true;
}

/* One entry may be among the people twice: as skipped, and as a leaver with a last record. */
static void
add_found(struct telling *telling, const struct person *person)
{
    const struct people *people = telling->inputs->people;

    for (size_t i = 0; i < telling->count; i++) {
        if (!slice_equal(people_key(people, telling->found[i]), people_key(people, person)))
            continue;
        if (telling->found[i]->identity == 0)
            telling->found[i] = person;
        return;
    }
    memory_grow(&telling->found, &telling->capacity, telling->count + 1,
                sizeof(const struct person *));
    telling->found[telling->count++] = person;
}

static bool
look_among_people(struct telling *telling, struct error *err)
{
    const struct differences *inputs = telling->inputs;

    for (size_t i = 0; i < people_count(inputs->people); i++) {
        const struct person *person = &people_items(inputs->people)[i];
        struct person_facts facts = {.match_id = SLICE_NONE};

        arena_reset(telling->scratch);
        if (person->verdict == PERSON_TWICE)
            continue;
        if (person->identity != 0 &&
            !people_read_label(person, inputs->spool, telling->scratch, &facts, err))
            return false;
        if (naming_means(&telling->naming, facts.match_id, people_key(inputs->people, person),
                         telling->scratch) ||
            naming_means_dn(&telling->naming, facts.dn, telling->scratch))
            add_found(telling, person);
    }
    return true;
}

static const struct person *
find_person(const struct differences *inputs, struct slice key)
{
    for (size_t i = 0; i < people_count(inputs->people); i++)
        if (slice_equal(people_key(inputs->people, &people_items(inputs->people)[i]), key))
            return &people_items(inputs->people)[i];
    return NULL;
}

/* Of those without a record only state knows the match identifier; others the directory did not
 * give at all. */
static bool
look_at_known(void *context, const struct state_person *known, struct error *err)
{
    struct telling *telling = context;
    const struct differences *inputs = telling->inputs;
    struct arena *kept = report_arena(inputs->report);
    const struct person *person;

    arena_reset(telling->scratch);
    if (!naming_means(&telling->naming, known->match_id, known->key, telling->scratch))
        return true;
    for (size_t i = 0; i < telling->count; i++)
        if (slice_equal(people_key(inputs->people, telling->found[i]), known->key))
            return true;
    person = find_person(inputs, known->key);
    if (person)
        return tell_person(telling, person, err);
    report_add_difference(inputs->report,
                          &(struct difference){.match_id = arena_slice(kept, known->match_id),
                                               .id = identity_text(known->key, kept),
                                               .fate = known->expired ? "expired" : "missing",
                                               .old_known = known->record.data});
    telling->told++;
    return true;
}

static bool
tell_first(struct telling *telling, const char *text, struct error *err)
{
    const struct differences *inputs = telling->inputs;
    unsigned long most = strtoul(text, NULL, 10);
    bool ok = true;

    for (size_t i = 0; ok && i < inputs->sender_count && i < most; i++)
        ok = tell_person(telling, inputs->senders[i], err);
    return ok;
}

static bool
is_number(const char *text)
{
    return text[0] && text[strspn(text, "0123456789")] == '\0';
}

static bool
tell_named(struct telling *telling, const char *who, struct error *err)
{
    const struct differences *inputs = telling->inputs;

    if (!look_among_people(telling, err))
        return false;
    for (size_t i = 0; i < telling->count; i++)
        if (!tell_person(telling, telling->found[i], err))
            return false;
    if (!state_each_person(inputs->state, look_at_known, telling, err))
        return false;
    if (telling->told == 0 && is_number(who))
        return tell_first(telling, who, err);
    if (telling->told == 0)
        message_say(inputs->messenger, MESSAGE_WARNING,
                    "nobody is known by '%s', neither in the directory nor in the state", who);
    return true;
}

bool
differences_tell(const struct differences *differences, const char *who, struct error *err)
{
    struct telling telling = {.inputs = differences, .arena = arena_new(), .scratch = arena_new()};
    bool ok;

    telling.naming = naming_parse(who, telling.arena);
    ok = tell_named(&telling, who, err);
    free(telling.found);
    arena_free(telling.scratch);
    arena_free(telling.arena);
    return ok;
}
