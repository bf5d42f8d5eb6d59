#include "run/check_people.h"

#include "base/text.h"
#include "run/doubts.h"
#include "run/person.h"
#include "run/unseen.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PROGRESS_EVERY = 512 };

struct people_check {
    struct people_inputs inputs;
    struct person_work work;
    struct mapping_watch watch;
    struct arena *arena;   /* of the lines about attributes */
    struct arena *scratch; /* of one person */
    struct doubts *doubts;
    struct unseen unseen;
    bool *undefined;           /* by slot: the server's schema does not know it */
    const struct entry *entry; /* the present one */
    uint64_t read, skipped, rejected, fit;
};

static void
take_finding(void *context, const struct finding *finding)
{
    struct people_check *people = context;
    const struct doubt_key key = {finding->code, finding->where, finding->field};

    if (doubts_count(people->doubts, &key, people->read))
        doubts_word(people->doubts, finding->text, finding->dn);
}

static void
take_several(void *context, const char *rule, struct position where, const char *attribute,
             size_t count)
{
    struct people_check *people = context;
    const struct doubt_key key = {FINDING_SEVERAL_VALUES, where, attribute};
    const char *text;

    if (!doubts_count(people->doubts, &key, people->read))
        return;
    text = arena_format(people->scratch,
                        "'%s' has %zu values, of which '%s' takes the first in byte order",
                        attribute, count, rule);
    doubts_word(people->doubts, slice_of(text), people->entry->dn);
}

struct people_check *
people_check_new(const struct people_inputs *inputs)
{
    struct people_check *people = memory_zero(1, sizeof *people);

    people->inputs = *inputs;
    people->watch = (struct mapping_watch){.several = take_several, .context = people};
    people->work = (struct person_work){
        inputs->mapping, inputs->record_type, &people->watch, {take_finding, people}};
    people->arena = arena_new();
    people->scratch = arena_new();
    people->doubts = doubts_new();
    people->unseen = unseen_new(inputs->mapping, inputs->attributes);
    people->undefined = memory_zero(attributes_count(inputs->attributes), sizeof(bool));
    return people;
}

void
people_check_free(struct people_check *people)
{
    if (!people)
        return;
    free(people->undefined);
    unseen_free(&people->unseen);
    doubts_free(people->doubts);
    arena_free(people->scratch);
    arena_free(people->arena);
    free(people);
}

/* An identifier of the present person. */
struct identifier {
    struct slice text, folded;
    const struct position *where;
};

static void
gather(struct people_check *people, const struct user_value *value, struct identifier *to,
       size_t *count)
{
    if (value->text.length > 0 && value->where)
        to[(*count)++] =
            (struct identifier){value->text, text_fold(people->scratch, value->text), value->where};
}

/* Primary and other identifiers are one set to Alma, also within one user. */
static size_t
gather_identifiers(struct people_check *people, const struct user *user,
                   struct identifier **ret_identifiers)
{
    size_t most = user_field_count, count = 0;

    for (size_t i = 0; i < user_field_count; i++)
        most += user->lists[i].count * user_fields[i].field_count;
    *ret_identifiers = arena_alloc(people->scratch, most * sizeof **ret_identifiers);
    for (size_t i = 0; i < user_field_count; i++) {
        const struct field *field = &user_fields[i];

        if (field->identifier)
            gather(people, &user->values[i], *ret_identifiers, &count);
        for (size_t item = 0; item < user->lists[i].count; item++)
            for (size_t j = 0; j < field->field_count; j++)
                if (field->fields[j].identifier)
                    gather(people, &user->lists[i].items[item].values[j], *ret_identifiers, &count);
    }
    return count;
}

static void
tell_same(struct people_check *people, const struct identifier *one, const struct identifier *other)
{
    const struct doubt_key key = {
        FINDING_SAME_IDENTIFIER, *one->where,
        arena_format(people->scratch, "%u:%u", other->where->line, other->where->column)};
    const char *text;

    if (!doubts_count(people->doubts, &key, people->read))
        return;
    text = arena_format(people->scratch, "'%.*s' is also the identifier of %s:%u",
                        SLICE_ARG(one->text), other->where->file, other->where->line);
    doubts_word(people->doubts, slice_of(text), people->entry->dn);
}

/* Told at the second one of two. */
static void
look_at_identifiers(struct people_check *people, const struct user *user)
{
    struct identifier *identifiers;
    size_t count = gather_identifiers(people, user, &identifiers);

    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(identifiers[i].folded, identifiers[j].folded))
                tell_same(people, &identifiers[i], &identifiers[j]);
}

static bool
take_entry(void *context, const struct entry *entry, struct error *err)
{
    struct people_check *people = context;
    struct user user;

    (void)err;
    if (++people->read % PROGRESS_EVERY == 0)
        message_progress(
            people->inputs.messenger,
            &(struct progress){.phase = "reading", .done = people->read, .unit = "people"});
    arena_reset(people->scratch);
    people->entry = entry;
    unseen_note(&people->unseen, entry);
    switch (person_make(&people->work, entry, people->scratch, &user)) {
    case MAPPING_SKIPPED:
        people->skipped++;
        return true;
    case MAPPING_REJECTED:
        people->rejected++;
        return true;
    case MAPPING_MAPPED:
        people->fit++;
        break;
    }
    look_at_identifiers(people, &user);
    return true;
}

static bool
begin_anew(void *context, struct error *err)
{
    struct people_check *people = context;

    (void)err;
    people->read = people->skipped = people->rejected = people->fit = 0;
    doubts_restart(people->doubts);
    unseen_restart(&people->unseen, people->inputs.mapping, people->inputs.attributes);
    return true;
}

/* An entry that the source could not hand over was read and rejected all the same. */
static void
take_bad_entry(void *context, const struct finding *finding)
{
    struct people_check *people = context;

    people->read++;
    people->rejected++;
    take_finding(context, finding);
}

static void
take_undefined(void *context, int slot)
{
    struct people_check *people = context;

    people->undefined[slot] = true;
}

static const char *
word_unseen(const struct people_check *people, int slot, const char *source)
{
    const char *name = attributes_name(people->inputs.attributes, slot);

    if (people->undefined[slot])
        return arena_format(people->arena,
                            "the schema of '%s' does not define the attribute '%s': no search can "
                            "return it",
                            source, name);
    return arena_format(people->arena,
                        "no entry of '%s' has the attribute '%s': it is misspelled, %sor without "
                        "use",
                        source, name, people->inputs.is_ldif ? "" : "hidden from the account, ");
}

static void
tell_unseen(const struct people_check *people, struct check *check)
{
    for (size_t i = 0; i < people->unseen.count; i++) {
        int slot = people->unseen.slots[i];
        const char *text = word_unseen(people, slot, check->source);
        const struct position *where;

        for (size_t j = 0;
             (where = mapping_names_attribute(people->inputs.mapping, slot, j)) != NULL; j++) {
            memory_grow(&check->lines, &check->capacity, check->count + 1, sizeof *check->lines);
            check->lines[check->count++] = (struct check_line){
                .code = FINDING_UNKNOWN_ATTRIBUTE, .where = *where, .text = slice_of(text)};
        }
    }
}

/* What stops a run (run/run.c), before it gets there. */
static bool
stop_without_people(const struct people_check *people, const struct check *check, struct error *err)
{
    if (people->read == 0)
        return error_set(err, ERROR_DATA, "'%s' gave no entry at all: a run would deliver nothing",
                         check->source);
    return people->fit > 0 ||
           error_set(err, ERROR_DATA, "nobody of '%s' would be sent: a run would deliver nothing",
                     check->source);
}

bool
people_check_read(struct people_check *people, struct source *source, struct check *check,
                  struct error *err)
{
    const struct source_reader reader = {
        .entry = take_entry,
        .restart = begin_anew,
        .context = people,
        .findings = {take_bad_entry, people},
        .undefined = take_undefined,
    };
    struct source_result result = {0};

    if (!source_read(source, people->inputs.attributes, &reader, &result, err))
        return false;
    check->source = arena_string(people->arena, result.server);
    check->read = people->read;
    check->skipped = people->skipped;
    check->rejected = people->rejected;
    check->fit = people->fit;
    doubts_tell(people->doubts, check);
    if (people->read > 0)
        tell_unseen(people, check);
    return stop_without_people(people, check, err);
}
