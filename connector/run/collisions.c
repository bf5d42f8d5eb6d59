#include "run/collisions.h"

#include "base/sort.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* What the functions below share. */
struct judging {
    struct people *people;
    struct spool *spool;
    const struct finding_sink *findings;
    struct collisions *result;
    struct arena *arena; /* of one group */
};

/* One identifier of somebody that has the hash of somebody else's. */
struct suspect {
    size_t index; /* of the person */
    struct slice dn, match_id, type, value;
    struct slice folded, folded_dn;
    bool is_match;
};

/* Marks of one hash. */
struct group {
    const uint64_t *marks;
    size_t count;
};

static struct person *
person_of(const struct judging *judging, uint64_t mark)
{
    return &people_items(judging->people)[(uint32_t)mark];
}

static bool
is_match_mark(const struct judging *judging, uint64_t mark)
{
    return mark >> PEOPLE_MARK_SHIFT == person_of(judging, mark)->identity >> PEOPLE_MARK_SHIFT;
}

static int
compare_suspects(const void *a, const void *b)
{
    const struct suspect *first = a, *second = b;
    int order = slice_compare(first->folded, second->folded);

    if (order == 0)
        order = slice_compare(first->folded_dn, second->folded_dn);
    if (order != 0)
        return order;
    return (first->index > second->index) - (first->index < second->index);
}

/* Adds those identifiers of the person that have the mark's hash. */
static bool
read_suspects(struct judging *judging, uint64_t mark, struct suspect *suspects, size_t *count,
              struct error *err)
{
    struct arena *arena = judging->arena;
    struct person_facts facts;

    if (!people_read_label(person_of(judging, mark), judging->spool, arena, &facts, err))
        return false;
    for (size_t i = 0; i < facts.identifiers.count; i++) {
        const struct identifier *identifier = &facts.identifiers.items[i];

        if (identifier_hash(identifier->value, arena) >> PEOPLE_MARK_SHIFT !=
            mark >> PEOPLE_MARK_SHIFT)
            continue;
        suspects[(*count)++] = (struct suspect){
            .index = (uint32_t)mark,
            .dn = facts.dn,
            .match_id = facts.match_id,
            .type = identifier->type,
            .value = identifier->value,
            .folded = identifier_fold(arena, identifier->value),
            .folded_dn = text_fold(arena, facts.dn),
            .is_match = slice_equal(identifier->value, facts.match_id),
        };
    }
    return true;
}

/* The suspects of a group, sorted: in the arena. `matches` alone: only match identifiers. */
static bool
read_group(struct judging *judging, struct group group, bool matches, struct suspect **ret_suspects,
           size_t *ret_count, struct error *err)
{
    bool ok = true;

    arena_reset(judging->arena);
    *ret_suspects = arena_alloc(judging->arena, group.count * sizeof **ret_suspects);
    *ret_count = 0;
    for (size_t i = 0; ok && i < group.count; i++) {
        uint64_t mark = group.marks[i];

        /* All identifiers of a person with that hash come with the first one. */
        if (person_of(judging, mark)->verdict != PERSON_TWICE &&
            (!matches || is_match_mark(judging, mark)) && (i == 0 || group.marks[i - 1] != mark))
            ok = read_suspects(judging, mark, *ret_suspects, ret_count, err);
    }
    if (ok)
        qsort(*ret_suspects, *ret_count, sizeof **ret_suspects, compare_suspects);
    return ok;
}

/* One and the same entry, found by several searches, is kept once: the first found of each DN. */
static bool
merge_same_entries(struct judging *judging, struct group group, struct error *err)
{
    struct suspect *suspects;
    size_t count, matches = 0;

    for (size_t i = 0; i < group.count; i++)
        matches += is_match_mark(judging, group.marks[i]);
    if (matches < 2)
        return true;
    if (!read_group(judging, group, true, &suspects, &count, err))
        return false;
    for (size_t i = 1; i < count; i++) {
        if (suspects[i].index == suspects[i - 1].index ||
            !slice_equal(suspects[i].folded, suspects[i - 1].folded) ||
            !slice_equal(suspects[i].folded_dn, suspects[i - 1].folded_dn))
            continue;
        people_items(judging->people)[suspects[i].index].verdict = PERSON_TWICE;
        judging->result->twice++;
    }
    return true;
}

static const char *
word_kind(const struct suspect *suspect, struct arena *arena)
{
    return suspect->is_match ? "match identifier"
                             : arena_format(arena, "%.*s", SLICE_ARG(suspect->type));
}

static const char *
word_collision(const struct suspect *one, const struct suspect *other, size_t more,
               struct arena *arena)
{
    const char *text =
        arena_format(arena, "'%.*s'%s is also the %s of '%.*s'", SLICE_ARG(one->value),
                     one->is_match ? "" : arena_format(arena, " (%.*s)", SLICE_ARG(one->type)),
                     word_kind(other, arena), SLICE_ARG(other->dn));

    if (!slice_equal(one->value, other->value))
        text = arena_format(arena, "%s, written '%.*s'", text, SLICE_ARG(other->value));
    return more > 0 ? arena_format(arena, "%s and %zu more", text, more) : text;
}

/* All of these have the same identifier: nobody can say whose it is. Those who have it as match
 * identifier are told of one another first. */
static void
hold(struct judging *judging, const struct suspect *suspects, size_t count)
{
    const struct suspect *matches[2] = {NULL, NULL};

    for (size_t i = 0; i < count && !matches[1]; i++)
        if (suspects[i].is_match)
            matches[matches[0] != NULL] = &suspects[i];
    for (size_t i = 0; i < count; i++) {
        const struct suspect *one = &suspects[i], *other = &suspects[i == 0 ? 1 : 0];
        struct person *person = &people_items(judging->people)[one->index];
        bool same_match = one->is_match && matches[1];

        if (same_match)
            other = matches[one == matches[0] ? 1 : 0];
        judging->result->held += person->verdict == PERSON_FIT;
        person->verdict = PERSON_HELD;
        judging->findings->add(
            judging->findings->context,
            &(struct finding){
                .code = same_match ? FINDING_DUPLICATE : FINDING_TAKEN,
                .key = people_key(judging->people, person),
                .dn = one->dn,
                .match_id = one->match_id,
                .text = slice_of(word_collision(one, other, count - 2, judging->arena)),
            });
    }
}

static bool
hold_same_identifiers(struct judging *judging, struct group group, struct error *err)
{
    struct suspect *suspects;
    size_t count, people = 0;

    for (size_t i = 0; i < group.count; i++)
        people += person_of(judging, group.marks[i])->verdict != PERSON_TWICE;
    if (people < 2)
        return true;
    if (!read_group(judging, group, false, &suspects, &count, err))
        return false;
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && slice_equal(suspects[to].folded, suspects[from].folded);)
            to++;
        if (to - from > 1)
            hold(judging, suspects + from, to - from);
    }
    return true;
}

static bool
each_group(struct judging *judging, const uint64_t *marks, size_t count,
           bool (*judge)(struct judging *judging, struct group group, struct error *err),
           struct error *err)
{
    bool ok = true;

    for (size_t from = 0, to; ok && from < count; from = to) {
        uint64_t hash = marks[from] >> PEOPLE_MARK_SHIFT;

        for (to = from + 1; to < count && marks[to] >> PEOPLE_MARK_SHIFT == hash;)
            to++;
        if (to - from > 1)
            ok = judge(judging, (struct group){marks + from, to - from}, err);
    }
    return ok;
}

bool
collisions_find(struct people *people, struct spool *spool, const struct finding_sink *findings,
                struct collisions *ret_collisions, struct error *err)
{
    struct judging judging = {people, spool, findings, ret_collisions, arena_new()};
    size_t count;
    uint64_t *marks = people_marks(people, &count);
    bool ok;

    *ret_collisions = (struct collisions){0, 0};
    sort_numbers(marks, count);
    ok = each_group(&judging, marks, count, merge_same_entries, err) &&
         each_group(&judging, marks, count, hold_same_identifiers, err);
    arena_free(judging.arena);
    return ok;
}
