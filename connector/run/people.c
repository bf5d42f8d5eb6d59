#include "run/people.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct person {
    uint64_t identity; /* hash of the folded match identifier */
    uint64_t offset;   /* of the label in the spool */
    uint32_t label;    /* bytes of the label; 0: does not go out */
    uint32_t length;   /* bytes of the record behind it */
};

struct people {
    struct person *items;
    size_t count, capacity;
    struct spool_record *records;
    struct arena *arena; /* of one call */
};

/* Two people whose identifiers have the same hash, with what their labels say. */
struct twin {
    size_t index;
    struct slice dn, match_id, folded, folded_dn;
};

struct people *
people_new(void)
{
    struct people *people = memory_zero(1, sizeof *people);

    people->arena = arena_new();
    return people;
}

void
people_free(struct people *people)
{
    if (!people)
        return;
    arena_free(people->arena);
    free(people->items);
    free(people->records);
    free(people);
}

void
people_restart(struct people *people)
{
    people->count = 0;
}

size_t
people_count(const struct people *people)
{
    return people->count;
}

/* FNV-1a, 64 bit: it only brings candidates together, who are then compared in full. */
static uint64_t
hash(struct slice text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < text.length; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    return hash;
}

/* A label begins with the lengths of the two texts that follow. */
struct label {
    uint32_t dn_length, match_id_length;
};

void
people_write_label(struct buffer *record, struct slice dn, struct slice match_id)
{
    const struct label label = {(uint32_t)dn.length, (uint32_t)match_id.length};

    buffer_add(record, (const char *)&label, sizeof label);
    buffer_add(record, dn.data, dn.length);
    buffer_add(record, match_id.data, match_id.length);
}

bool
people_add(struct people *people, struct spool *spool, const struct buffer *record,
           struct error *err)
{
    struct spool_record place;
    struct person *person;
    struct label label;
    struct slice match_id;

    if (!spool_append(spool, (struct slice){record->data, record->length}, &place, err))
        return false;
    memcpy(&label, record->data, sizeof label);
    match_id = (struct slice){record->data + sizeof label + label.dn_length, label.match_id_length};
    memory_grow(&people->items, &people->capacity, people->count + 1, sizeof *people->items);
    person = &people->items[people->count++];
    person->offset = place.offset;
    person->label = (uint32_t)sizeof label + label.dn_length + label.match_id_length;
    person->length = (uint32_t)record->length - person->label;
    arena_reset(people->arena);
    person->identity = hash(text_fold(people->arena, match_id));
    return true;
}

static int
compare_order(const struct person *items, uint32_t a, uint32_t b)
{
    if (items[a].identity != items[b].identity)
        return items[a].identity < items[b].identity ? -1 : 1;
    return (a > b) - (a < b);
}

static int
compare_people(const void *a, const void *b, void *items)
{
    return compare_order(items, *(const uint32_t *)a, *(const uint32_t *)b);
}

static int
compare_twins(const void *a, const void *b)
{
    const struct twin *first = a, *second = b;
    int order = slice_compare(first->folded, second->folded);

    if (order == 0)
        order = slice_compare(first->folded_dn, second->folded_dn);
    if (order != 0)
        return order;
    return (first->index > second->index) - (first->index < second->index);
}

static bool
read_twin(struct people *people, struct spool *spool, size_t index, struct twin *ret_twin,
          struct error *err)
{
    const struct person *person = &people->items[index];
    char *text = arena_bytes(people->arena, person->label);
    struct label label;

    if (!spool_read(spool, person->offset, text, person->label, err))
        return false;
    memcpy(&label, text, sizeof label);
    text += sizeof label;
    ret_twin->index = index;
    ret_twin->dn = (struct slice){text, label.dn_length};
    ret_twin->match_id = (struct slice){text + label.dn_length, label.match_id_length};
    ret_twin->folded = text_fold(people->arena, ret_twin->match_id);
    ret_twin->folded_dn = text_fold(people->arena, ret_twin->dn);
    return true;
}

/* Twins who are one and the same entry, found by several searches, are kept once: returns how many
 * remain, the first found of each DN. The twins are sorted by DN. */
static size_t
merge_same_entries(struct people *people, struct twin *twins, size_t count,
                   struct people_verdict *verdict)
{
    size_t kept = 1;

    for (size_t i = 1; i < count; i++) {
        if (slice_equal(twins[i].folded_dn, twins[kept - 1].folded_dn)) {
            people->items[twins[i].index].label = 0;
            verdict->twice++;
        } else {
            twins[kept++] = twins[i];
        }
    }
    return kept;
}

/* `count` different people with the same identifier: nobody can say which one it belongs to. */
static void
hold_twins(struct people *people, const struct twin *twins, size_t count,
           const struct finding_sink *findings, struct people_verdict *verdict)
{
    for (size_t i = 0; i < count; i++) {
        const struct twin *other = &twins[i == 0 ? 1 : 0];
        char *text = arena_format(people->arena, "'%.*s' is also the match identifier of '%.*s'",
                                  SLICE_ARG(twins[i].match_id), SLICE_ARG(other->dn));

        if (count > 2)
            text = arena_format(people->arena, "%s and %zu more", text, count - 2);
        people->items[twins[i].index].label = 0;
        verdict->held++;
        findings->add(findings->context, &(struct finding){.code = FINDING_DUPLICATE,
                                                           .dn = twins[i].dn,
                                                           .match_id = twins[i].match_id,
                                                           .text = slice_of(text)});
    }
}

/* People order[from..to) have the same hash. */
static bool
judge_group(struct people *people, struct spool *spool, const uint32_t *order, size_t count,
            const struct finding_sink *findings, struct people_verdict *verdict, struct error *err)
{
    struct twin *twins;
    bool ok = true;

    arena_reset(people->arena);
    twins = arena_alloc(people->arena, count * sizeof *twins);
    for (size_t i = 0; i < count && ok; i++)
        ok = read_twin(people, spool, order[i], &twins[i], err);
    if (!ok)
        return false;
    qsort(twins, count, sizeof *twins, compare_twins);
    for (size_t from = 0, to; from < count; from = to) {
        size_t kept;

        for (to = from + 1; to < count && slice_equal(twins[to].folded, twins[from].folded);)
            to++;
        kept = merge_same_entries(people, twins + from, to - from, verdict);
        if (kept > 1)
            hold_twins(people, twins + from, kept, findings, verdict);
    }
    return true;
}

static void
keep_those_who_go_out(struct people *people)
{
    size_t kept = 0;

    for (size_t i = 0; i < people->count; i++)
        if (people->items[i].label != 0)
            people->items[kept++] = people->items[i];
    people->count = kept;
}

bool
people_judge(struct people *people, struct spool *spool, const struct finding_sink *findings,
             struct people_verdict *ret_verdict, struct error *err)
{
    uint32_t *order = memory_alloc(people->count * sizeof *order);
    bool ok = true;

    *ret_verdict = (struct people_verdict){0, 0};
    for (size_t i = 0; i < people->count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, people->count, sizeof *order, compare_people, people->items);
    for (size_t from = 0, to; from < people->count && ok; from = to) {
        uint64_t identity = people->items[order[from]].identity;

        for (to = from + 1; to < people->count && people->items[order[to]].identity == identity;)
            to++;
        if (to - from > 1)
            ok = judge_group(people, spool, order + from, to - from, findings, ret_verdict, err);
    }
    free(order);
    keep_those_who_go_out(people);
    return ok;
}

const struct spool_record *
people_records(struct people *people)
{
    people->records = memory_resize(people->records, people->count * sizeof *people->records);
    for (size_t i = 0; i < people->count; i++)
        people->records[i] = (struct spool_record){people->items[i].offset + people->items[i].label,
                                                   people->items[i].length};
    return people->records;
}
