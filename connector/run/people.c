#include "run/people.h"

#include <stdlib.h>
#include <string.h>

struct people {
    struct person *items;
    size_t count, capacity;
    struct buffer keys;
    struct buffer label;
    uint64_t *marks;
    size_t mark_count, mark_capacity;
    unsigned char *searches; /* by person; NULL: all 0 */
    size_t search_capacity;
    struct membership *memberships; /* the same */
    size_t membership_capacity;
    struct spool_record *records;
    const struct person **senders;
};

struct people *
people_new(void)
{
    return memory_zero(1, sizeof(struct people));
}

void
people_free(struct people *people)
{
    if (!people)
        return;
    buffer_free(&people->keys);
    buffer_free(&people->label);
    free(people->items);
    free(people->marks);
    free(people->searches);
    free(people->memberships);
    free(people->records);
    free(people->senders);
    free(people);
}

void
people_restart(struct people *people)
{
    people->count = 0;
    people->keys.length = 0;
    people->mark_count = 0;
}

/* The list grows with the first one who is not 0; all before are. */
static void *
note_at(void *list, size_t *capacity, size_t count, size_t size)
{
    char **items = list;
    size_t before = *items ? *capacity : 0;

    if (count > before) {
        memory_grow(list, capacity, count, size);
        memset(*items + before * size, 0, (*capacity - before) * size);
    }
    return *items + (count - 1) * size;
}

void
people_note_origin(struct people *people, const struct entry *entry)
{
    static const struct membership none;
    unsigned search = entry->search < UINT8_MAX ? entry->search : UINT8_MAX;

    if (search > 0 || people->searches)
        *(unsigned char *)note_at(&people->searches, &people->search_capacity, people->count, 1) =
            (unsigned char)search;
    if (memcmp(&entry->membership, &none, sizeof none) != 0 || people->memberships)
        *(struct membership *)note_at(&people->memberships, &people->membership_capacity,
                                      people->count, sizeof *people->memberships) =
            entry->membership;
}

struct people_origin
people_origin(const struct people *people, size_t number)
{
    struct people_origin origin = {0};

    if (number < people->search_capacity)
        origin.search = people->searches[number];
    if (number < people->membership_capacity)
        origin.membership = people->memberships[number];
    return origin;
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

uint64_t *
people_marks(struct people *people, size_t *ret_count)
{
    *ret_count = people->mark_count;
    return people->marks;
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

/* A label begins with the lengths of the texts that follow; type and value of each identifier come
 * last, with their lengths before them. */
struct label {
    uint32_t dn_length, match_id_length, fields_length, identifier_count;
};

struct label_identifier {
    uint32_t type_length, value_length;
};

static struct slice
write_label(struct people *people, const struct person_facts *facts)
{
    const struct label label = {(uint32_t)facts->dn.length, (uint32_t)facts->match_id.length,
                                (uint32_t)facts->fields.length, (uint32_t)facts->identifiers.count};

    people->label.length = 0;
    buffer_add(&people->label, (const char *)&label, sizeof label);
    buffer_add(&people->label, facts->dn.data, facts->dn.length);
    buffer_add(&people->label, facts->match_id.data, facts->match_id.length);
    buffer_add(&people->label, facts->fields.data, facts->fields.length);
    for (size_t i = 0; i < facts->identifiers.count; i++) {
        const struct identifier *item = &facts->identifiers.items[i];
        const struct label_identifier lengths = {(uint32_t)item->type.length,
                                                 (uint32_t)item->value.length};

        buffer_add(&people->label, (const char *)&lengths, sizeof lengths);
        buffer_add(&people->label, item->type.data, item->type.length);
        buffer_add(&people->label, item->value.data, item->value.length);
    }
    return (struct slice){people->label.data, people->label.length};
}

/* Leaves the marks of the person's identifiers; returns the hash of the one that matches. */
static uint64_t
mark_identifiers(struct people *people, const struct person_facts *facts)
{
    uint64_t number = people->count - 1, match = 0;

    memory_grow(&people->marks, &people->mark_capacity,
                people->mark_count + facts->identifiers.count, sizeof *people->marks);
    for (size_t i = 0; i < facts->identifiers.count; i++) {
        const struct identifier *item = &facts->identifiers.items[i];

        people->marks[people->mark_count++] =
            item->hash >> PEOPLE_MARK_SHIFT << PEOPLE_MARK_SHIFT | number;
        if (slice_equal(item->value, facts->match_id))
            match = item->hash;
    }
    return match;
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
    person->identity = mark_identifiers(people, facts);
    return true;
}

static struct identifiers
read_identifiers(const char *text, size_t count, struct arena *arena)
{
    struct identifiers identifiers = {arena_alloc(arena, count * sizeof *identifiers.items), count};

    for (size_t i = 0; i < count; i++) {
        struct label_identifier lengths;

        memcpy(&lengths, text, sizeof lengths);
        text += sizeof lengths;
        identifiers.items[i] =
            (struct identifier){.type = {text, lengths.type_length},
                                .value = {text + lengths.type_length, lengths.value_length}};
        text += lengths.type_length + lengths.value_length;
    }
    return identifiers;
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
    ret_facts->identifiers = read_identifiers(ret_facts->fields.data + label.fields_length,
                                              label.identifier_count, arena);
    return true;
}

bool
people_read_record(const struct person *person, struct spool *spool, struct arena *arena,
                   struct slice *ret_record, struct error *err)
{
    char *record = arena_bytes(arena, person->length);

    *ret_record = (struct slice){record, person->length};
    return spool_read(spool, person->offset + person->label, record, person->length, err);
}

bool
people_know_as(struct people *people, struct person *person, struct spool *spool,
               struct slice match_id, struct error *err)
{
    struct arena *arena = arena_new();
    struct spool_record place, behind;
    struct person_facts facts;
    struct slice record;
    bool ok = people_read_label(person, spool, arena, &facts, err) &&
              people_read_record(person, spool, arena, &record, err);

    facts.match_id = match_id;
    ok = ok && spool_append(spool, write_label(people, &facts), &place, err) &&
         spool_append(spool, record, &behind, err);
    if (ok) {
        person->offset = place.offset;
        person->label = place.length;
    }
    arena_free(arena);
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

uint64_t *
people_take_marks(struct people *people, size_t *ret_count)
{
    uint64_t *marks = people->marks;

    *ret_count = people->mark_count;
    people->marks = NULL;
    people->mark_count = people->mark_capacity = 0;
    return marks;
}

void
people_drop_marks(struct people *people)
{
    size_t count;

    free(people_take_marks(people, &count));
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
