#include "run/last_record.h"

#include "alma/alma.h"
#include "run/identifiers.h"

/* What the record says, for the inspector's callback. */
struct reading {
    const struct last_records *last;
    struct person_facts *facts;
    struct arena *arena;
};

void
last_record_begin(struct last_records *last)
{
    (void)people_marks(last->people, &last->judged);
}

static void
add_identifier(struct reading *reading, const char *type, struct slice value)
{
    struct identifiers *identifiers = &reading->facts->identifiers;

    if (value.length == 0)
        return;
    value = arena_slice(reading->arena, value);
    identifiers->items[identifiers->count++] = (struct identifier){
        .type = slice_of(type), .value = value, .hash = identifier_hash(value, reading->arena)};
    if (slice_equal(slice_of(type), slice_of(reading->last->match_id)))
        reading->facts->match_id = value;
}

static bool
take_record(void *context, const struct alma_inspected *record, struct error *err)
{
    struct reading *reading = context;
    struct arena *arena = reading->arena;

    (void)err;
    reading->facts->identifiers.items = arena_alloc(
        arena, (record->identifier_count + 1) * sizeof *reading->facts->identifiers.items);
    add_identifier(reading, "primary_id", record->primary_id);
    for (size_t i = 0; i < record->identifier_count; i++) {
        struct slice type = record->identifiers[i].id_type;

        add_identifier(reading, arena_copy(arena, type.data, type.length),
                       record->identifiers[i].value);
    }
    return true;
}

static bool
read_record(struct reading *reading, struct error *err)
{
    struct alma_inspector *inspector = alma_inspector_new(take_record, reading);
    bool ok;

    reading->facts->match_id = SLICE_NONE;
    reading->facts->identifiers = (struct identifiers){NULL, 0};
    ok = alma_inspect(inspector, alma_document_begin, err) &&
         alma_inspect(inspector, reading->facts->record, err);
    alma_inspector_free(inspector);
    return ok;
}

bool
last_record_read(struct slice record, const char *match_id, struct arena *arena,
                 struct person_facts *ret_facts, struct error *err)
{
    const struct last_records last = {.match_id = match_id};
    struct reading reading = {&last, ret_facts, arena};

    *ret_facts = (struct person_facts){.record = record};
    return read_record(&reading, err);
}

/* The first mark with these upper bits, or where it would be. */
static size_t
find_mark(const uint64_t *marks, size_t count, uint64_t bits)
{
    size_t from = 0, to = count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (marks[middle] >> PEOPLE_MARK_SHIFT < bits)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* A mark has half of the hash; the label tells the rest. */
static bool
has_identifier(const struct last_records *last, uint64_t mark, uint64_t hash, struct arena *arena,
               bool *ret_has, struct error *err)
{
    const struct person *person = &people_items(last->people)[(uint32_t)mark];
    struct person_facts facts;

    if (person->verdict != PERSON_FIT && person->verdict != PERSON_LEFT)
        return true;
    if (!people_read_label(person, last->spool, arena, &facts, err))
        return false;
    for (size_t i = 0; i < facts.identifiers.count; i++)
        *ret_has |= identifier_hash(facts.identifiers.items[i].value, arena) == hash;
    return true;
}

/* Among people who were read, and among leavers, whose marks stand behind those. */
static bool
is_taken(const struct last_records *last, uint64_t hash, struct arena *arena, bool *ret_taken,
         struct error *err)
{
    uint64_t bits = hash >> PEOPLE_MARK_SHIFT;
    size_t count;
    const uint64_t *marks = people_marks(last->people, &count);
    bool ok = true;

    for (size_t i = find_mark(marks, last->judged, bits);
         ok && i < last->judged && marks[i] >> PEOPLE_MARK_SHIFT == bits; i++)
        ok = has_identifier(last, marks[i], hash, arena, ret_taken, err);
    for (size_t i = last->judged; ok && i < count; i++)
        if (marks[i] >> PEOPLE_MARK_SHIFT == bits)
            ok = has_identifier(last, marks[i], hash, arena, ret_taken, err);
    return ok;
}

bool
last_record_judge(const struct last_records *last, struct person_facts *facts, struct arena *arena,
                  enum last_record_verdict *ret_verdict, struct error *err)
{
    struct reading reading = {last, facts, arena};
    bool taken = false;

    if (!read_record(&reading, err))
        return false;
    for (size_t i = 0; i < facts->identifiers.count; i++)
        if (!is_taken(last, facts->identifiers.items[i].hash, arena, &taken, err))
            return false;
    *ret_verdict = !facts->match_id.data ? LAST_RECORD_UNMATCHED
                   : taken               ? LAST_RECORD_TAKEN
                                         : LAST_RECORD_FIT;
    return true;
}
