#include "run/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What goes into state for one person. */
static bool
plan_person(const struct outbox_plan *plan, struct state *state, const struct person *person,
            int64_t package, struct arena *arena, struct error *err)
{
    static const enum state_sending sendings[] = {
        [SENDING_NEW] = STATE_SEND_RECORD,
        [SENDING_CHANGED] = STATE_SEND_RECORD,
        [SENDING_RESENT] = STATE_SEND_AGAIN,
        [SENDING_LAST] = STATE_SEND_LAST,
    };
    enum state_sending sending = sendings[person->sending];
    struct state_person sent = {.key = people_key(plan->index, person), .package = package};
    struct buffer kept = BUFFER_INIT;
    struct person_facts facts;
    struct slice record;
    bool ok = true;

    if (sending == STATE_SEND_RECORD) {
        ok = people_read_label(person, plan->spool, arena, &facts, err);
        sent.match_id = facts.match_id;
        sent.fields = facts.fields;
        memcpy(sent.digest, person->digest, STATE_DIGEST_BYTES);
    }
    if (ok && ((sending == STATE_SEND_RECORD && plan->keep_records) ||
               (sending == STATE_SEND_AGAIN && plan->keep_unchanged))) {
        ok = people_read_record(person, plan->spool, arena, &record, err);
        if (ok)
            package_deflate(record, &kept);
        sent.record = (struct slice){kept.data, kept.length};
    }
    ok = ok && state_plan_person(state, &sent, sending, err);
    buffer_free(&kept);
    return ok;
}

static int
compare_keys(const void *a, const void *b, void *context)
{
    const struct outbox_plan *plan = context;

    return slice_compare(people_key(plan->index, plan->people[*(const uint32_t *)a]),
                         people_key(plan->index, plan->people[*(const uint32_t *)b]));
}

/* The package of a sender: they lie in the packages one behind the other. */
static int64_t
package_of(const struct outbox_plan *plan, uint32_t sender)
{
    size_t i = 0;

    for (uint64_t end = plan->packages->items[0].records; sender >= end;)
        end += plan->packages->items[++i].records;
    return plan->ids[i];
}

/* Whether those who are as they were need not be planned one by one. */
static bool
covers_everybody(const struct outbox_plan *plan)
{
    return plan->everybody && plan->packages->count == 1 && !plan->keep_unchanged;
}

/* In the order of keys, in which state writes fastest. */
static bool
plan_people(const struct outbox *outbox, struct outbox_plan *plan, uint32_t senders,
            struct error *err)
{
    uint32_t *order = memory_alloc(senders * sizeof *order), count = 0;
    struct arena *arena = arena_new();
    bool covered = covers_everybody(plan), ok = true;

    for (uint32_t i = 0; i < senders; i++)
        if (!covered || plan->people[i]->sending != SENDING_RESENT)
            order[count++] = i;
    qsort_r(order, count, sizeof *order, compare_keys, plan);
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = plan_person(plan, outbox->state, plan->people[order[i]], package_of(plan, order[i]),
                         arena, err);
        arena_reset(arena);
    }
    arena_free(arena);
    free(order);
    return ok;
}

static bool
plan_packages(const struct outbox *outbox, struct outbox_plan *plan, struct error *err)
{
    uint64_t people = 0;

    for (size_t i = 0; i < plan->packages->count; i++) {
        const struct package *built = &plan->packages->items[i];
        struct state_package package = {
            .run = plan->run,
            .name = built->name,
            .target = target_name(outbox->target),
            .records = built->records,
            .bytes = built->bytes,
        };

        snprintf(package.sha256, sizeof package.sha256, "%s", built->sha256);
        if (!state_plan_package(outbox->state, &package, err))
            return false;
        plan->ids[i] = package.id;
        people += built->records;
    }
    return (!covers_everybody(plan) ||
            state_plan_everybody(outbox->state, plan->ids[0], plan->spared, plan->spared_count,
                                 err)) &&
           plan_people(outbox, plan, (uint32_t)people, err);
}

bool
outbox_plan(const struct outbox *outbox, struct outbox_plan *plan, struct error *err)
{
    bool ok;

    plan->ids = arena_alloc(outbox->arena, plan->packages->count * sizeof *plan->ids);
    ok = state_plan_begin(outbox->state, err) && plan_packages(outbox, plan, err) &&
         state_add_aliases(outbox->state, plan->aliases, plan->alias_count, err);
    return state_plan_end(outbox->state, ok, err) && ok;
}
