#include "mapping/ladder.h"

#include "mapping/filter.h"

#include <stdint.h>
#include <stdlib.h>

/* Shorter ones are climbed as fast. */
enum { RUNGS_LEAST = 8 };

struct rung {
    uint32_t hash;
    uint32_t index; /* of the alternative */
};

struct ladder {
    struct source subject;
    size_t end;         /* the alternative behind the last rung */
    struct rung *rungs; /* in the order of hash, then index */
    size_t count;
    bool forms[2]; /* some rung compares text, DNs */
};

/* What the rung's values are compared with; *ret_as_dn: in their form as DNs. */
static struct slice
rung_form(const struct rule *rule, size_t index, bool *ret_as_dn)
{
    const struct filter *filter = rule->alternatives[index].when;

    *ret_as_dn = filter->dn.data != NULL;
    return *ret_as_dn ? filter->dn : filter->text;
}

static int
compare_rungs(const void *a, const void *b)
{
    const struct rung *first = a, *second = b;

    if (first->hash != second->hash)
        return first->hash < second->hash ? -1 : 1;
    return (first->index > second->index) - (first->index < second->index);
}

static struct ladder *
build(struct arena *arena, const struct rule *rule, size_t begin, size_t end)
{
    struct ladder *ladder = arena_alloc(arena, sizeof *ladder);

    ladder->subject = rule->alternatives[begin].when->subject;
    ladder->end = end;
    ladder->count = end - begin;
    ladder->rungs = arena_alloc(arena, ladder->count * sizeof *ladder->rungs);
    for (size_t i = begin; i < end; i++) {
        bool as_dn;
        struct slice form = rung_form(rule, i, &as_dn);

        ladder->rungs[i - begin] = (struct rung){slice_hash(form), (uint32_t)i};
        ladder->forms[as_dn] = true;
    }
    qsort(ladder->rungs, ladder->count, sizeof *ladder->rungs, compare_rungs);
    return ladder;
}

/* The end of the rungs that begin at `begin`; `begin` itself where there is none. */
static size_t
find_end(const struct rule *rule, size_t begin)
{
    const struct filter *first = rule->alternatives[begin].when;
    size_t end = begin;

    for (; end < rule->count; end++) {
        const struct filter *filter = rule->alternatives[end].when;

        if (!filter || !filter_is_plain(filter) || filter->subject.kind != first->subject.kind ||
            filter->subject.index != first->subject.index)
            break;
    }
    return end;
}

void
ladders_build(struct arena *arena, struct rule *rule)
{
    for (size_t begin = 0, end; begin<rule->count; begin = end> begin ? end : begin + 1) {
        const struct ladder *ladder;

        end = find_end(rule, begin);
        if (end - begin < RUNGS_LEAST)
            continue;
        if (!rule->ladders)
            rule->ladders = arena_alloc(arena, rule->count * sizeof(struct ladder *));
        ladder = build(arena, rule, begin, end);
        for (size_t i = begin; i < end; i++)
            rule->ladders[i] = ladder;
    }
}

/* The first rung from `from` on that compares equal with a value of this form; or the end. */
static size_t
find_rung(const struct rule *rule, const struct ladder *ladder, struct slice value, bool as_dn,
          size_t from)
{
    const struct rung wanted = {slice_hash(value), (uint32_t)from};
    size_t low = 0, high = ladder->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (compare_rungs(&ladder->rungs[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < ladder->count && ladder->rungs[low].hash == wanted.hash; low++) {
        size_t index = ladder->rungs[low].index;
        bool own_as_dn;
        struct slice own = rung_form(rule, index, &own_as_dn);

        if (own_as_dn == as_dn && slice_equal(own, value))
            return index;
    }
    return ladder->end;
}

static size_t
climb(struct evaluation *evaluation, const struct rule *rule, const struct ladder *ladder,
      size_t from)
{
    enum { BYTES_PER_VALUE = 8 };
    struct values values = evaluate_source(evaluation, &ladder->subject);
    size_t first = ladder->end;

    for (int as_dn = 0; as_dn < 2 && values.count > 0; as_dn++) {
        const struct slice *forms;

        if (!ladder->forms[as_dn])
            continue;
        forms = filter_forms(evaluation, &ladder->subject, &values, as_dn);
        for (size_t i = 0; i < values.count; i++) {
            size_t rung = forms[i].data ? find_rung(rule, ladder, forms[i], as_dn, from) : first;

            evaluate_charge(evaluation, 4 + forms[i].length / BYTES_PER_VALUE);
            first = rung < first ? rung : first;
        }
    }
    return first;
}

size_t
ladder_climb(struct evaluation *evaluation, const struct rule *rule, size_t index)
{
    while (index < rule->count && rule->ladders[index]) {
        const struct ladder *ladder = rule->ladders[index];
        size_t found;

        evaluation->where = &rule->alternatives[index].where;
        found = climb(evaluation, rule, ladder, index);
        if (found < ladder->end)
            return found;
        index = ladder->end;
    }
    return index;
}
