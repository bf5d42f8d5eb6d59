#include "run/init_run.h"

#include "run/init_text.h"

#include <string.h>

/* Deeper trees are nobody's. */
enum { DEPTH_MOST = 64 };

/* How many people of the class are at each place. Accounts without a surname, which Alma would not
 * take, are most likely nobody's: they are told, but decide nothing. */
struct census {
    struct init_tally *direct; /* with a surname */
    struct init_tally *below;  /* the same, with all places below */
    struct init_tally *all;    /* below, and without a surname, too */
};

static struct census
census_new(const struct init_run *run)
{
    struct census census = {init_tally_new(run->arena), init_tally_new(run->arena),
                            init_tally_new(run->arena)};
    size_t count;
    const struct init_count *places = init_tally_rows(run->place_tally, &count);

    for (size_t i = 0; i < run->people_count; i++) {
        const struct init_person *person = &run->people[i];
        struct slice at = places[person->place].text;

        if (run->class_bit && !(person->classes & run->class_bit))
            continue;
        if (person->has_surname)
            init_tally_add(census.direct, at, 1);
        for (size_t depth = 0; at.length > 0 && depth < DEPTH_MOST; at = init_parent(at), depth++) {
            init_tally_add(census.all, at, 1);
            if (person->has_surname)
                init_tally_add(census.below, at, 1);
        }
    }
    return census;
}

static void
census_free(struct census *census)
{
    init_tally_free(census->direct);
    init_tally_free(census->below);
    init_tally_free(census->all);
}

static size_t
people_at(const struct init_tally *tally, const char *base)
{
    const struct init_count *found = init_tally_find(tally, slice_of(base));

    return found ? found->count : 0;
}

/* The places directly below, those with the most people first; one more than fit where there are
 * more. */
static size_t
list_children(const struct census *census, const char *base, struct init_place *children)
{
    size_t count, child_count = 0;
    const struct init_count *places = init_tally_sorted(census->all, &count);

    for (size_t i = 0; i < count; i++) {
        if (!slice_equal_nocase(init_parent(places[i].text), slice_of(base)))
            continue;
        if (child_count == INIT_SEARCHES_MOST)
            return child_count + 1;
        children[child_count++] = (struct init_place){places[i].text.data, places[i].count};
    }
    return child_count;
}

static void
add_place(struct init_place *places, size_t *count, const char *base, size_t people)
{
    if (*count < INIT_SEARCHES_MOST)
        places[(*count)++] = (struct init_place){base, people};
}

/* Goes down as long as hardly anybody is lost: a base that is as deep as can be finds no accounts
 * of services, and one that holds several places finds those that are added later. */
static void
descend(struct init_run *run, const struct census *census, const char *base, size_t depth)
{
    struct init_place children[INIT_SEARCHES_MOST];
    size_t total = people_at(census->below, base), count = list_children(census, base, children);
    size_t least = total * INIT_FEW_PERCENT / 100, major = 0;
    const char *only = NULL;

    if (total == 0)
        return;
    for (size_t i = 0; i < count && i < INIT_SEARCHES_MOST; i++)
        if (people_at(census->below, children[i].base) > least) {
            major++;
            only = children[i].base;
        }
    /* Several places that hold everybody are better found by what holds them all. */
    if (count == 0 || count > INIT_SEARCHES_MOST || people_at(census->direct, base) > least ||
        (major != 1 && major == count) || depth == DEPTH_MOST) {
        add_place(run->places, &run->place_count, base, people_at(census->all, base));
        return;
    }
    if (major == 1)
        descend(run, census, only, depth + 1);
    for (size_t i = 0; i < count; i++) {
        bool is_major = people_at(census->below, children[i].base) > least;

        if (is_major && major > 1)
            add_place(run->places, &run->place_count, children[i].base, children[i].people);
        else if (!is_major)
            add_place(run->left_out, &run->left_out_count, children[i].base, children[i].people);
    }
    if (people_at(census->direct, base) > 0)
        add_place(run->left_out, &run->left_out_count, base, people_at(census->direct, base));
}

void
init_places_choose(struct init_run *run)
{
    struct census census = census_new(run);

    for (size_t i = 0; i < run->server.context_count; i++)
        descend(run, &census, run->server.contexts[i], 0);
    census_free(&census);
}
