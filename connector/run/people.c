#include "run/people.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct people {
    struct person *items;
    size_t count, capacity;
    struct buffer keys;
    struct buffer label;
    struct spool_record *records;
    const struct person **senders;
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
    buffer_free(&people->keys);
    buffer_free(&people->label);
    free(people->items);
    free(people->records);
    free(people->senders);
    free(people);
}

void
people_restart(struct people *people)
{
    people->count = 0;
    people->keys.length = 0;
}

struct person *
people_items(struct people *people)
{
    return people->items;
}

size_t
people_count(const struct people *people)
{
    return people->count;
}

struct slice
people_key(const struct people *people, const struct person *person)
{
    return (struct slice){people->keys.data + person->key, person->key_length};
}

uint64_t
people_count_verdict(const struct people *people, enum person_verdict verdict)
{
    uint64_t count = 0;

    for (size_t i = 0; i < people->count; i++)
        count += people->items[i].verdict == verdict;
    return count;
}

/* Never 0, which stands for nobody's. */
uint64_t
people_identity(struct slice match_id, struct arena *arena)
{
    struct slice folded = text_fold(arena, match_id);

    return XXH3_64bits(folded.data, folded.length) | 1;
}

/* Keys are short, but for DNs, of which what is behind 64 KiB tells nobody apart. */
static struct person *
add_person(struct people *people, struct slice key, enum person_verdict verdict)
{
    struct person *person;

    memory_grow(&people->items, &people->capacity, people->count + 1, sizeof *people->items);
    person = &people->items[people->count++];
    *person = (struct person){
        .key = people->keys.length,
        .key_length = key.length < UINT16_MAX ? (uint16_t)key.length : UINT16_MAX,
        .verdict = (unsigned char)verdict,
    };
    buffer_add(&people->keys, key.data, person->key_length);
    return person;
}

void
people_note(struct people *people, struct slice key, enum person_verdict verdict)
{
    add_person(people, key, verdict);
}

/* A label begins with the lengths of the texts that follow. */
struct label {
    uint32_t dn_length, match_id_length, fields_length;
};

static struct slice
write_label(struct people *people, const struct person_facts *facts)
{
    const struct label label = {(uint32_t)facts->dn.length, (uint32_t)facts->match_id.length,
                                (uint32_t)facts->fields.length};

    people->label.length = 0;
    buffer_add(&people->label, (const char *)&label, sizeof label);
    buffer_add(&people->label, facts->dn.data, facts->dn.length);
    buffer_add(&people->label, facts->match_id.data, facts->match_id.length);
    buffer_add(&people->label, facts->fields.data, facts->fields.length);
    return (struct slice){people->label.data, people->label.length};
}

bool
people_add(struct people *people, struct spool *spool, const struct person_facts *facts,
           enum person_verdict verdict, enum person_sending sending, struct error *err)
{
    struct slice label = write_label(people, facts);
    struct spool_record place, record;
    struct person *person;

    if (!spool_append(spool, label, &place, err) ||
        !spool_append(spool, facts->record, &record, err))
        return false;
    person = add_person(people, facts->key, verdict);
    person->offset = place.offset;
    person->label = place.length;
    person->length = record.length;
    person->sending = (unsigned char)sending;
    memcpy(person->digest, facts->digest, sizeof person->digest);
    arena_reset(people->arena);
    person->identity = people_identity(facts->match_id, people->arena);
    return true;
}

bool
people_read_label(const struct person *person, struct spool *spool, struct arena *arena,
                  struct person_facts *ret_facts, struct error *err)
{
    char *text = arena_bytes(arena, person->label);
    struct label label;

    if (!spool_read(spool, person->offset, text, person->label, err))
        return false;
    memcpy(&label, text, sizeof label);
    text += sizeof label;
    *ret_facts = (struct person_facts){
        .dn = {text, label.dn_length},
        .match_id = {text + label.dn_length, label.match_id_length},
        .fields = {text + label.dn_length + label.match_id_length, label.fields_length},
    };
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
    struct person_facts facts;

    if (!people_read_label(&people->items[index], spool, people->arena, &facts, err))
        return false;
    ret_twin->index = index;
    ret_twin->dn = facts.dn;
    ret_twin->match_id = facts.match_id;
    ret_twin->folded = text_fold(people->arena, facts.match_id);
    ret_twin->folded_dn = text_fold(people->arena, facts.dn);
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
            people->items[twins[i].index].verdict = PERSON_TWICE;
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
        people->items[twins[i].index].verdict = PERSON_HELD;
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

bool
people_judge(struct people *people, struct spool *spool, const struct finding_sink *findings,
             struct people_verdict *ret_verdict, struct error *err)
{
    uint32_t *order = memory_alloc(people->count * sizeof *order);
    size_t count = 0;
    bool ok = true;

    *ret_verdict = (struct people_verdict){0, 0};
    for (size_t i = 0; i < people->count; i++)
        if (people->items[i].verdict == PERSON_FIT)
            order[count++] = (uint32_t)i;
    qsort_r(order, count, sizeof *order, compare_people, people->items);
    for (size_t from = 0, to; from < count && ok; from = to) {
        uint64_t identity = people->items[order[from]].identity;

        for (to = from + 1; to < count && people->items[order[to]].identity == identity;)
            to++;
        if (to - from > 1)
            ok = judge_group(people, spool, order + from, to - from, findings, ret_verdict, err);
    }
    free(order);
    return ok;
}

static int
compare_deliveries(const void *a, const void *b)
{
    const struct person *first = *(const struct person *const *)a;
    const struct person *second = *(const struct person *const *)b;

    if (first->delivered != second->delivered)
        return first->delivered < second->delivered ? -1 : 1;
    return (first > second) - (first < second);
}

void
people_drop_records(struct people *people)
{
    free(people->records);
    people->records = NULL;
}

/* As they are in first runs and in full ones; sorting takes memory of its own. */
static bool
are_in_order(const struct person *const *senders, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare_deliveries(&senders[i - 1], &senders[i]) > 0)
            return false;
    return true;
}

size_t
people_send(struct people *people, const struct spool_record **ret_records,
            const struct person *const **ret_people)
{
    size_t count = 0;

    people->records = memory_resize(people->records, people->count * sizeof *people->records);
    people->senders = memory_resize(people->senders, people->count * sizeof(struct person *));
    for (size_t i = 0; i < people->count; i++) {
        const struct person *person = &people->items[i];

        if ((person->verdict == PERSON_FIT || person->verdict == PERSON_LEFT) &&
            person->sending != SENDING_NOT)
            people->senders[count++] = person;
    }
    if (!are_in_order(people->senders, count))
        qsort(people->senders, count, sizeof(struct person *), compare_deliveries);
    for (size_t i = 0; i < count; i++)
        people->records[i] = (struct spool_record){
            people->senders[i]->offset + people->senders[i]->label, people->senders[i]->length};
    *ret_records = people->records;
    *ret_people = people->senders;
    return count;
}
