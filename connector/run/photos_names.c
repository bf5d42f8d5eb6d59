#include "run/photos_run.h"

#include "base/text.h"
#include "photos/names.h"

#include <stdlib.h>
#include <string.h>

struct slice
photos_key(const struct photos_run *run, const struct photo_person *person)
{
    return people_key(run->people, &people_items(run->people)[person->person]);
}

bool
photos_find(struct photos_run *run, const struct photo_person *person, enum finding_code code,
            const char *text, struct error *err)
{
    const struct finding_sink sink = report_sink(run->report);
    struct arena *arena = arena_new();
    struct person_facts facts;
    bool ok = people_read_label(&people_items(run->people)[person->person], run->spool, arena,
                                &facts, err);

    if (ok)
        sink.add(sink.context, &(struct finding){.code = code,
                                                 .key = photos_key(run, person),
                                                 .dn = facts.dn,
                                                 .match_id = facts.match_id,
                                                 .text = slice_of(text)});
    arena_free(arena);
    return ok;
}

static struct slice
find_identifier(const struct identifiers *identifiers, const char *type)
{
    for (size_t i = 0; i < identifiers->count; i++)
        if (slice_equal(identifiers->items[i].type, slice_of(type)))
            return identifiers->items[i].value;
    return SLICE_NONE;
}

static bool
name_person(struct photos_run *run, struct photo_person *person, struct error *err)
{
    const struct settings_photos *photos = &run->settings->photos;
    struct person_facts facts;
    struct slice identifier;
    const char *trouble, *text;

    arena_reset(run->scratch);
    if (!people_read_label(&people_items(run->people)[person->person], run->spool, run->scratch,
                           &facts, err))
        return false;
    identifier = find_identifier(&facts.identifiers, photos->identifier);
    if (identifier.data) {
        person->name = photo_name(run->arena, identifier, photos->suffix, &trouble);
        if (person->name)
            return true;
        text =
            arena_format(run->scratch, "the identifier '%.*s' %s", SLICE_ARG(identifier), trouble);
    } else {
        text = arena_format(run->scratch, "the record has no identifier of type '%s'",
                            photos->identifier);
    }
    person->fate = PHOTO_UNNAMED;
    return photos_find(run, person, FINDING_PHOTO_NAME, text, err);
}

struct folded {
    struct slice name;
    struct photo_person *person;
};

static int
compare_folded(const void *a, const void *b)
{
    const struct folded *first = a, *second = b;
    int order = slice_compare(first->name, second->name);

    if (order != 0)
        return order;
    return (first->person > second->person) - (first->person < second->person);
}

/* A web server or a disk that does not tell case apart would show one of them for the other. */
static bool
refuse_same(struct photos_run *run, const struct folded *folded, size_t count, struct error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < count; i++) {
        const char *text =
            arena_format(run->arena,
                         "the photo would be called '%s', another "
                         "person's '%s'",
                         folded[i].person->name, folded[i == 0 ? 1 : 0].person->name);

        ok = photos_find(run, folded[i].person, FINDING_PHOTO_TWICE, text, err);
    }
    for (size_t i = 0; i < count; i++) {
        folded[i].person->fate = PHOTO_UNNAMED;
        folded[i].person->name = NULL;
    }
    return ok;
}

static bool
find_same_names(struct photos_run *run, struct error *err)
{
    struct folded *folded = memory_alloc(run->count * sizeof *folded + 1);
    struct arena *arena = arena_new();
    size_t count = 0;
    bool ok = true;

    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].name)
            folded[count++] = (struct folded){identifier_fold(arena, slice_of(run->items[i].name)),
                                              &run->items[i]};
    qsort(folded, count, sizeof *folded, compare_folded);
    for (size_t from = 0, to; ok && from < count; from = to) {
        for (to = from + 1; to < count && slice_equal(folded[to].name, folded[from].name);)
            to++;
        if (to - from > 1)
            ok = refuse_same(run, folded + from, to - from, err);
    }
    arena_free(arena);
    free(folded);
    return ok;
}

bool
photos_name_people(struct photos_run *run, struct error *err)
{
    size_t all = people_count(run->people);

    run->items = memory_zero(people_count_verdict(run->people, PERSON_FIT) + 1, sizeof *run->items);
    run->of_person = memory_zero(all + 1, sizeof *run->of_person);
    for (size_t i = 0; i < all; i++) {
        struct photo_person *person = &run->items[run->count];

        if (people_items(run->people)[i].verdict != PERSON_FIT)
            continue;
        person->person = (uint32_t)i;
        run->of_person[i] = (uint32_t)++run->count;
        if (!name_person(run, person, err))
            return false;
    }
    return find_same_names(run, err);
}
