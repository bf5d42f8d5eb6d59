#include "mapping/lint.h"

#include <stdlib.h>

struct fact {
    const struct filter *filter; /* no `not`, no `and` that holds, no `or` that does not */
    bool holds;
};

struct facts
facts_new(struct lint *lint)
{
    return (struct facts){.lint = lint};
}

void
facts_free(struct facts *facts)
{
    free(facts->items);
}

static bool
same_slices(const struct slice *a, const struct slice *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!slice_equal(a[i], b[i]))
            return false;
    return true;
}

static bool
same_subject(const struct filter *a, const struct filter *b)
{
    return a->subject.kind == b->subject.kind && a->subject.index == b->subject.index &&
           slice_equal(a->dn_type, b->dn_type);
}

static bool is_same(const struct filter *a, const struct filter *b);

/* Each child of the one is a child of the other too. */
static bool
has_children_of(const struct filter *a, const struct filter *b)
{
    for (size_t i = 0; i < b->child_count; i++) {
        size_t j = 0;

        while (j < a->child_count && !is_same(a->children[j], b->children[i]))
            j++;
        if (j == a->child_count)
            return false;
    }
    return true;
}

static bool
is_same(const struct filter *a, const struct filter *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == FILTER_AND || a->kind == FILTER_OR || a->kind == FILTER_NOT)
        return has_children_of(a, b) && has_children_of(b, a);
    return slice_equal(a->text, b->text) && same_subject(a, b) && slice_equal(a->dn, b->dn) &&
           a->order == b->order && a->bits == b->bits && a->part_count == b->part_count &&
           same_slices(a->parts, b->parts, a->part_count);
}

/* True when a value that begins and ends as `inner` asks also does as `outer` asks. */
static bool
is_narrower(const struct filter *inner, const struct filter *outer)
{
    struct slice first = inner->parts[0], last = inner->parts[inner->part_count - 1];
    struct slice wanted_first = outer->parts[0], wanted_last = outer->parts[outer->part_count - 1];

    for (size_t i = 1; i + 1 < outer->part_count; i++)
        if (outer->parts[i].length > 0)
            return false;
    return first.length >= wanted_first.length && last.length >= wanted_last.length &&
           memcmp(first.data, wanted_first.data, wanted_first.length) == 0 &&
           memcmp(last.data + last.length - wanted_last.length, wanted_last.data,
                  wanted_last.length) == 0;
}

/* True when each entry that meets the comparison `a` meets `b`. */
static bool
implies(const struct filter *a, const struct filter *b)
{
    if (!same_subject(a, b))
        return false;
    if (b->kind == FILTER_PRESENT && !a->dn_type.data)
        return true;
    if (b->kind == FILTER_SUBSTRINGS && a->kind == FILTER_SUBSTRINGS && is_narrower(a, b))
        return true;
    if (b->kind == FILTER_SUBSTRINGS && a->kind == FILTER_EQUAL)
        return !a->dn.data && a->order == ORDER_TEXT && filter_match_substrings(b, a->text);
    return is_same(a, b);
}

static bool
is_comparison(const struct filter *filter)
{
    return filter->kind != FILTER_AND && filter->kind != FILTER_OR && filter->kind != FILTER_NOT;
}

/* What is so in whatever entry: each has object classes (RFC 4512 section 2.4.1). */
static bool
is_impossible(struct lint *lint, const struct filter *filter, bool holds)
{
    bool is_class = filter->subject.kind == SOURCE_ATTRIBUTE &&
                    filter->subject.index == lint->mapping->class_slot;
    enum yield yield = is_class ? YIELD_ALWAYS : lint_source(lint, &filter->subject);

    if (holds)
        return yield == YIELD_NEVER && !filter->dn_type.data;
    return filter->kind == FILTER_PRESENT && yield == YIELD_ALWAYS;
}

static bool
contradicts(const struct fact *fact, const struct filter *filter, bool holds)
{
    if (fact->holds == holds)
        return false;
    if (!is_comparison(filter) || !is_comparison(fact->filter))
        return is_same(fact->filter, filter);
    return holds ? implies(filter, fact->filter) : implies(fact->filter, filter);
}

static bool
is_contradicted(const struct facts *facts, const struct filter *filter, bool holds)
{
    for (size_t i = 0; i < facts->count; i++)
        if (contradicts(&facts->items[i], filter, holds))
            return true;
    return false;
}

/* All children are to hold (or none): some cannot, or they exclude each other. */
static bool
exclude_all(struct facts *facts, const struct filter *filter, bool holds)
{
    size_t before = facts->count;
    bool excluded = false;

    for (size_t i = 0; i < filter->child_count && !excluded; i++) {
        excluded = facts_exclude(facts, filter->children[i], holds);
        facts_add(facts, filter->children[i], holds);
    }
    facts->count = before;
    return excluded;
}

/* One child is to hold (or not to): none can. */
static bool
exclude_each(struct facts *facts, const struct filter *filter, bool holds)
{
    for (size_t i = 0; i < filter->child_count; i++)
        if (!facts_exclude(facts, filter->children[i], holds))
            return false;
    return true;
}

bool
facts_exclude(struct facts *facts, const struct filter *filter, bool holds)
{
    if (filter->kind == FILTER_NOT)
        return facts_exclude(facts, filter->children[0], !holds);
    if (is_contradicted(facts, filter, holds))
        return true;
    if (is_comparison(filter))
        return is_impossible(facts->lint, filter, holds);
    return (filter->kind == FILTER_AND) == holds ? exclude_all(facts, filter, holds)
                                                 : exclude_each(facts, filter, holds);
}

void
facts_add(struct facts *facts, const struct filter *filter, bool holds)
{
    if (!filter)
        return;
    while (filter->kind == FILTER_NOT) {
        filter = filter->children[0];
        holds = !holds;
    }
    if (!is_comparison(filter) && (filter->kind == FILTER_AND) == holds) {
        for (size_t i = 0; i < filter->child_count; i++)
            facts_add(facts, filter->children[i], holds);
        return;
    }
    memory_grow(&facts->items, &facts->capacity, facts->count + 1, sizeof *facts->items);
    facts->items[facts->count++] = (struct fact){filter, holds};
}

bool
facts_exclude_by(const struct facts *facts, size_t count, const struct filter *filter)
{
    struct facts some = facts_new(facts->lint);
    bool excluded;

    for (size_t i = 0; i < count; i++)
        facts_add(&some, facts->items[i].filter, facts->items[i].holds);
    excluded = facts_exclude(&some, filter, true);
    facts_free(&some);
    return excluded;
}
