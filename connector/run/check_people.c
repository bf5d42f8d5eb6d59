#include "run/check_people.h"

#include "alma/alma.h"
#include "base/text.h"
#include "run/doubts.h"
#include "run/person.h"
#include "run/sample.h"
#include "run/unseen.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PROGRESS_EVERY = 512, DOCUMENT_BYTES = 4 << 20 };

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
    struct alma_writer *writer;
    struct buffer document; /* records that wait for the schema */
    struct error invalid;   /* what the schema has against them */
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
        inputs->mapping, inputs->record_type, &people->watch, {take_finding, people}, NULL};
    people->writer = alma_writer_new();
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
    alma_writer_free(people->writer);
    buffer_free(&people->document);
    free(people->undefined);
    unseen_free(&people->unseen);
    doubts_free(people->doubts);
    arena_free(people->scratch);
    arena_free(people->arena);
    free(people);
}

/* Holds the records that wait against the schema, until some were not valid. */
static void
validate(struct people_check *people)
{
    struct buffer *document = &people->document;

    if (document->length == 0 || people->invalid.code != ERROR_NONE)
        return;
    buffer_add(document, alma_document_end.data, alma_document_end.length);
    (void)sample_validate(document, people->inputs.messenger, &people->invalid);
    document->length = 0;
}

static void
take_user(struct people_check *people, const struct user *user)
{
    struct buffer *document = &people->document;

    people->fit++;
    if (people->invalid.code != ERROR_NONE)
        return;
    if (document->length == 0)
        buffer_add(document, alma_document_begin.data, alma_document_begin.length);
    alma_write_user(people->writer, user, document);
    if (document->length > DOCUMENT_BYTES)
        validate(people);
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
        take_user(people, &user);
        break;
    }
    return true;
}

static bool
begin_anew(void *context, struct error *err)
{
    struct people_check *people = context;

    (void)err;
    people->read = people->skipped = people->rejected = people->fit = 0;
    people->document.length = 0;
    people->invalid = ERROR_INIT;
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

    if (attributes_is_groups(slice_of(name)))
        return arena_format(people->arena, "nobody of '%s' is in any group", source);
    if (people->undefined[slot])
        return arena_format(people->arena,
                            "the schema of '%s' does not define the attribute '%s': no search can "
                            "return it",
                            source, name);
    return arena_format(people->arena,
                        "no entry of '%s' has the attribute '%s': it is misspelled, %sor without "
                        "use",
                        source, name, people->inputs.hides ? "hidden from the account, " : "");
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

static void
tell_schema(struct people_check *people)
{
    const struct probe_sink *probes = &people->inputs.probes;

    validate(people);
    if (people->invalid.code != ERROR_NONE)
        probe_fail(probes, "people.schema", &people->invalid);
    else if (people->fit > 0)
        probe_ok(probes, "people.schema", "%s valid by the schema of Alma's users",
                 people->fit == 1 ? "the record is" : "all records are");
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
    tell_schema(people);
    return stop_without_people(people, check, err);
}
