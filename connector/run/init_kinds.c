#include "run/init_run.h"

#include "base/text.h"
#include "model/dn.h"
#include "run/init_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 24, ROWS_PERCENT = 90 };

struct candidate {
    enum init_kind_source source;
    const char *attribute;
    struct init_kind_row *rows;
    size_t count;
    size_t people; /* of the sample, for whom a known word decides */
};

static int
compare_rows(const void *a, const void *b)
{
    const struct init_kind_row *first = a, *second = b;

    if (first->rank != second->rank)
        return first->rank < second->rank ? -1 : 1;
    if (first->people != second->people)
        return first->people > second->people ? -1 : 1;
    return slice_compare(first->value, second->value);
}

/* "Lecture hall" as LECTURE_HALL: a code to begin with, where no word is known. */
static const char *
code_of(struct arena *arena, struct slice value)
{
    char *code = arena_copy(arena, value.data, value.length);
    size_t length = 0;

    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.data[i];

        if (isalnum(c))
            code[length++] = (char)toupper(c);
        else if (length > 0 && code[length - 1] != '_')
            code[length++] = '_';
    }
    while (length > 0 && code[length - 1] == '_')
        length--;
    code[length] = '\0';
    return length ? code : "OTHER";
}

/* Whether the value can stand in a file that people read. */
static bool
is_fit(struct init_run *run, struct slice text)
{
    return text.length > 0 && init_is_one_line(text) &&
           slice_equal(text_tidy(run->arena, text), text);
}

static void
add_row(struct init_run *run, struct candidate *candidate, struct slice value, struct slice words,
        size_t people)
{
    int word = init_word_of(words);

    if (candidate->count == ROWS_MOST || !is_fit(run, value))
        return;
    candidate->rows[candidate->count++] = (struct init_kind_row){
        .value = value,
        .code = word >= 0 ? init_words[word].code : code_of(run->arena, words),
        .people = people,
        .known = word >= 0,
        .rank = word >= 0 ? word : ROWS_MOST * ROWS_MOST,
    };
}

static struct candidate
candidate_new(struct init_run *run, enum init_kind_source source, const char *attribute)
{
    return (struct candidate){
        source, attribute, arena_alloc(run->arena, ROWS_MOST * sizeof(struct init_kind_row)), 0, 0};
}

/* ---- an attribute ---- */

/* Somebody with several of the values counts once. */
static size_t
people_with_a_word(const struct init_run *run, const char *attribute)
{
    size_t people = 0;

    for (size_t i = 0; i < run->sample_count; i++) {
        struct entry_values values = init_values(&run->sample[i], attribute);
        bool known = false;

        for (size_t j = 0; j < values.count; j++)
            known |= init_word_of(values.values[j]) >= 0 &&
                     init_is_shared(run, attribute, values.values[j]);
        people += known;
    }
    return people;
}

static struct candidate
try_attribute(struct init_run *run, const char *name)
{
    struct candidate candidate = candidate_new(run, INIT_KIND_ATTRIBUTE, name);
    const struct init_attribute *found = init_attribute_find(run, name);
    size_t all = 0, shared = 0, values = 0;

    for (size_t i = 0; found && i < found->distinct; i++) {
        const struct init_count *value = &found->values[i];

        all += value->count;
        if (value->count < INIT_SHARED_LEAST)
            continue;
        shared += value->count;
        values++;
        /* With several values only those with a meaning count: everybody is a "member". */
        if (found->several == 0 || init_word_of(value->text) >= 0)
            add_row(run, &candidate, value->text, value->text, value->count);
    }
    /* Many values, or many that are somebody's own, are a description of people, no kind. */
    if (all == 0 || values > ROWS_MOST || shared * 100 < all * ROWS_PERCENT)
        candidate.count = 0;
    else
        candidate.people = people_with_a_word(run, name);
    return candidate;
}

/* ---- groups ---- */

/* The value of the DN's first part. */
static struct slice
first_value(struct init_run *run, struct slice dn)
{
    struct dn_reader reader = {dn, 0};
    struct dn_part part;

    return dn_next(&reader, &part) == DN_PART ? dn_unescape(run->arena, part.value) : slice_of("");
}

static bool
has_code(const struct candidate *candidate, const char *code)
{
    for (size_t i = 0; i < candidate->count; i++)
        if (strcmp(candidate->rows[i].code, code) == 0)
            return true;
    return false;
}

/* Of the groups that mean one thing the largest. */
static struct candidate
try_groups(struct init_run *run, const char *name)
{
    struct candidate candidate = candidate_new(run, INIT_KIND_GROUPS, name);
    const struct init_attribute *found = init_attribute_find(run, name);

    for (size_t i = 0; found && i < found->distinct; i++) {
        const struct init_count *group = &found->values[i];
        struct slice words = first_value(run, group->text);
        int word = init_word_of(words);

        if (word < 0 || group->count < INIT_SHARED_LEAST ||
            has_code(&candidate, init_words[word].code))
            continue;
        add_row(run, &candidate, group->text, words, group->count);
    }
    for (size_t i = 0; i < run->sample_count; i++) {
        struct entry_values values = init_values(&run->sample[i], name);
        bool known = false;

        for (size_t j = 0; j < values.count && !known; j++)
            for (size_t k = 0; k < candidate.count && !known; k++)
                known = slice_equal_nocase(values.values[j], candidate.rows[k].value);
        candidate.people += known;
    }
    return candidate;
}

/* ---- places ---- */

/* Whether the name stands in a DN as it is, and can be part of a pattern in the mapping. */
static bool
is_name_of_a_pattern(struct slice name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!isalnum((unsigned char)name.data[i]) && (unsigned char)name.data[i] < 0x80 &&
            (!name.data[i] || !strchr(" ._-()&/", name.data[i])))
            return false;
    return true;
}

/* The folders above somebody, from the nearest: the first one with a word decides. */
static struct candidate
try_places(struct init_run *run)
{
    struct candidate candidate = candidate_new(run, INIT_KIND_PLACES, "ou");
    struct init_tally *names = init_tally_new(run->arena);
    const struct init_count *sorted;
    size_t count;

    for (size_t i = 0; i < run->sample_count; i++) {
        struct dn_reader reader = {init_parent(run->sample[i].dn), 0};
        struct dn_part part;

        while (dn_next(&reader, &part) == DN_PART) {
            struct slice value = dn_unescape(run->arena, part.value);

            if (!slice_equal_nocase(part.type, slice_of("ou")) || init_word_of(value) < 0)
                continue;
            init_tally_add(names, value, 1);
            break;
        }
    }
    sorted = init_tally_sorted(names, &count);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].count < INIT_SHARED_LEAST || !is_name_of_a_pattern(sorted[i].text))
            continue;
        add_row(run, &candidate, sorted[i].text, sorted[i].text, sorted[i].count);
        candidate.people += sorted[i].count;
    }
    init_tally_free(names);
    return candidate;
}

/* ---- the choice ---- */

static void
prefer(struct candidate *best, struct candidate candidate)
{
    if (candidate.count > 0 && candidate.people > best->people)
        *best = candidate;
}

void
init_kinds_choose(struct init_run *run)
{
    struct candidate best = {INIT_KIND_NONE, NULL, NULL, 0, 0};
    struct candidate groups = try_groups(run, "memberOf");

    for (size_t i = 0; init_kind_attributes[i]; i++)
        prefer(&best, try_attribute(run, init_kind_attributes[i]));
    if (groups.count == 0)
        groups = try_groups(run, "isMemberOf");
    if (groups.count == 0)
        groups = try_groups(run, "groups");
    qsort(groups.rows, groups.count, sizeof *groups.rows, compare_rows);
    run->groups = groups.rows;
    run->groups_told = groups.count;
    run->group_attribute = groups.attribute;
    prefer(&best, groups);
    prefer(&best, try_places(run));
    /* What says nothing of most people is an exception, not the rule. */
    if (best.count == 0 || 2 * best.people < run->sample_count)
        return;
    run->kind_source = best.source;
    run->kind_attribute = best.attribute;
    run->kinds = best.rows;
    run->kind_count = best.count;
    qsort(run->kinds, run->kind_count, sizeof *run->kinds, compare_rows);
}
